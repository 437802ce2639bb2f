"""What moving a page or changing its address means, before it is done."""

import copy
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.urls import resolve

from portal.web.menu import fixed_slugs

from .models import START_SLUG, Document, Page, PageVersion, Redirect

# Pages whose address other code builds: the menu, the start page, where registers are shown.
FIXED_SLUGS = {
    START_SLUG, "sok", "dokument", "kva-registrering", "lagar-och-regler", "ordlista",
} | fixed_slugs()  # fmt: skip
# Named, not imported: the views need what this module serves.
PAGE_VIEWS = "guidance.views"


@dataclass(frozen=True)
class Plan:
    """page      as it will be, not saved
    addresses  (page, old, new) of the page itself and of those below it
    texts      pages whose texts link to any of them, now or later
    """

    page: Page
    addresses: list[tuple[Page, str, str]]
    texts: list[Page]

    @property
    def old(self):
        return self.addresses[0][1]

    @property
    def new(self):
        return self.addresses[0][2]

    @property
    def below(self):
        return self.addresses[1:]


def plan_for(page: Page, *, parent: Page | None, slug: str) -> Plan:
    below = list(page.children.order_by("position", "slug"))
    before = [each.get_absolute_url() for each in (page, *_under(page, below))]
    after = copy.copy(page)
    after.parent, after.slug = parent, slug
    pages = [after, *_under(after, below)]
    new = [each.get_absolute_url() for each in pages]
    linking = PageVersion.objects.unexpired().filter(links__target__in=pages)
    texts = Page.objects.filter(pk__in=linking.values("page")).order_by("nav_title")
    return Plan(after, [*zip(pages, before, new, strict=True)], [*texts])


def _under(section, pages):
    """The pages with this row as their section, so that none asks for its own."""
    for page in pages:
        page.parent = section
    return pages


def obstacle(page: Page) -> str:
    """Why a page stays where it is, or ""."""
    if page.slug in FIXED_SLUGS or _view(page.get_absolute_url()).__module__ != PAGE_VIEWS:
        return (
            "Menyn eller en lista på webbplatsen leder till den här adressen, så den är fast. "
            "Vad sidan heter ändrar du med rubriken och titeln i menyn."
        )
    return ""


def faults(page: Page, plan: Plan) -> list[tuple[str | None, str]]:
    """What stops a plan: [("slug", "Adressnamnet …")]."""
    if reason := obstacle(page):
        return [(None, reason)]
    if plan.old == plan.new:
        return [
            (None, "Sidan har redan den adressen. Välj en annan avdelning eller ett nytt namn.")
        ]
    exclude = {field.name for field in Page._meta.fields} - {"slug", "parent"}
    try:
        plan.page.full_clean(exclude=exclude)
    except ValidationError as fault:
        return [(name, text) for name, texts in fault.message_dict.items() for text in texts]
    rows = Redirect.objects.filter(old_path__in=[new for _, _, new in plan.addresses])
    redirects = {row.old_path: row for row in rows.select_related("page")}
    changed = [row for row in plan.addresses if row[1] != row[2]]
    return [("slug", text) for page, _, new in changed if (text := _taken(page, new, redirects))]


def _taken(page, new, redirects):
    view = _view(new)
    if view.__module__ != PAGE_VIEWS:
        return f"Adressen {new} används av webbplatsen själv. Välj ett annat adressnamn."
    if view.__name__ == "document_or_page" and Document.objects.filter(slug=page.slug).exists():
        return f"På {new} finns ett dokument. Välj ett annat adressnamn."
    redirect = redirects.get(new)
    if redirect and redirect.page_id != page.pk:
        return (
            f"{new} är en omdirigering till sidan ”{redirect.page}”. Ta bort omdirigeringen "
            "eller välj ett annat adressnamn."
        )
    return ""


def _view(address):
    return resolve(address).func
