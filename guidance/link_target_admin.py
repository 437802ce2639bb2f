"""What a text may link to on the site, found by some letters: for the page form's box of links, and
as a page of its own for whoever has no script."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.template.response import TemplateResponse

from .models import PageVersion

MOST = 12
SHORTEST = 2


def link_targets(text: str) -> list[tuple[str, str]]:
    """[("sida:samtycke#muntligt", "Samtycke: Muntligt")], at most MOST: what has every word in its
    title or address. The very address stands first, then titles that begin with the first word."""
    asked = text.strip().casefold()
    if len(asked) < SHORTEST:
        return []
    words = asked.split()
    found = [
        (href, title)
        for href, title in _all_targets()
        if all(word in f"{title} {href}".casefold() for word in words)
    ]
    found.sort(
        key=lambda target: (target[0] != asked, not target[1].casefold().startswith(words[0]))
    )
    return found[:MOST]


def _all_targets():
    rows = PageVersion.objects.live().order_by("page__nav_title")
    for slug, title, contents in rows.values_list("page__slug", "page__nav_title", "contents"):
        yield f"sida:{slug}", title
        for each in contents:
            yield f"sida:{slug}#{each['id']}", f"{title}: {each['title']}"


def link_targets_view(model_admin, request):
    found = _asked(model_admin, request)
    title = "Sidor och avsnitt att länka till"
    context = model_admin.context(request, None, title, targets=found, text=_text(request))
    return TemplateResponse(request, "admin/guidance/page/link_targets.html", context)


def link_targets_json(model_admin, request):
    found = _asked(model_admin, request)
    return JsonResponse({"targets": [{"href": href, "title": title} for href, title in found]})


def _asked(model_admin, request):
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    return link_targets(_text(request))


def _text(request):
    return request.GET.get("q", "")[:100]
