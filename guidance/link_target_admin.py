"""What a text may link to on the site, found by some letters: for the page form's box of links, and
as a page of its own for whoever has no script."""

import re

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Q, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.http import JsonResponse
from django.template.response import TemplateResponse

from .models import PageVersion

MOST = 12
SHORTEST = 2


def link_targets(text: str) -> list[tuple[str, str]]:
    """[("sida:samtycke#muntligt", "Samtycke: Muntligt samtycke")], at most MOST: what has every
    word in its title or address. The very address stands first, then titles that begin with the
    first word."""
    # What no text holds, and no database takes.
    asked = re.sub(r"[\x00-\x1f\ud800-\udfff]", " ", text).strip().casefold()
    if len(asked) < SHORTEST:
        return []
    words = asked.split()
    found = []
    for slug, title, contents in _pages(asked, words).iterator():
        headings = [(f"#{each['id']}", f"{title}: {each['title']}") for each in contents]
        for anchor, target in [("", title), *headings]:
            href = f"sida:{slug}{anchor}"
            if all(word in f"{target} {href}".casefold() for word in words):
                found.append((href, target))
        if len(found) >= MOST:
            break
    found.sort(
        key=lambda target: (target[0] != asked, not target[1].casefold().startswith(words[0]))
    )
    return found[:MOST]


def _pages(asked, words):
    """(slug, title, contents) of live pages that may have the words, the likeliest first.

    The database is asked for the words' letters a–z and figures only: it stores a heading's ö as
    an escape, and SQLite takes ö and Ö for different letters.
    """
    begins = Q(page__nav_title__istartswith=words[0])
    begins |= Q(page__nav_title__istartswith=words[0].capitalize())
    address = asked.removeprefix("sida:").split("#")[0]
    rows = PageVersion.objects.live().annotate(
        all_text=Concat(
            Value("sida:"),
            "page__slug",
            "page__nav_title",
            Cast("contents", TextField()),
            output_field=TextField(),
        ),
        rank=Case(When(page__slug=address, then=0), When(begins, then=1), default=2),
    )
    for piece in sorted(set(re.findall("[a-z0-9]+", asked)), key=len, reverse=True):
        rows = rows.filter(all_text__icontains=piece)
    rows = rows.order_by("rank", "page__nav_title")
    return rows.values_list("page__slug", "page__nav_title", "contents")


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
