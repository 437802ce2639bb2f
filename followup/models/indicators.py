"""Indicators: what is counted, between whom it is compared and how it is read."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from guidance.models import Page
from organisation.models import UnitKind
from portal.editing.history import History
from portal.web.addresses import address_of

LEAST_THRESHOLD = 3


class Visibility(models.TextChoices):
    """Who may see a unit's values after a release; small counts are hidden besides."""

    PUBLIC = "public", "alla"
    SIGNED_IN = "signed_in", "inloggade"
    OWN_UNIT = "own_unit", "bara enheten själv"


class Indicator(models.Model):
    class Kind(models.TextChoices):
        PROPORTION = "proportion", "andel"
        RATE_PER_1000 = "rate_per_1000", "antal per 1 000"
        RATIO = "ratio", "kvot"
        DERIVED = "derived", "avstånd till median"

    class Direction(models.TextChoices):
        LOWER = "lower", "lägre är bättre"
        HIGHER = "higher", "högre är bättre"
        NONE = "none", "värdet är varken bra eller dåligt i sig"

    code = models.SlugField("kod", unique=True)
    name = models.CharField("namn", max_length=120)
    why = models.TextField("varför vi följer den")
    numerator_label = models.CharField("täljare", max_length=200)
    denominator_label = models.CharField("nämnare", max_length=200)
    kind = models.CharField("slag", max_length=14, choices=Kind)
    derived_from = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="räknas ut från",
        related_name="derived",
        null=True,
        blank=True,
    )
    # The same number in two indicators: what one hides the other must not show.
    counts_on = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name="nämnaren är täljaren i",
        related_name="counted_on_by",
        null=True,
        blank=True,
    )
    direction = models.CharField("riktning", max_length=6, choices=Direction)
    period = models.CharField("mätperiod", max_length=80)
    due_month = models.PositiveSmallIntegerField(
        "månad för uppföljning",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    level = models.CharField("nivå", max_length=80)
    sex_split = models.BooleanField("delas upp på kön", default=True)
    source = models.CharField("källa", max_length=160)
    threshold = models.PositiveSmallIntegerField("döljs under", default=5)
    comparison_kinds = models.ManyToManyField(
        UnitKind, verbose_name="jämförs mellan", related_name="indicators", blank=True
    )
    visibility = models.CharField(
        "enheternas värden visas för", max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    # The caregiver is then somebody else than the region, who has agreed to nothing by itself.
    private_visibility = models.CharField(
        "privata vårdgivares värden visas för",
        max_length=10,
        choices=Visibility,
        default=Visibility.OWN_UNIT,
    )
    limits = models.TextField("siffrornas begränsningar", blank=True)
    action = models.TextField("så använder du resultatet", blank=True)
    pages = models.ManyToManyField(
        Page, verbose_name="hör till sidorna", related_name="indicators", blank=True
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)
    review_note = models.CharField("återstår att granska", max_length=400, blank=True)

    history = History(
        "tidigare indikator", "tidigare indikatorer", m2m_fields=[comparison_kinds, pages]
    )

    class Meta:
        verbose_name = "indikator"
        verbose_name_plural = "indikatorer"
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="indicator_threshold_is_safe",
                condition=Q(threshold__gte=LEAST_THRESHOLD),
                violation_error_message="Gränsen för små tal får inte vara lägre än 3.",
            ),
            models.CheckConstraint(
                name="indicator_derived_names_its_source",
                condition=Q(kind="derived", derived_from__isnull=False)
                | (~Q(kind="derived") & Q(derived_from=None)),
                violation_error_message="Ange vilken indikator avståndet räknas ut från.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address_of("followup:indicator_detail", self.code)

    def clean(self):
        super().clean()
        if self.derived_from and self.derived_from.derived_from_id:
            raise ValidationError(
                {"derived_from": "Välj en indikator som har egna värden, inte en som räknas ut."}
            )
        if self.counts_on and self.counts_on.kind == self.Kind.DERIVED:
            raise ValidationError(
                {"counts_on": "Välj en indikator som har egna värden, inte en som räknas ut."}
            )
        above = self.counts_on
        while above:
            if above.pk == self.pk:
                raise ValidationError(
                    {"counts_on": "Välj en annan indikator: den här är med i hur den räknas."}
                )
            above = above.counts_on


class IndicatorVersion(models.Model):
    """How an indicator is counted from a year on, until the next version's first year.

    The indicator's own fields say how it is counted today; a version says what changed and
    whether years on either side of it may be compared.
    """

    indicator = models.ForeignKey(
        Indicator, models.CASCADE, verbose_name="indikator", related_name="versions"
    )
    first_year = models.PositiveSmallIntegerField("gäller från och med mätåret")
    change = models.TextField("så räknas den, och vad som ändrades")
    breaks_series = models.BooleanField(
        "serien bryts",
        default=False,
        help_text="Kryssa i när värden före och efter inte kan jämföras. Linjen bryts där.",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="skriven av",
        related_name="+",
        null=True,
        blank=True,
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="granskad av",
        related_name="+",
        null=True,
        blank=True,
        help_text="En annan person än den som har skrivit.",
    )
    checked_on = models.DateField("granskad den", null=True, blank=True)

    history = History("tidigare definition", "tidigare definitioner")

    class Meta:
        verbose_name = "definition"
        verbose_name_plural = "definitioner"
        ordering = ["indicator", "first_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "first_year"],
                name="indicator_version_is_unique",
                violation_error_message="Det finns redan en definition från det året.",
            ),
            models.CheckConstraint(
                name="indicator_version_year_is_a_year",
                condition=Q(first_year__gte=1990, first_year__lte=2199),
                violation_error_message="Ange året med fyra siffror, 1990–2199.",
            ),
            models.CheckConstraint(
                name="indicator_version_is_checked_by_another",
                condition=Q(author=None) | Q(checker=None) | ~Q(author=F("checker")),
                violation_error_message="Den som granskar ska inte vara den som har skrivit.",
            ),
        ]

    def __str__(self):
        return f"{self.indicator}, från {self.first_year}"
