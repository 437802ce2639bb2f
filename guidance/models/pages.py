"""Pages: what lasts of them, in a tree, and their texts, in versions."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone

from organisation.models import Profession, Role
from portal.publishing.models import WORKING, Version, VersionQuerySet
from portal.web.days import add_months, months_before

from .documents import Document
from .former_addresses import CLOSED_SEGMENTS, FormerSlug
from .registers import LegalReference

START_SLUG = "start"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_ADVICE = "Skriv med små bokstäver a–z, siffror och bindestreck: lakarintyg-dag-8."
# First segments that are addresses of the site's own (portal/urls.py).
TAKEN_SLUGS = {*CLOSED_SEGMENTS, "aktuellt", "versioner"}
# Last segments that are promised to mean something else: a page's history, its print …
TAKEN_BELOW = {"redigera", "senaste", "utskrift", "versioner"}


class Register(models.TextChoices):
    """Data that a page shows after one of its sections."""

    ACCESS_GUIDES = "access_guides", "behörigheter"
    ACTORS = "actors", "samverkansaktörer"
    AGREEMENTS = "agreements", "överenskommelser"
    CERTIFICATES = "certificates", "intyg"
    COMPETENCE_AREAS = "competence_areas", "kunskapsområden och kurser"
    CONSENT_RULES = "consent_rules", "samtyckesregler"
    CONTACT_FUNCTIONS = "contact_functions", "kontaktfunktioner"
    DECISIONS = "decisions", "beslut"
    DOCUMENTS = "documents", "dokument"
    EDUCATION = "education", "utbildningar: vem, vad och hur ofta"
    FORUMS = "forums", "forum"
    GLOSSARY = "glossary", "ordlista"
    KEY_FIGURES = "key_figures", "nyckeltal"
    LAWS = "laws", "lagar och regler"
    PERSONAL_DATA = "personal_data", "personuppgifter: vad, varför och hur länge"
    PROCESS = "process", "processens steg och roller"
    REVIEWS = "reviews", "granskningsläge"
    STRUCTURE = "structure", "organisationens nivåer"
    TIMELINE = "timeline", "tidslinje med datum"
    YEARLY_TASKS = "yearly_tasks", "årshjul"


def is_public(page: str, at=None) -> Exists:
    """That readers see the page a row belongs to, by the name of its field, at a moment (default
    now). Asked for each row that is looked at: with `page__in=` a list of all public pages would
    be made first, however few the rows."""
    return Exists(PageVersion.objects.live(at).filter(page=OuterRef(page)))


def is_live(version: str, at=None) -> Exists:
    """The same of a version."""
    return Exists(PageVersion.objects.live(at).filter(pk=OuterRef(version)))


def next_review(reviewed_on: date | None, months: int) -> date | None:
    """The day a page is due for review again, None while it never was reviewed."""
    return reviewed_on and add_months(reviewed_on, months)


class PageQuerySet(models.QuerySet):
    def public(self, at=None):
        """Pages with a version that the public may read at a moment (default now)."""
        return self.filter(is_public("pk", at))

    def due(self):
        """Pages whose next review is due, as `review_is_overdue` says of each. What an interval
        means in days differs by month, so each interval in use has its own last day."""
        today = timezone.localdate()
        due = Q(pk__in=[])
        for months in self.order_by().values_list("review_interval_months", flat=True).distinct():
            last = months_before(today, months)
            due |= Q(review_interval_months=months, reviewed_on__lte=last)
        return self.filter(due)

    def addressed(self):
        """Pages that have been approved at some time: the others have no address to give away."""
        approved = PageVersion.objects.exclude(state__in=WORKING).filter(page=OuterRef("pk"))
        return self.filter(Exists(approved))

    def named(self, slugs):
        """{slug as asked for: page}, by today's slugs and by those that pages have had."""
        slugs = set(slugs)
        pages = self.select_related("parent")
        found = {page.slug: page for page in pages.filter(slug__in=slugs)}
        if missing := slugs - found.keys():
            former = FormerSlug.objects.filter(slug__in=missing).values_list("page", "slug")
            by_page = pages.in_bulk([page for page, _ in former])
            found |= {slug: by_page[page] for page, slug in former if page in by_page}
        return found


class Page(models.Model):
    """A page's lasting part: address, place in the tree, owner and review dates.

    The slug is unique among all pages and all names that pages have had: the last segment
    of an address identifies the page, and texts link to it by slug. Slug and parent change
    at once and only by guidance.actions.move_page, which keeps old addresses leading here.
    """

    class Kind(models.TextChoices):
        START = "start", "startsida"
        GUIDELINE = "guideline", "vägledning"
        EDITORIAL = "editorial", "redaktionell sida"
        LISTING = "listing", "sida med lista ur register"
        SHEET = "sheet", "blad att skriva ut"

    slug = models.SlugField("adressnamn", unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="avdelning",
        related_name="children",
        null=True,
        blank=True,
        help_text="Tomt för en avdelnings egen sida.",
    )
    nav_title = models.CharField("titel i menyn", max_length=60)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    kind = models.CharField("sidtyp", max_length=10, choices=Kind, default=Kind.EDITORIAL)
    purpose = models.CharField(
        "syfte",
        max_length=200,
        help_text="En mening. Visas i sökresultat och av sökmotorer.",
    )
    owner = models.ForeignKey(
        Role, models.PROTECT, verbose_name="ägare", related_name="owned_pages"
    )
    audiences = models.ManyToManyField(
        Profession, verbose_name="målgrupper", related_name="pages", blank=True
    )
    first_for = models.ManyToManyField(
        Profession, verbose_name="visas först för", related_name="first_pages", blank=True
    )
    review_interval_months = models.PositiveSmallIntegerField("granskas var … månad", default=12)
    reviewed_on = models.DateField(
        "senast granskad",
        null=True,
        blank=True,
        help_text="Tomt betyder att sidan ännu inte är granskad, och det syns för läsaren.",
    )
    amendments_read = models.JSONField(
        "läst mot ändringar",
        default=list,
        blank=True,
        editable=False,
        help_text="Lagändringar som någon har läst hela sidan mot.",
    )
    register = models.CharField("lista som visas", max_length=20, choices=Register, blank=True)
    register_anchor = models.SlugField(
        "visas efter avsnittet", blank=True, help_text="Rubrikens id."
    )
    revision = models.PositiveIntegerField(
        "sparad antal gånger",
        default=0,
        editable=False,
        help_text="Säger om någon annan har sparat sidan sedan ett formulär öppnades.",
    )

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = "sida"
        verbose_name_plural = "sidor"
        ordering = ["position", "slug"]
        permissions = [("move_page", "Får flytta sidor och byta deras adress")]

    def __str__(self):
        return self.nav_title

    def get_absolute_url(self):
        return "/" if self.slug == START_SLUG else self.place

    @property
    def place(self):
        """What addresses of the page begin with; the start page's own is another."""
        # Written out: looking it up in the patterns costs more than all else of a link. A test
        # holds it to them.
        return f"/{self.parent.slug}/{self.slug}/" if self.parent_id else f"/{self.slug}/"

    def get_versions_url(self):
        """Where all its versions are; one version and a difference stand below."""
        return f"{self.place}versioner/"

    def get_feed_url(self):
        return f"{self.place}atom.xml"

    def get_feedback_url(self):
        """Where a reader's answer to "Hjälpte sidan dig?" is sent."""
        return f"/aterkoppling/{self.slug}/"

    def clean(self):
        super().clean()
        if self.parent_id and (self.parent_id == self.pk or self.parent.parent_id):
            raise ValidationError({"parent": "En sida kan bara ligga direkt under en avdelning."})
        if self.parent_id and self.pk and self.children.exists():
            raise ValidationError({"parent": "En avdelning med sidor under sig kan inte flyttas."})
        if self.slug and not SLUG.fullmatch(self.slug):
            raise ValidationError({"slug": SLUG_ADVICE})
        if self.slug in (TAKEN_BELOW if self.parent_id else TAKEN_SLUGS):
            raise ValidationError({"slug": "Adressnamnet används av webbplatsen själv."})
        former = FormerSlug.objects.filter(slug=self.slug).exclude(page=self.pk)
        if taken := former.select_related("page").first():
            raise ValidationError(
                {
                    "slug": f"”{self.slug}” har varit adressnamn för sidan ”{taken.page}” och "
                    f"leder dit. Välj ett annat, till exempel {self.slug}-2."
                }
            )

    def has_unread(self, law):
        """Whether a law is amended, and nobody has said that the page holds for the new wording."""
        return law.needs_check and law.amendment not in self.amendments_read

    @property
    def next_review(self):
        return next_review(self.reviewed_on, self.review_interval_months)

    @property
    def review_is_overdue(self):
        return self.next_review is not None and self.next_review <= timezone.localdate()


class PageVersionQuerySet(VersionQuerySet):
    def for_page(self, slug, at=None):
        """The page's released versions at a moment (default now), the current one first, with
        all that the page frame needs, in one query."""
        versions = self.released(at).filter(page__slug=slug).order_by("-number")
        return versions.with_place(at).select_related("page__parent", "page__owner")

    def with_place(self, at=None):
        """Each with its place in its page's open history: `version_count`, how many versions
        there are, and `previous_number`, the one before that can be read (or None)."""
        seen = PageVersion.objects.seen(at).filter(page=OuterRef("page")).order_by()
        before = seen.filter(number__lt=OuterRef("number"), suppressed_at=None)
        return self.annotate(
            version_count=Subquery(seen.values("page").annotate(n=Count("pk")).values("n")),
            previous_number=Subquery(before.order_by("-number").values("number")[:1]),
        )

    def with_end(self):
        """Each with `superseded_at`, when the next version came (or None)."""
        later = PageVersion.objects.seen().filter(
            page=OuterRef("page"), number__gt=OuterRef("number")
        )
        return self.annotate(
            superseded_at=Subquery(later.order_by("number").values("publish_at")[:1])
        )

    def announced(self):
        """Major changes that readers are told of, newest first, while the page is public.

        `is_first` says that the page was new.
        """
        seen = Exists(PageVersion.objects.seen().filter(pk=OuterRef("pk")))
        changes = self.filter(seen, is_public("page"), is_major=True, suppressed_at=None)
        before = PageVersion.objects.seen().filter(
            page=OuterRef("page"), number__lt=OuterRef("number")
        )
        return (
            changes.with_place()
            .annotate(is_first=~Exists(before))
            .select_related("page__parent")
            .order_by("-publish_at", "page__slug")
        )

    def working(self):
        """What is being written: drafts and texts in review, the one in use first."""
        return self.filter(state__in=WORKING).order_by("-number")


class PageVersion(Version):
    """One version of a page's texts.

    `body` is what editors write, with links by identity (`sida:slug#anchor`). `rendered`
    and `contents` are made from it when it is published (guidance.rendering.render_version),
    so that a page view only wraps them.
    """

    subject_field = "page"
    edited_through = "page"

    page = models.ForeignKey(Page, models.PROTECT, verbose_name="sida", related_name="versions")
    title = models.CharField("rubrik", max_length=120)
    lead = models.TextField("ingress", blank=True)
    brief = models.JSONField("i korthet", default=list, blank=True)
    body = models.TextField("text", blank=True)
    laws = models.ManyToManyField(
        LegalReference, verbose_name="lagrum", related_name="page_versions", blank=True
    )
    documents = models.ManyToManyField(
        Document, verbose_name="dokument", related_name="page_versions", blank=True
    )
    review_note = models.CharField(
        "återstår att granska",
        max_length=500,
        blank=True,
        help_text="Visas för läsaren: vad på sidan som en sakkunnig ännu inte har granskat.",
    )
    successor = models.ForeignKey(
        Page,
        models.PROTECT,
        verbose_name="ersatt av",
        related_name="+",
        null=True,
        blank=True,
    )
    suppressed_at = models.DateTimeField("dold i historiken", null=True, blank=True)
    suppress_reason = models.CharField(
        "varför den är dold",
        max_length=300,
        blank=True,
        help_text="Läsaren ser det i stället för texten.",
    )
    lasting = models.JSONField(
        "ändringar i sidans fasta del",
        null=True,
        blank=True,
        editable=False,
        help_text="Menytitel, ägare, målgrupper … som gäller från att versionen publiceras.",
    )
    rendered = models.TextField("färdig text", blank=True, editable=False)
    contents = models.JSONField("innehåll", default=list, blank=True, editable=False)
    confirmed_on = models.DateField(
        "bekräftad oförändrad",
        null=True,
        blank=True,
        editable=False,
        help_text="När någon senast har läst den publicerade texten och funnit att den gäller.",
    )
    faults = models.PositiveSmallIntegerField(
        "fel i texten",
        default=0,
        editable=False,
        help_text="När texten senast kontrollerades: vid publicering, av check_content eller med "
        "”Kontrollera texten”.",
    )
    preview_key = models.CharField(
        "nyckel till delad förhandsvisning",
        max_length=22,
        blank=True,
        editable=False,
        help_text="Länkar som är delade gäller så länge den är densamma.",
    )

    objects = PageVersionQuerySet.as_manager()

    class Meta(Version.Meta):
        verbose_name = "sidversion"
        verbose_name_plural = "sidversioner"
        ordering = ["page", "-number"]
        permissions = [
            ("submit_pageversion", "Får skicka sidor för granskning"),
            ("approve_pageversion", "Får godkänna och skicka tillbaka sidor"),
            ("publish_pageversion", "Får publicera sidor"),
            ("withdraw_pageversion", "Får avpublicera sidor"),
            ("suppress_pageversion", "Får dölja tidigare versioner för läsaren"),
        ]
        constraints = [
            *Version.Meta.constraints,
            models.UniqueConstraint(
                fields=["page", "number"],
                name="page_version_number_is_unique",
                violation_error_message="Sidan har redan en version med det numret.",
            ),
            models.CheckConstraint(
                name="page_version_suppressed_has_reason",
                condition=Q(suppressed_at=None) | ~Q(suppress_reason=""),
                violation_error_message="Skriv varför versionen är dold.",
            ),
        ]
        # The latest, and what is about to begin or end (portal.caching.moments).
        indexes = [
            models.Index(fields=["publish_at"], name="page_version_begins"),
            models.Index(
                fields=["expire_at"],
                condition=Q(expire_at__isnull=False),
                name="page_version_ends",
            ),
            models.Index(
                fields=["publish_at"], condition=Q(is_major=True), name="page_version_announced"
            ),
        ]

    def __str__(self):
        return f"{self.title}, version {self.number}"
