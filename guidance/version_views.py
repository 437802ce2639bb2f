"""What a page has said: all its public versions, one of them, two of them compared."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from organisation.models import Role

from . import redirects
from .models import Page, PageVersion
from .presenters import LABEL
from .rendering import REGISTER_PLACE, make_ready
from .version_forms import CompareForm
from .version_parts import differences
from .version_presenters import folded, history_frame, period_of

A_PAGE = 25


def page_or_404(request, slug):
    """The page with the slug, or that has had it; its history is open when readers have seen
    it, also when the page is gone."""
    page = Page.objects.addressed().named([slug]).get(slug)
    if page is None or not PageVersion.objects.seen().filter(page=page).exists():
        raise Http404("Sidan finns inte.")
    return page


def elsewhere(request, url):
    """To the history's own address, when it was asked for by another: a former name or section,
    a number written in another way."""
    return redirects.moved(url) if request.path != url else None


def versions_of(page):
    rows = PageVersion.objects.filter(page=page).seen().order_by("-number")
    return rows.with_end().select_related("page__parent")


def is_public(page):
    return PageVersion.objects.live().filter(page=page).exists()


@require_safe
def version_list(request, slug, section=""):
    page = page_or_404(request, slug)
    url = page.get_versions_url()
    if answer := elsewhere(request, url):
        return answer
    numbers = list(versions_of(page).filter(suppressed_at=None).values_list("number", "publish_at"))
    form = CompareForm(
        request.GET if {"fran", "till"} & set(request.GET) else None,
        choices=[(number, f"Version {number}, {day(at)}") for number, at in numbers],
        initial={"fran": numbers[1][0], "till": numbers[0][0]} if len(numbers) > 1 else None,
    )
    if form.is_bound and form.is_valid():
        old, new = sorted([form.cleaned_data["fran"], form.cleaned_data["till"]])
        return redirect(f"{url}{old}..{new}/")
    shown = Paginator(versions_of(page).defer("body", "rendered"), A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "frame": history_frame(page, "Versioner"),
        "page": page,
        "is_public": is_public(page),
        "shown": shown,
        "rows": history_rows(list(shown), [number for number, _ in numbers]),
        "form": form,
        "may_compare": len(numbers) > 1,
    }
    return render(request, "guidance/version_list.html", context)


def history_rows(versions, readable):
    """Versions with their days, their owner then where that is known, and the number of the
    version before that can be read."""
    now = timezone.now()
    owners = Role.objects.in_bulk(
        {key for each in versions if isinstance(key := (each.lasting or {}).get("owner"), int)}
    )
    return [
        {
            "version": version,
            "period": period_of(version, now),
            "owner": owners.get((version.lasting or {}).get("owner")),
            "before": next((number for number in readable if number < version.number), None),
        }
        for version in versions
    ]


def day(at):
    return date_format(timezone.localtime(at), "j F Y")


def hidden(request, page, versions):
    """The answer when one of the versions is hidden: that it was, when and why."""
    version = next((each for each in versions if each.suppressed_at), None)
    if version is None:
        return None
    context = {
        "frame": history_frame(page, f"Version {version.number} är dold", below=True),
        "page": page,
        "version": version,
        "period": period_of(version, timezone.now()),
    }
    return render(request, "guidance/version_hidden.html", context, status=410)


@require_safe
def version_detail(request, slug, number, section=""):
    page = page_or_404(request, slug)
    version = versions_of(page).filter(number=number).first()
    if version is None:
        raise Http404("Versionen finns inte.")
    if answer := elsewhere(request, f"{page.get_versions_url()}{number}/"):
        return answer
    if answer := hidden(request, page, [version]):
        return answer
    if not version.rendered:
        make_ready(version)  # loaded as already gone, so it was never made ready
    public = is_public(page)
    frame = history_frame(page, version.title, below=True)
    before, _, after = LABEL.sub("", version.rendered).partition(REGISTER_PLACE)
    frame.lead, frame.brief, frame.contents = version.lead, version.brief, version.contents
    frame.review_note, frame.body = version.review_note, (before, after)
    context = {
        "frame": frame,
        "page": page,
        "version": version,
        "period": period_of(version, timezone.now()),
        "is_public": public,
        "is_current": public and version.superseded_at is None,
        "canonical": request.build_absolute_uri(page.get_absolute_url()) if public else "",
        "has_list": REGISTER_PLACE in version.rendered,
    }
    return render(request, "guidance/version_detail.html", context)


@require_safe
def version_difference(request, slug, old, new, section=""):
    page = page_or_404(request, slug)
    if old == new:
        raise Http404("Det är samma version.")
    old, new = sorted([old, new])
    rows = {row.number: row for row in versions_of(page).filter(number__in=[old, new])}
    if len(rows) < 2:
        raise Http404("Versionerna finns inte.")
    if answer := elsewhere(request, f"{page.get_versions_url()}{old}..{new}/"):
        return answer
    if answer := hidden(request, page, rows.values()):
        return answer
    now = timezone.now()
    parts = differences(rows[old], rows[new])
    public = is_public(page)
    context = {
        "frame": history_frame(page, f"Skillnad mellan version {old} och {new}", below=True),
        "page": page,
        "old": rows[old],
        "new": rows[new],
        "old_period": period_of(rows[old], now),
        "new_period": period_of(rows[new], now),
        "parts": [part for part in parts if part.change != "same"],
        "same": folded(parts),
        "is_public": public,
        "canonical": request.build_absolute_uri(page.get_absolute_url()) if public else "",
    }
    return render(request, "guidance/version_difference.html", context)
