"""Registers: facts kept as rows, shown on pages and tied to texts and steps."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from portal.web.addresses import address_of

from .documents import Document
from .notes import review_note


class LegalReferenceQuerySet(models.QuerySet):
    def needing_check(self):
        """Those amended, now or soon, since somebody checked the wording."""
        return self.filter(amended_in_force_on__isnull=False).exclude(
            wording_checked_on__gte=F("amended_in_force_on")
        )


class LegalReference(models.Model):
    class Kind(models.TextChoices):
        ACT = "lag", "lag"
        ORDINANCE = "forordning", "förordning"
        REGULATION = "foreskrift", "föreskrift"
        EU = "eu", "EU-rätt"

    code = models.SlugField("kod", unique=True)
    short_name = models.CharField("kort namn", max_length=80)
    title = models.CharField("namn", max_length=300)
    number = models.CharField("nummer", max_length=30)
    chapter = models.CharField("kapitel", max_length=40, blank=True)
    parts = models.CharField(
        "delar som används",
        max_length=200,
        blank=True,
        help_text="Paragrafer eller bilagor, till exempel 14 och 31 §§.",
    )
    governs = models.TextField("reglerar")
    kind = models.CharField("slag", max_length=12, choices=Kind, default=Kind.ACT)
    in_force_from = models.DateField("i kraft från", null=True, blank=True)
    wording_checked_on = models.DateField("lydelse kontrollerad", null=True, blank=True)
    latest_amendment = models.CharField(
        "senast ändrad genom",
        max_length=30,
        blank=True,
        help_text="Ändringens nummer, till exempel 2026:123.",
    )
    amended_in_force_on = models.DateField("ändringen gäller från", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    objects = LegalReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = "lagrum"
        verbose_name_plural = "lagar och regler"
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latest_amendment="", amended_in_force_on=None)
                | (~Q(latest_amendment="") & Q(amended_in_force_on__isnull=False)),
                name="amendment_has_number_and_day",
                violation_error_message="Skriv både ändringens nummer och dagen den gäller från.",
            )
        ]

    def __str__(self):
        return f"{self.short_name} ({self.number})"

    def get_absolute_url(self):
        return f"{address_of('guidance:section', 'lagar-och-regler')}#{self.code}"

    @property
    def needs_check(self):
        """Whether an amendment is registered that the texts have not been held against.

        A text is held against it by checking the wording on a day when it is in force.
        """
        checked = self.wording_checked_on
        return self.amended_in_force_on is not None and (
            checked is None or checked < self.amended_in_force_on
        )

    @property
    def amendment(self):
        """Names the latest amendment, for what remembers having been read against it."""
        return f"{self.code} {self.latest_amendment}"

    @property
    def source_url(self):
        """Address of the statute's text; only statutes have one that is known."""
        if self.kind in {self.Kind.ACT, self.Kind.ORDINANCE}:
            return settings.LAW_URL_PATTERN.format(sfs_number=self.number)
        return ""


class GlossaryTerm(models.Model):
    class Kind(models.TextChoices):
        ABBREVIATION = "abbreviation", "förkortning"
        TERM = "term", "begrepp"

    anchor = models.SlugField("ankare", unique=True)
    term = models.CharField("ord", max_length=80)
    kind = models.CharField("slag", max_length=12, choices=Kind, default=Kind.TERM)
    meaning = models.TextField("betydelse")
    explained_in_text = models.BooleanField(
        "förklaras i löptext",
        default=False,
        help_text="För begrepp som läsaren kanske inte kan. Första gången i varje avsnitt blir "
        "ordet en knapp som visar betydelsen. Förkortningar förklaras alltid.",
    )
    forms = models.JSONField(
        "böjda former",
        default=list,
        blank=True,
        help_text="En per rad, till exempel karensavdraget. Ordet självt och genitiv med s "
        "hittas ändå.",
    )
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="läs mer på", null=True, blank=True
    )
    review_note = review_note()

    class Meta:
        verbose_name = "ord"
        verbose_name_plural = "ordlista"
        ordering = ["anchor"]

    def __str__(self):
        return self.term

    def get_absolute_url(self):
        return f"{address_of('guidance:section', 'ordlista')}#{self.anchor}"


class Actor(models.Model):
    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=80)
    main_task = models.TextField("huvuduppgift")
    involve_when = models.TextField("koppla in när")
    contact_how = models.TextField("så tar du kontakt", blank=True)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="läs mer på", null=True, blank=True
    )
    url = models.URLField("webbplats", blank=True)
    forums = models.ManyToManyField(
        "organisation.Forum", verbose_name="deltar i forum", related_name="actors", blank=True
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "samverkansaktör"
        verbose_name_plural = "samverkansaktörer"
        ordering = ["position", "code"]

    def __str__(self):
        return self.name


class Certificate(models.Model):
    class Recipient(models.TextChoices):
        INSURANCE_AGENCY = "fk", "Försäkringskassan"
        EMPLOYER = "arbetsgivare", "arbetsgivaren"
        EMPLOYMENT_SERVICE = "af", "Arbetsförmedlingen"

    code = models.CharField("beteckning", max_length=20, unique=True)
    name = models.CharField("namn", max_length=160)
    recipient = models.CharField("mottagare", max_length=12, choices=Recipient)
    issuer = models.CharField(
        "utfärdas av", max_length=80, blank=True, help_text="Tomt betyder inte kontrollerat."
    )
    when = models.CharField("när", max_length=200)
    note = models.CharField("anmärkning", max_length=300, blank=True)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="läs mer på", null=True, blank=True
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    class Meta:
        verbose_name = "intyg"
        verbose_name_plural = "intyg"
        ordering = ["position", "code"]

    def __str__(self):
        return f"{self.code} {self.name}"


class ConsentRule(models.Model):
    class Caregiver(models.TextChoices):
        PUBLIC = "public", "offentlig vårdgivare"
        PRIVATE = "private", "privat vårdgivare"
        ALL = "all", "alla vårdgivare"
        EXTERNAL = "external", "extern aktör"

    class Consent(models.TextChoices):
        NO = "no", "behövs inte"
        YES = "yes", "behövs"
        DUTY = "duty", "behövs inte – anmälan är en skyldighet"
        INFORM = "inform", "behövs inte – informera, patienten får motsätta sig"
        APPROVAL = "approval", "patientens godkännande"
        OWN_CONSENT = "own_consent", "aktören behöver ett eget samtycke"

    code = models.CharField("regel", max_length=6, unique=True)
    caregiver = models.CharField("vårdgivare", max_length=10, choices=Caregiver)
    recipient = models.CharField("mottagare", max_length=120)
    purpose = models.CharField("ändamål", max_length=160)
    any_purpose = models.BooleanField(
        "gäller alla ändamål",
        default=False,
        help_text="Svarar för de ändamål som saknar en egen regel för mottagaren.",
    )
    consent = models.CharField("samtycke", max_length=12, choices=Consent)
    answer = models.TextField("svar")
    form = models.CharField("form", max_length=160, blank=True)
    documents = models.ManyToManyField(
        Document, verbose_name="blanketter", related_name="consent_rules", blank=True
    )
    laws = models.ManyToManyField(
        LegalReference, verbose_name="lagrum", related_name="consent_rules", blank=True
    )
    law_text = models.CharField("lagstöd", max_length=160, blank=True)
    how_to_document = models.CharField("så dokumenterar du", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    class Meta:
        verbose_name = "samtyckesregel"
        verbose_name_plural = "samtyckesregler"
        ordering = ["position", "code"]

    def __str__(self):
        return f"{self.code} {self.recipient}: {self.purpose}"


class AccessGuide(models.Model):
    code = models.SlugField("kod", unique=True)
    system = models.CharField("system", max_length=80)
    who = models.CharField("för vem", max_length=120)
    assignment = models.CharField("medarbetaruppdrag", max_length=300)
    steps = models.JSONField("steg", default=list)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="läs mer på", null=True, blank=True
    )
    note = models.CharField("anmärkning", max_length=400, blank=True)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    class Meta:
        verbose_name = "behörighet"
        verbose_name_plural = "behörigheter"
        ordering = ["position", "code"]

    def __str__(self):
        return f"{self.system}, {self.who}"


class KeyFigure(models.Model):
    code = models.SlugField("kod", unique=True)
    label = models.CharField("vad siffran visar", max_length=200)
    value = models.CharField("värde", max_length=40)
    unit = models.CharField("enhet", max_length=60, blank=True)
    year = models.PositiveSmallIntegerField("år")
    source = models.CharField("källa", max_length=160)
    url = models.URLField("länk till källan", blank=True)
    note = models.CharField("anmärkning", max_length=300, blank=True)
    outdated = models.BooleanField("äldre uppgift", default=False)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = review_note()

    class Meta:
        verbose_name = "nyckeltal"
        verbose_name_plural = "nyckeltal"
        ordering = ["position", "code"]

    def __str__(self):
        return f"{self.label}, {self.year}"


class Decision(models.Model):
    code = models.SlugField("kod", unique=True)
    year = models.PositiveSmallIntegerField("år")
    decided_on = models.DateField("beslutat", null=True, blank=True)
    body = models.CharField("beslutande organ", max_length=120)
    title = models.CharField("rubrik", max_length=160)
    text = models.TextField("innebörd")
    origin = models.CharField("ursprung", max_length=120, blank=True)
    outdated = models.BooleanField("historik", default=False)

    class Meta:
        verbose_name = "beslut"
        verbose_name_plural = "beslut"
        ordering = ["-year", models.F("decided_on").desc(nulls_last=True), "code"]

    def __str__(self):
        return f"{self.year}: {self.title}"


class Agreement(models.Model):
    class AgreementLevel(models.TextChoices):
        NATIONAL = "national", "nationell"
        REGIONAL = "regional", "regional"

    code = models.SlugField("kod", unique=True)
    year = models.PositiveSmallIntegerField("år")
    period = models.CharField("period", max_length=40, blank=True)
    level = models.CharField("nivå", max_length=10, choices=AgreementLevel)
    parties = models.CharField("parter", max_length=160)
    title = models.CharField("rubrik", max_length=200)
    text = models.TextField("innebörd")
    requirements = models.JSONField("krav", default=list, blank=True)
    how_met = models.TextField("så uppfylls det i dag", blank=True)
    origin = models.CharField("ursprung", max_length=120, blank=True)
    outdated = models.BooleanField("historik", default=False)
    review_note = review_note()

    class Meta:
        verbose_name = "överenskommelse"
        verbose_name_plural = "överenskommelser"
        ordering = ["-year", "code"]

    def __str__(self):
        return f"{self.year}: {self.title}"


class Synonym(models.Model):
    words = models.JSONField(
        "ord som betyder samma sak", default=list, help_text="Sökningen byter dem med varandra."
    )

    class Meta:
        verbose_name = "synonymgrupp"
        verbose_name_plural = "synonymer"
        ordering = ["pk"]

    def __str__(self):
        return ", ".join(self.words)

    def clean(self):
        words = self.words if isinstance(self.words, list) else []
        if len({text.strip().casefold() for text in words if isinstance(text, str)} - {""}) < 2:
            raise ValidationError({"words": "Skriv minst två olika ord."})
