"""Two who edit one unit at the same time: what the form was like when it was opened, signed."""

import re
from collections import defaultdict

from django.core import signing
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.editing.conflict_admin import CHOICE, TOKEN, chosen_in, typed_in
from portal.editing.conflicts import MINE, THEIRS, Merge, Shape

from .manager_actions import timeline_of

SALT = "organisation.unit_form"
# What helps to choose, and why: no part of what the unit is.
NOT_COMPARED = ("pick", "title", "reason")
PLACE = re.compile(r"r-([-\w]{1,60})-(\d{1,2})-state")


def shape_of(form):
    """The form as it is stored, as states are read from it."""
    shape = Shape(form, [])
    shape.fields = {
        name: field
        for name, field in shape.fields.items()
        if name.rpartition("-")[2] not in NOT_COMPARED and not name.startswith("extra-")
    }
    return shape


def token(unit, base, seen=None):
    moment = timezone.now().isoformat()
    return signing.dumps(
        {"unit": unit.pk, "base": base, "seen": seen, "at": moment}, salt=SALT, compress=True
    )


def opened(request, unit):
    """What the form was when it was opened, or None when it does not say so truly."""
    try:
        found = signing.loads(request.POST.get(TOKEN, ""), salt=SALT)
    except signing.BadSignature:
        return None
    return found if found["unit"] == unit.pk else None


def places_of(state) -> dict[str, int]:
    """{role code: places} that a form had."""
    places = defaultdict(int)
    for name in (state or {}).get("fields", {}):
        if match := PLACE.fullmatch(name):
            places[match[1]] = max(places[match[1]], int(match[2]))
    return dict(places)


def brought_together(request, unit, stored_form, known):
    """(data to save, None), or (None, the page for somebody who was not first).

    stored_form  the form of what is stored now, with the places of both
    known        what `opened` said
    """
    shape = shape_of(stored_form)
    theirs = shape.stored()
    known = known or {"base": None, "seen": None, "at": None}
    base = known["base"]
    if known["seen"] is None and base is not None and _same(base, theirs):
        return request.POST, None
    mine = shape.sent(request.POST)
    for name in shape.fields:
        # A place that came after the form was opened is left as they made it.
        if base is not None and name not in base["fields"]:
            mine["fields"][name] = theirs["fields"][name]
    if base is not None:
        # And one that is gone was what it was.
        for name, value in theirs["fields"].items():
            base["fields"].setdefault(name, value)
    shown = known["seen"] == theirs
    choices = chosen_in(request.POST) if shown else {}
    for field in shape.fields.values():
        field.short_label, field.label = field.label, f"{field.group}: {field.label}"
    merge = Merge(shape, base=base, theirs=theirs, mine=mine, choices=choices)
    if (shown and not merge.undecided) or (base is not None and merge.loses_nothing_unseen):
        data = request.POST.copy()
        shape.write(merge.state, data, files={})
        return data, None
    context = {
        "frame_title": "Uppgifterna har sparats medan du skrev" if base else "Kontrollera först",
        "unit": unit,
        "known": base is not None,
        "again": shown,
        "saved": _saved_since(unit, known["at"]),
        "to_choose": [each for each in merge.differences if each.by == "both"],
        "theirs": [each for each in merge.differences if each.by == THEIRS],
        "mine": [each for each in merge.differences if each.by == MINE],
        "kept": typed_in(request.POST),
        "choice_name": CHOICE,
        "token_name": TOKEN,
        "token": token(unit, known["base"], seen=theirs),
    }
    return None, render(request, "organisation/unit_conflict.html", context, status=409)


def _same(base, theirs):
    """A place more or less counts when something stands in it."""
    names = {*base["fields"], *theirs["fields"]}
    empty = ("", False, None)
    return all(
        (base["fields"].get(name) or "") == (theirs["fields"].get(name) or "")
        or (base["fields"].get(name) in empty and theirs["fields"].get(name) in empty)
        for name in names
    )


def _saved_since(unit, moment):
    """Who saved first and when: an entry of the unit's history."""
    since = parse_datetime(moment) if moment else None
    timeline = timeline_of(unit)
    latest = timeline.moments().first()
    if since is None or latest is None or latest < since:
        return None
    return timeline.entries([latest])[0]
