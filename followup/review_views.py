"""Where a unit answers to its figures, and where the region sees who has answered."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core import signing
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from organisation.manager_views import own_unit
from organisation.models import Unit
from portal.accounts.second_factor import second_factor_required
from portal.web.frames import Frame, frame_or_404
from portal.web.spreadsheets import csv_response

from .disclosure import reader_of, units_released
from .models import UnitReview
from .review_forms import ReviewForm
from .reviews import answers, earlier_review, save_review, years_released
from .unit_reports import year_in_short

FIELD = "opened_as"
SALT = "followup.review"
CSV_COLUMNS = [
    "hsa_id", "enhet", "enhetstyp", "år", "har svarat", "vad ser vi", "varför", "vad gör vi",
    "vem svarar", "till när", "hur gick det", "sparad",
]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@own_unit
def unit_review(request, unit, year):
    if not units_released(year).filter(unit=unit.pk).exists():
        raise Http404("Enheten har inga publicerade värden för det året.")
    if request.method != "POST":
        review, earlier = _stored(unit, year)
        return _page(request, unit, ReviewForm(instance=review, earlier=earlier))
    with transaction.atomic():
        # Whoever comes second waits here, and then sees what the first has stored.
        Unit.objects.select_for_update().filter(pk=unit.pk).order_by("pk").values_list("pk").first()
        review, earlier = _stored(unit, year)
        theirs = _state(review, earlier)
        form = ReviewForm(request.POST, instance=review, earlier=earlier)
        if _opened(request) != theirs:
            # Read once more: the form has laid what was sent over the rows that it got.
            review, earlier = _stored(unit, year)
            return _page(
                request, unit, form, 409, theirs=ReviewForm(instance=review, earlier=earlier)
            )
        if not form.is_valid():
            return _page(request, unit, form, 422)
        save_review(form.instance, form.earlier, by=request.user)
    messages.success(request, "Sparat. Den som ansvarar för uppföljningen ser kommentaren.")
    return redirect("followup:unit_review", hsa_id=unit.hsa_id, year=year)


def _stored(unit, year):
    review = UnitReview.objects.filter(unit=unit, year=year).first()
    return review or UnitReview(unit=unit, year=year), earlier_review(unit, year)


def _state(review, earlier):
    """What was stored when a form was opened, in two moments."""
    return [
        each.saved_at.isoformat() if each and each.saved_at else "" for each in (review, earlier)
    ]


def _opened(request):
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=SALT)
    except signing.BadSignature:
        return None


def _page(request, unit, form, status=200, theirs=None):
    year = form.instance.year
    crumbs = [("Start", "/"), ("Mina enheter", "/konto/mina-enheter/")]
    crumbs.append((unit.name, unit.get_absolute_url()))
    review, earlier = _stored(unit, year)
    rows = year_in_short(unit, year, reader_of(request.user))
    context = {
        "frame": Frame(title=f"Kommentera siffrorna för {year}", crumbs=crumbs),
        "unit": unit,
        "year": year,
        "form": form,
        "earlier": earlier,
        "review": review if review.pk else None,
        "rows": rows,
        "has_own": any(row.total.own for _, row in rows),
        "token_name": FIELD,
        "token": signing.dumps(_state(review, earlier), salt=SALT),
        "theirs": theirs,
    }
    return render(request, "followup/unit_review.html", context, status=status)


def for_region(view):
    allowed = permission_required("followup.view_unitreview", raise_exception=True)(view)
    return never_cache(login_required(second_factor_required(allowed)))


def _of_year(year):
    years = years_released()
    if year is None:
        return years, next(iter(years), None)
    if year not in years:
        raise Http404("Inget är publicerat för det året.")
    return years, year


@require_safe
@for_region
def review_list(request, year=None):
    years, year = _of_year(year)
    found = answers(year) if year else []
    frame = frame_or_404("indikatorer")
    context = {
        "frame": frame.below("Enheternas kommentarer", frame.page.get_absolute_url()),
        "years": years,
        "year": year,
        "answered": [each for each in found if each.review],
        "silent": [each.unit for each in found if not each.review],
        "count": len(found),
    }
    return render(request, "followup/review_list.html", context)


@require_safe
@for_region
def review_csv(request, year):
    _, year = _of_year(year)
    rows = [_csv_row(answer, year) for answer in answers(year)]
    return csv_response(f"kommentarer-{year}.csv", CSV_COLUMNS, rows)


def _csv_row(answer, year):
    unit, review = answer.unit, answer.review
    row = [unit.hsa_id, unit.name, unit.kind.name, year, "ja" if review else "nej"]
    if review is None:
        return row + [""] * (len(CSV_COLUMNS) - len(row))
    said = [review.comment, review.cause, review.action, review.owner]
    return [*row, *said, review.due, review.outcome, f"{review.saved_at:%Y-%m-%d}"]
