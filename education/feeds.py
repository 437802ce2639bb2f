"""The calendar for other programs: what the page shows, by the same query string."""

import io
from functools import wraps

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from .entries import ImportedEntry, entries
from .feed_links import feed_links
from .forms import CalendarForm
from .ical import calendar_file, place_of
from .presenters import state_of
from .selection import selection

BAD_ADDRESS = (
    "Urvalet i adressen kan inte läsas: {faults} "
    "Gör om urvalet i kalendern på webbplatsen och kopiera adressen därifrån."
)


def feed(build):
    """A view from `build(request, form, entries)`: one selection, one tag, one refusal.

    A wrong filter is refused, where the page shows everything: a subscriber must not get other
    occasions than those chosen. The tag is of the whole answer, so nothing can be forgotten in it.
    """

    @require_safe
    @conditional_page
    @wraps(build)
    def view(request):
        form = CalendarForm(request.GET)
        if not form.is_valid():
            faults = " ".join(error for errors in form.errors.values() for error in errors)
            text = BAD_ADDRESS.format(faults=faults)
            return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
        chosen = selection(form, timezone.now())
        # Courses by themselves: a thousand occasions are held of a few.
        occasions = chosen.occasions.with_changes().select_related(None)
        about = ("course__organiser", "course__areas", "course__audiences")
        rows = chosen.merged(
            occasions.prefetch_related("sessions", *about),
            chosen.events.prefetch_related("audiences"),
        )
        response = build(request, form, entries(rows, deadlines=form.cleaned_data["anmalan"]))
        patch_cache_control(response, public=True, no_cache=True)
        return response

    return view


def name_of(request, form):
    """What the calendar is called, with its filters: "Försäkringsmedicin: Läkare · Provstad"."""
    # No comma: some programs show the backslash that the format puts before it.
    filters = " · ".join(chip.label for chip in form.chips(request.GET))
    return f"Försäkringsmedicin: {filters or 'utbildningar'}"


@feed
def calendar_ics(request, form, rows):
    content = calendar_file(
        rows,
        name=name_of(request, form),
        url=request.build_absolute_uri(),
        root=request.build_absolute_uri("/").rstrip("/"),
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="utbildningar.ics"'
    return response


@feed
def calendar_json(request, form, rows):
    now = timezone.now()
    root = request.build_absolute_uri("/").rstrip("/")
    return JsonResponse(
        {"name": name_of(request, form), "items": [item(row, root, now) for row in rows]},
        json_dumps_params={"ensure_ascii": False},
    )


def item(entry, root, now):
    if isinstance(entry, ImportedEntry):
        return imported_item(entry, now)
    occasion, course = entry.occasion, entry.occasion.course
    starts = entry.starts if entry.is_deadline else timezone.localtime(entry.starts)
    return {
        "uid": entry.uid,
        "kind": "deadline" if entry.is_deadline else "session",
        "occasion": occasion.uid,
        "title": entry.title,
        "starts": starts.isoformat(),
        "ends": timezone.localtime(entry.ends).isoformat() if entry.ends else None,
        "state": occasion.state(now),
        "cancelled_on": occasion.cancelled_on,
        "cancel_reason": occasion.cancel_reason,
        "format": occasion.format,
        "place": place_of(occasion),
        "town": occasion.town,
        "link": occasion.link,
        "registration_opens": occasion.registration_opens,
        "registration_closes": occasion.registration_closes,
        "seats_total": occasion.seats_total,
        "seats_left": occasion.seats_left,
        "course": course.slug,
        "url": f"{root}{occasion.get_absolute_url()}",
        "organiser": course.organiser.name,
        "audiences": [each.code for each in course.audiences.all()],
        "areas": [each.code for each in course.areas.all()],
        "sequence": occasion.sequence,
        "updated": occasion.changed_at.isoformat(),
    }


def imported_item(entry, now):
    """The same names, with null for what nobody has told us of another organiser's event."""
    event = entry.event
    starts, ends = (
        (event.starts_on, event.ends_on)
        if event.is_all_day
        else map(timezone.localtime, (event.starts, event.ends))
    )
    unknown = (
        *("cancel_reason", "format", "link", "registration_opens", "registration_closes"),
        *("seats_total", "seats_left", "course"),
    )
    return {
        "uid": entry.uid,
        "kind": "imported",
        "occasion": event.anchor,
        "title": entry.title,
        "starts": starts.isoformat(),
        "ends": ends.isoformat(),
        "all_day": event.is_all_day,
        "state": state_of(event, now),
        "cancelled_on": event.gone_on,
        **dict.fromkeys(unknown),
        "place": event.place,
        "town": event.town,
        "url": event.get_original_url(),
        "organiser": event.source,
        "audiences": [each.code for each in event.audiences.all()],
        "areas": [],
        "sequence": event.sequence,
        "updated": event.changed_at.isoformat(),
    }


@require_safe
def calendar_qr(request):
    """The subscription's address as a QR code, for a phone to read from the screen."""
    # Here, since few ask for it and a megabyte goes with it.
    import segno

    drawing = io.BytesIO()
    address = feed_links(request, CalendarForm(request.GET)).webcal
    # Black on white with its quiet border in dark mode too, or cameras do not see it.
    segno.make_qr(address, error="m").save(drawing, kind="svg", scale=4, light="#fff", border=4)
    response = HttpResponse(drawing.getvalue(), content_type="image/svg+xml")
    patch_cache_control(response, public=True, max_age=86400)
    return response
