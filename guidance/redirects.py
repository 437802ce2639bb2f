"""Where an address leads that is no page's own."""

from django.shortcuts import redirect

from .models import Page, Redirect


def target(request, slug=""):
    """The page that an address leads to: one that an editor has named, or one that has had
    the address's last segment as its name. None if there is none to go on to."""
    query = request.META.get("QUERY_STRING", "")
    row = next(iter(Redirect.objects.matching(request.path, query)), None)
    page = row and _known_to_readers().filter(pk=row.page_id).first()
    if page is None and slug:
        page = named(slug)
    # A page that readers will see later may stand where its own redirect does.
    return page if page and page.get_absolute_url() != request.path else None


def named(slug):
    """The page that has had a name, None if no page that readers know of has."""
    return _known_to_readers().filter(former_slugs__slug=slug).first()


def _known_to_readers():
    return Page.objects.addressed().select_related("parent")


def moved(page):
    return kept_fresh(redirect(page, permanent=True))


def kept_fresh(response):
    """For good, but asked for each time: browsers keep a permanent redirect, and one back and
    forth would be a loop in the reader's own cache."""
    response.headers["Cache-Control"] = "no-cache"
    return response


def where_nothing_is(get_response):
    """Redirects from addresses that are not shaped as pages' (/default.aspx?id=31)."""

    def middleware(request):
        response = get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        page = target(request)
        return moved(page) if page else response

    return middleware
