"""How it goes: indicators, their values per unit and year, and the yearly tasks."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from guidance.models import Page
from organisation.models import Role, Unit, UnitKind
from portal.web.history import History

LEAST_THRESHOLD = 3


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
    direction = models.CharField("riktning", max_length=6, choices=Direction)
    period = models.CharField("mätperiod", max_length=80)
    due_month = models.PositiveSmallIntegerField("månad för uppföljning", null=True, blank=True)
    level = models.CharField("nivå", max_length=80)
    sex_split = models.BooleanField("delas upp på kön", default=True)
    source = models.CharField("källa", max_length=160)
    threshold = models.PositiveSmallIntegerField("döljs under", default=5)
    comparison_kinds = models.ManyToManyField(
        UnitKind, verbose_name="jämförs mellan", related_name="indicators", blank=True
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
        return reverse("followup:indicator_detail", args=[self.code])

    def clean(self):
        super().clean()
        if self.derived_from and self.derived_from.derived_from_id:
            raise ValidationError(
                {"derived_from": "Välj en indikator som har egna värden, inte en som räknas ut."}
            )


class Sex(models.TextChoices):
    TOTAL = "total", "totalt"
    WOMEN = "women", "kvinnor"
    MEN = "men", "män"


class Measurement(models.Model):
    """A true value. It leaves this app only through followup.disclosure, which hides
    small counts; nothing else may read the table."""

    class State(models.TextChoices):
        VALUE = "value", "värde"
        MISSING = "missing", "saknas"
        NOT_APPLICABLE = "not_applicable", "ej aktuellt"

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="indikator", related_name="+"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="enhet", related_name="+")
    year = models.PositiveSmallIntegerField("år")
    sex = models.CharField("kön", max_length=5, choices=Sex, default=Sex.TOTAL)
    numerator = models.PositiveIntegerField("täljare", null=True, blank=True)
    denominator = models.PositiveIntegerField("nämnare", null=True, blank=True)
    state = models.CharField("läge", max_length=14, choices=State, default=State.VALUE)

    class Meta:
        verbose_name = "mätvärde"
        verbose_name_plural = "mätvärden"
        ordering = ["indicator", "year", "unit", "sex"]
        # The admin's list of them in its order, of all and of those in a state.
        indexes = [
            models.Index(fields=["unit", "indicator", "year", "sex"]),
            models.Index(fields=["state", "unit", "indicator", "year", "sex"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "unit", "sex"],
                name="measurement_is_unique",
                violation_error_message="Värdet finns redan.",
            ),
            models.CheckConstraint(
                name="measurement_value_has_numbers",
                condition=~Q(state="value") | Q(numerator__isnull=False, denominator__isnull=False),
                violation_error_message="Ange täljare och nämnare.",
            ),
        ]

    def __str__(self):
        return f"{self.indicator}, {self.unit}, {self.year}, {self.get_sex_display()}"


class YearlyTask(models.Model):
    code = models.SlugField("kod", unique=True)
    month = models.PositiveSmallIntegerField("månad")
    title = models.CharField("uppgift", max_length=160)
    text = models.TextField("beskrivning", blank=True)
    owner = models.ForeignKey(
        Role, models.PROTECT, verbose_name="ansvarig", related_name="yearly_tasks"
    )
    indicator = models.ForeignKey(
        Indicator,
        models.PROTECT,
        verbose_name="indikator",
        related_name="yearly_tasks",
        null=True,
        blank=True,
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "uppgift i årshjulet"
        verbose_name_plural = "årshjul"
        ordering = ["month", "position", "code"]
        constraints = [
            models.CheckConstraint(
                name="yearly_task_month_is_a_month",
                condition=Q(month__gte=1, month__lte=12),
                violation_error_message="Månaden anges som 1–12.",
            )
        ]

    def __str__(self):
        return self.title
