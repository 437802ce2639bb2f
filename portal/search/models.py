"""The index: what can be found, the words it holds, and which word stands where. Beside it
what editors set for search, and what it failed to find.

The index is written and read only through portal.search.index and portal.search.query.
"""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class SearchEntryQuerySet(models.QuerySet):
    def visible(self, at=None):
        """Entries the public may find at a moment (default now)."""
        return self.filter(visible_at(at or timezone.now()))


def visible_at(at, prefix=""):
    """The rule of visibility as a condition, also for rows that point at an entry."""
    begun = Q(**{f"{prefix}visible_from": None}) | Q(**{f"{prefix}visible_from__lte": at})
    not_over = Q(**{f"{prefix}visible_until": None}) | Q(**{f"{prefix}visible_until__gt": at})
    return begun & not_over


class SearchEntry(models.Model):
    """One thing that can be found; a copy of what is public about it."""

    kind = models.CharField("slag", max_length=20)
    object_id = models.PositiveBigIntegerField("objekt")
    title = models.CharField("titel", max_length=300)
    folded_title = models.CharField("titel för sökning", max_length=300, db_index=True)
    url = models.CharField("adress", max_length=300)
    length = models.PositiveIntegerField("antal ord", default=0)
    title_length = models.PositiveSmallIntegerField("antal ord i titeln", default=0)
    weight = models.FloatField("vikt", default=1.0)
    visible_from = models.DateTimeField("syns från", null=True, blank=True)
    visible_until = models.DateTimeField("syns till", null=True, blank=True)
    review_due = models.DateField("ska granskas", null=True, blank=True)

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "sökbar post"
        verbose_name_plural = "sökbara poster"
        ordering = ["kind", "object_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id"],
                name="search_entry_is_unique",
                violation_error_message="Posten finns redan.",
            )
        ]
        # What is about to begin or end (portal.caching.moments).
        indexes = [
            models.Index(fields=["visible_from"], name="search_entry_begins"),
            models.Index(
                fields=["visible_until"],
                condition=models.Q(visible_until__isnull=False),
                name="search_entry_ends",
            ),
        ]

    def __str__(self):
        return self.title


class SearchText(models.Model):
    """An entry's text, apart from it: ranking reads a thousand entries and no text.

    sections  [[where it begins in the text, anchor, heading], …], in order
    """

    entry = models.OneToOneField(
        SearchEntry, models.CASCADE, primary_key=True, verbose_name="post", related_name="text"
    )
    text = models.TextField("text", blank=True)
    sections = models.JSONField("avsnitt", default=list, blank=True)

    class Meta:
        verbose_name = "sökbar text"
        verbose_name_plural = "sökbara texter"
        ordering = ["entry"]

    def __str__(self):
        return self.text[:80]


class SearchTerm(models.Model):
    """A word that stands in some text: folded, its stem, and a spelling to show.

    backward  the stem from its end, so that endings are found by an index too
    entries   how many entries had the stem when all was indexed last; 0 for a word since then
    """

    form = models.CharField("ord", max_length=64, unique=True)
    stem = models.CharField("stam", max_length=64, db_index=True)
    backward = models.CharField("stam baklänges", max_length=64, db_index=True, default="")
    shown = models.CharField("skrivs", max_length=80)
    entries = models.PositiveIntegerField("poster", default=0)

    class Meta:
        verbose_name = "sökord"
        verbose_name_plural = "sökord"
        ordering = ["form"]

    def __str__(self):
        return self.shown


class SearchPosting(models.Model):
    """That a stem stands in an entry.

    strength  thousandths of what a match with it adds to the entry's score, before the rarity
              of the word: how often it stands there, how long the text is, whether it is in the
              title, and the entry's own weight (portal.search.ranking.strength)
    """

    stem = models.CharField("stam", max_length=64)
    entry = models.ForeignKey(
        SearchEntry, models.CASCADE, verbose_name="post", related_name="postings"
    )
    strength = models.PositiveIntegerField("styrka", default=0)
    in_title = models.BooleanField("i titeln", default=False)

    class Meta:
        verbose_name = "förekomst"
        verbose_name_plural = "förekomster"
        ordering = ["stem", "entry"]
        constraints = [
            models.UniqueConstraint(
                fields=["stem", "entry"],
                name="search_posting_is_unique",
                violation_error_message="Förekomsten finns redan.",
            )
        ]
        # Holds all that ranking reads, the strongest first.
        indexes = [
            models.Index(
                fields=["stem", "-strength", "entry", "in_title"], name="search_posting_by_strength"
            )
        ]

    def __str__(self):
        return f"{self.stem}: {self.entry_id}"


class BestBet(models.Model):
    """What editors put first for some searches. It shows only while it can be found anyhow."""

    address = models.CharField(
        "adress",
        max_length=300,
        unique=True,
        validators=[
            RegexValidator(r"^/[^/\s\\]\S*$", "Adressen börjar med / och har inga mellanslag.")
        ],
        help_text="Sidans adress på webbplatsen, till exempel /intyg/ eller /ordlista/#sgi.",
    )
    words = models.JSONField(
        "sökningar",
        default=list,
        help_text="En sökning på varje rad. Böjning, versaler och ordning spelar ingen roll.",
    )

    class Meta:
        verbose_name = "utvald träff"
        verbose_name_plural = "utvalda träffar"
        ordering = ["address"]

    def __str__(self):
        return self.address

    def clean(self):
        words = self.words if isinstance(self.words, list) else []
        if not any(isinstance(text, str) and text.strip() for text in words):
            raise ValidationError({"words": "Skriv minst en sökning."})


class MissedQuery(models.Model):
    """A search that found nothing, counted week by week.

    digest  a keyed hash of the words, so that the same search is known again
    text    the words themselves, only once several readers have asked (portal.search.missed)
    week    its Monday
    """

    digest = models.CharField("kontrollsumma", max_length=64)
    text = models.CharField("sökning", max_length=100, blank=True)
    week = models.DateField("vecka från")
    count = models.PositiveIntegerField("antal", default=0)

    class Meta:
        verbose_name = "sökning utan träff"
        verbose_name_plural = "sökningar utan träff"
        ordering = ["-week", "-count", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "week"],
                name="search_missed_query_is_unique",
                violation_error_message="Sökningen räknas redan den veckan.",
            )
        ]

    def __str__(self):
        return self.text or "(ännu inte visad)"
