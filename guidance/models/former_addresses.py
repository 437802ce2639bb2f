"""Addresses that lead to a page besides its own: names it has had, and other sites' paths."""

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import Resolver404, resolve
from django.utils import timezone

# First segments of addresses that the site keeps for itself, whatever pages there are.
CLOSED_SEGMENTS = {
    "admin", "api", "aterkoppling", "forhandsgranska", "halsa", "konto", "static", "tema",
    "utseende",
}  # fmt: skip


class FormerSlug(models.Model):
    """A name that a page has had. It leads to the page for good, in whatever section an
    address has it, and texts that link by it still do: no page may take it over.

    A slug is a page's or a former slug, never both, and a former slug leads to the page
    itself: so there can be neither chains of redirects nor loops.
    """

    slug = models.SlugField("tidigare adressnamn", unique=True)
    page = models.ForeignKey(
        "guidance.Page", models.PROTECT, verbose_name="leder till", related_name="former_slugs"
    )
    replaced_at = models.DateTimeField("bytt", default=timezone.now)

    class Meta:
        verbose_name = "tidigare adressnamn"
        verbose_name_plural = "tidigare adressnamn"
        ordering = ["slug"]

    def __str__(self):
        return self.slug

    def clean(self):
        super().clean()
        pages = self._meta.get_field("page").related_model.objects
        if pages.filter(slug=self.slug).exists():
            raise ValidationError({"slug": "Adressnamnet är en sidas. Byt sidans adress först."})


class RedirectQuerySet(models.QuerySet):
    def matching(self, path, query=""):
        """Redirects from an address, the closest first: with its query, as it stands, and
        with or without a slash last."""
        paths = [f"{path}?{query}"] if query else []
        paths += [path, path.rstrip("/") if path.endswith("/") else f"{path}/"]
        paths = [each for each in paths if "\0" not in each]
        found = self.filter(old_path__in=paths).select_related("page__parent")
        return sorted(found, key=lambda row: paths.index(row.old_path))


class Redirect(models.Model):
    old_path = models.CharField(
        "gammal adress",
        max_length=200,
        unique=True,
        help_text="Allt efter värdnamnet, till exempel /intyg/gammal-sida/ eller "
        "/default.aspx?id=31. En hel adress går också bra att klistra in.",
    )
    page = models.ForeignKey("guidance.Page", models.PROTECT, verbose_name="leder till")

    objects = RedirectQuerySet.as_manager()

    class Meta:
        verbose_name = "omdirigering"
        verbose_name_plural = "omdirigeringar"
        ordering = ["old_path"]

    def __str__(self):
        return self.old_path

    def clean(self):
        super().clean()
        self.old_path = as_path(self.old_path)
        path = self.old_path.partition("?")[0]
        if path.strip("/").partition("/")[0] in CLOSED_SEGMENTS or _is_a_view_of_its_own(path):
            raise ValidationError({"old_path": "Adressen används av webbplatsen själv."})
        if page := _page_at(path, self._meta.get_field("page").related_model):
            raise ValidationError(
                {
                    "old_path": f"Där finns sidan ”{page}”. Avpublicera den och välj vad som "
                    "ersätter den, eller flytta den."
                }
            )


def as_path(text: str) -> str:
    """ "https://gamla.se/l%C3%A4kare/?id=3#a" -> "/läkare/?id=3". Raises ValidationError."""
    try:
        parts = urlsplit(text.strip())
        path = unquote(parts.path, errors="strict")
    except (ValueError, UnicodeDecodeError):
        path = ""
    if not path.startswith("/") or path == "/" or not path.isprintable():
        raise ValidationError(
            {"old_path": "Börja med / och skriv hela sökvägen, till exempel /intyg/gammal-sida/."}
        )
    return f"{path}?{parts.query}" if parts.query else path


def _is_a_view_of_its_own(path):
    """/sok/ and the like. Where a part of the address names a row, there may be none."""
    try:
        return not resolve(path).kwargs
    except Resolver404:
        return False


def _page_at(path, pages):
    slug = path.rstrip("/").rpartition("/")[2]
    page = pages.objects.filter(slug=slug).select_related("parent").first()
    return page if page and page.get_absolute_url() == path else None
