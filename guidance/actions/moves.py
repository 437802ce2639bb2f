"""A page's new place or address."""

from django.db import transaction

from portal.accounts.models import User
from portal.search.index import index, readdress

from .. import moving
from ..models import Certificate, FormerSlug, Page, PageLink, PageVersion, Redirect
from ..rendering import render_pages
from .claims import TransitionRefused, claim, require


@transaction.atomic
def move_page(
    page: Page, *, parent: Page | None, slug: str, by: User, revision: int
) -> moving.Plan:
    """Give a page a new section or a new last segment of its address, at once.

    Old addresses keep leading to it, also those of the pages below, since the last segment
    says which page it is and the names that it has had are kept. Texts that link to it are
    made ready again; they are not rewritten, for a link by a former name leads on.
    Raises TransitionRefused, EditConflict or PermissionDenied.
    """
    require(by, "move", "page")
    # One move at a time, so that two cannot give each other's name away.
    Page.objects.select_for_update().order_by("pk").first()
    claim(page, revision)
    page = Page.objects.select_related("parent").get(pk=page.pk)
    plan = moving.plan_for(page, parent=parent, slug=slug)
    if faults := moving.faults(page, plan):
        raise TransitionRefused(*(message for _, message in faults))
    if slug != page.slug:
        FormerSlug.objects.filter(slug=slug).delete()
        FormerSlug.objects.create(slug=page.slug, page=page)
    Redirect.objects.filter(old_path__in=[new for _, _, new in plan.addresses]).delete()
    plan.page.save(update_fields=["slug", "parent"])
    _readdress([each for each, _, _ in plan.addresses])
    return plan


def _readdress(pages):
    """What else shows pages' addresses: search, and texts that link to them."""
    urls = {page.pk: page.get_absolute_url() for page in pages}
    versions = PageVersion.objects.filter(page__in=urls).values_list("pk", "page")
    readdress("page", {version: urls[page] for version, page in versions})
    index("certificate", Certificate.objects.filter(page__in=urls).values_list("pk", flat=True))
    render_pages(PageLink.objects.filter(target__in=urls).values_list("version", flat=True))
