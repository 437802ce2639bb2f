"""Documents and their versions: a file of ours or a link, each with its time."""

from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from guidance.document_files import CONTENT_TYPES, KINDS, FileRefused, read_document, readable_size
from guidance.storage import document_storage
from organisation.models import Role
from organisation.periods import Period, PeriodQuerySet
from portal.editing.last_day import last_day_before
from portal.web.personal_numbers import has_personal_number

from .notes import review_note

# Last segments of a document's addresses that mean something else.
TAKEN_VERSIONS = {"senaste"}


class Document(models.Model):
    class Kind(models.TextChoices):
        GUIDELINE = "riktlinje", "riktlinje"
        ASSIGNMENT = "uppdrag", "uppdragsbeskrivning"
        FORM = "blankett", "blankett"
        TEMPLATE = "mall", "mall"
        QUESTIONNAIRE = "formular", "formulär"
        REPORT = "rapport", "rapport"
        SUPPORT = "stod", "kunskapsstöd"
        AGREEMENT = "overenskommelse", "överenskommelse"
        CERTIFICATE = "intyg", "intyg"

    slug = models.SlugField("adressnamn", unique=True)
    code = models.CharField("beteckning", max_length=12, unique=True)
    title = models.CharField("titel", max_length=160)
    kind = models.CharField("slag", max_length=16, choices=Kind)
    issuer = models.CharField("utgivare", max_length=80)
    description = models.TextField("beskrivning", blank=True)
    url = models.URLField("länk", blank=True)
    page = models.ForeignKey(
        "guidance.Page",
        models.PROTECT,
        verbose_name="finns som sida",
        related_name="published_documents",
        null=True,
        blank=True,
    )
    roles = models.ManyToManyField(
        Role, verbose_name="roller", related_name="documents", blank=True
    )
    review_note = review_note()

    class Meta:
        verbose_name = "dokument"
        verbose_name_plural = "dokument"
        ordering = ["kind", "title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("guidance:document_detail", args=[self.slug])

    @property
    def arranged_versions(self):
        """`versions` as fetched: the one in force, the others by their first day, and last
        editions that are only known of."""
        rows = [*self.versions.all()]
        dated = [row for row in rows if row.valid_from]
        dated.sort(key=lambda row: (row.is_in_force, row.valid_from), reverse=True)
        return [*dated, *(row for row in rows if not row.valid_from)]

    @property
    def current_version(self):
        return next((row for row in self.versions.all() if row.is_in_force), None)

    def check_versions(self, versions):
        """Versions that readers get must not be in force at the same time.

        Called by whoever saves several at once: the first may be wrong until the second is.
        """
        dated = sorted(
            (version for version in versions if version.valid_from),
            key=lambda version: version.valid_from,
        )
        for earlier, later in pairwise(dated):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise ValidationError(
                    f"Versionerna ”{earlier.label}” och ”{later.label}” gäller samtidigt. Låt "
                    f"”{earlier.label}” gälla till och med senast "
                    f"{last_day_before(later.valid_from):%Y-%m-%d}."
                )


class DocumentVersionQuerySet(PeriodQuerySet):
    def public(self, on=None):
        """Those that readers may know of: none whose first day is to come."""
        return self.exclude(valid_from__gt=on or timezone.localdate())

    def published(self, on=None):
        """Those that readers can open: with a file or a link, and a first day that has come."""
        return self.filter(valid_from__lte=on or timezone.localdate())

    def in_force(self, on=None):
        return self.published(on).on(on)


class VersionFile(FieldFile):
    @property
    def url(self):
        """Where an editor sees the file; readers get `DocumentVersion.file_url`."""
        return reverse("admin:guidance_document_file", args=[self.instance.pk])


class VersionFileField(models.FileField):
    attr_class = VersionFile


class DocumentVersion(Period):
    """An edition of a document.

    With a file or a link it is a version that readers open here, from `valid_from` on, and
    has an address of its own (`slug`). Without both it only tells that an edition is known.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", KINDS["pdf"]
        DOCX = "docx", KINDS["docx"]
        XLSX = "xlsx", KINDS["xlsx"]
        ODT = "odt", KINDS["odt"]

    class Language(models.TextChoices):
        SWEDISH = "sv", "svenska"
        EASY_SWEDISH = "sv-x-lattlast", "lätt svenska"
        ENGLISH = "en", "engelska"
        FINNISH = "fi", "finska"
        ARABIC = "ar", "arabiska"
        OTHER = "und", "annat språk"

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    label = models.CharField("version", max_length=40)
    slug = models.SlugField(
        "versionens adressnamn",
        blank=True,
        help_text="Sista delen av versionens adress. Tomt blir versionens namn.",
    )
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    note = models.CharField("anmärkning", max_length=200, blank=True)
    file = VersionFileField("fil", storage=document_storage, blank=True, max_length=120)
    url = models.URLField("länk", blank=True, validators=[URLValidator(schemes=["http", "https"])])
    language = models.CharField("språk", max_length=20, choices=Language, default=Language.SWEDISH)
    accessible = models.BooleanField(
        "tillgänglig för skärmläsare", null=True, blank=True,
        help_text="Okänt visas som att det inte är kontrollerat.",
    )  # fmt: skip
    position = models.PositiveSmallIntegerField("ordning", default=0)
    # What the file is, set from its content when it comes.
    file_name = models.CharField("filens namn", max_length=120, blank=True, editable=False)
    file_kind = models.CharField("filtyp", max_length=4, choices=Kind, blank=True, editable=False)
    file_size = models.PositiveIntegerField("storlek i byte", null=True, editable=False)
    file_pages = models.PositiveIntegerField("sidor", null=True, editable=False)
    checksum = models.CharField("SHA-256", max_length=64, blank=True, editable=False)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "dokumentversion"
        verbose_name_plural = "dokumentversioner"
        ordering = ["position", "-pk"]
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(file="") | Q(url=""),
                name="document_version_is_file_or_link",
                violation_error_message="En version är antingen en fil eller en länk, inte båda.",
            ),
            models.CheckConstraint(
                condition=Q(file="", url="", valid_from=None, valid_to=None)
                | (Q(valid_from__isnull=False) & ~(Q(file="") & Q(url=""))),
                name="document_version_opens_from_a_day",
                violation_error_message="En version med datum ska ha en fil eller en länk, och "
                "en version med fil eller länk ska ha en första dag.",
            ),
            models.UniqueConstraint(
                fields=["document", "slug"],
                condition=~Q(slug=""),
                name="document_version_slug_is_unique",
                violation_error_message="Dokumentet har redan en version med det adressnamnet.",
            ),
        ]

    def __str__(self):
        return f"{self.document}, {self.label}"

    def get_absolute_url(self):
        if not self.slug:
            return self.document.get_absolute_url()
        return reverse("guidance:document_version", args=[self.document.slug, self.slug])

    def clean(self):
        super().clean()
        if self.file and self.url:
            raise ValidationError({"url": "Välj en fil eller en länk, inte båda."})
        if (self.file or self.url) and not self.valid_from:
            raise ValidationError({"valid_from": "Skriv från vilken dag versionen gäller."})
        if self.valid_from and not self.file and not self.url:
            raise ValidationError({"file": "En version som gäller ska ha en fil eller en länk."})
        if (self.file or self.url) and not self.slug:
            self.slug = slugify(self.label)[:50].strip("-")
        if (self.file or self.url) and (not self.slug or self.slug in TAKEN_VERSIONS):
            raise ValidationError({"slug": "Skriv ett annat adressnamn, till exempel 2026."})
        self._read_file()

    def _read_file(self):
        """The facts of a file that has just come; those of a stored one stand already."""
        if self.file and self.file._committed:
            return
        if not self.file:
            self.file_name = self.file_kind = self.checksum = ""
            self.file_size = self.file_pages = None
            return
        try:
            facts = read_document(self.file.file, self.file.name, largest=settings.LARGEST_DOCUMENT)
        except FileRefused as fault:
            raise ValidationError({"file": str(fault)}) from None
        stem, _, ending = self.file.name.replace("\\", "/").rpartition("/")[2].rpartition(".")
        if has_personal_number(stem):
            raise ValidationError(
                {"file": "Filens namn ser ut att innehålla ett personnummer. Döp om filen."}
            )
        self.file_name = f"{stem[:100]}.{ending}"
        self.file_kind, self.file_size = facts.kind, facts.size
        self.file_pages, self.checksum = facts.pages, facts.checksum

    @property
    def content_type(self):
        return CONTENT_TYPES[self.file_kind]

    @property
    def download_name(self):
        """Plain letters only: part of the address."""
        return f"{self.document.slug}-{self.slug}.{self.file_kind}"

    @property
    def file_url(self):
        """The file's own address. With its checksum, so that it may be kept for long."""
        names = [self.document.slug, self.slug, self.download_name]
        address = reverse("guidance:document_file", args=names)
        return f"{address}?v={self.checksum[:12]}"

    @property
    def readable_size(self):
        return readable_size(self.file_size)

    @property
    def year_shown(self):
        return self.year or (self.valid_from.year if self.valid_from else None)

    @property
    def is_in_force(self):
        started = self.valid_from is not None and self.valid_from <= timezone.localdate()
        return started and not self.has_ended
