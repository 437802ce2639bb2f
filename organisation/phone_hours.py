"""Phone hours in words → when somebody answers, where the words can be read surely.

    "Måndag–torsdag 8–10", "Vardagar 8.30–9", "Måndag 10–12 och onsdag 13–15"

Whatever else stands there ("efter överenskommelse") is shown as it is and says nothing here,
and neither does a day that may be a holiday.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.easter import easter
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS

from portal.web.red_days import red_day

DAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_WORKDAYS = ("vardag", "vardagar", "alla vardagar")
_DAY = rf"(?:{'|'.join(DAYS)})(?:ar)?"
_SPAN = re.compile(rf"({_DAY})\s*[–-]\s*({_DAY})")
_CLOCK = r"(\d{1,2})(?:[.:](\d\d))?"
# Days, then hours: "måndag, onsdag och fredag 9–10".
_PART = re.compile(
    rf"\s*(?P<days>[a-zåäö ,–-]+?)\s+(?:kl\.?\s*)?{_CLOCK}\s*[–-]\s*{_CLOCK}\s*(?:$|[,;.]|och\b)"
)

# "31/2", "2026-02-31", "31 februari". Two numbers are a date only where the second is a month:
# "8–10/13–15" are hours.
_DATE = re.compile(
    r"(?<![\w/.:])(?:(?P<day>\d{1,2})/(?P<month>0?[1-9]|1[0-2])"
    r"|(?P<year>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    r"|(?P<named_day>\d{1,2}) (?P<name>[a-zåäö]+))(?![\w/])",
    re.IGNORECASE,
)
# A day without a year may be a leap day.
_LEAP_YEAR = 2028


@dataclass(frozen=True)
class PhoneState:
    """open: somebody answers now, until `at`; otherwise from `at`. Swedish wall time."""

    open: bool
    at: datetime
    days_away: int = 0


def read_hours(text: str) -> dict[int, list[tuple[time, time]]] | None:
    """{weekday (0 is Monday): [(from, to)]}, None where any of it is unclear."""
    text, found, place = text.strip().lower(), {}, 0
    while place < len(text):
        match = _PART.match(text, place)
        days = match and _weekdays(match["days"])
        if not days:
            return None
        try:
            begins = time(int(match[2]), int(match[3] or 0))
            ends = time(int(match[4]), int(match[5] or 0))
        except ValueError:
            return None
        if begins >= ends:
            return None
        for day in days:
            found.setdefault(day, []).append((begins, ends))
        place = match.end()
    return {day: sorted(hours) for day, hours in found.items()} or None


def _weekdays(text):
    """The days of "måndag–onsdag och fredag", empty where a word is no day."""
    text = text.strip()
    if text in _WORKDAYS:
        return list(range(5))
    days = []
    for part in re.split(r"\s*,\s*|\s+och\s+", text):
        if span := _SPAN.fullmatch(part):
            first, last = (_number(each) for each in span.groups())
            if first >= last:
                return []
            days += range(first, last + 1)
        elif re.fullmatch(_DAY, part):
            days.append(_number(part))
        else:
            return []
    return days


def _number(day):
    return DAYS.index(day.removesuffix("ar"))


def refuse_impossible_days(text: str) -> None:
    """A date in phone hours has to be one; what else stands there is free. ValidationError."""
    months = {str(name).lower(): number for number, name in MONTHS.items()}
    for match in _DATE.finditer(text):
        month = match["month"] or match["iso_month"] or months.get(match["name"].lower())
        if month is None:
            continue
        day = match["day"] or match["iso_day"] or match["named_day"]
        try:
            date(int(match["year"] or _LEAP_YEAR), int(month), int(day))
        except ValueError:
            raise ValidationError(
                "”%(given)s” är inget datum. Skriv en dag som finns, till exempel 28/2.",
                code="impossible_day",
                params={"given": match[0]},
            ) from None


def phone_state(text: str, now: datetime) -> PhoneState | None:
    """Whether somebody answers at a moment of Swedish time, or when next; None if unsure."""
    hours = read_hours(text)
    if hours is None:
        return None
    for days_away in range(8):
        day = now.date() + timedelta(days_away)
        if may_be_holiday(day):
            return None
        for begins, ends in hours.get(day.weekday(), []):
            begins, ends = (
                datetime.combine(day, clock, tzinfo=now.tzinfo) for clock in (begins, ends)
            )
            if begins <= now < ends:
                return PhoneState(True, ends)
            if now < begins:
                return PhoneState(False, begins, days_away)
    return None


def may_be_holiday(day: date) -> bool:
    """Red days, and the days beside them when many places are closed."""
    # Maundy Thursday and the day after Ascension Day; the eves of Epiphany and of the first of May.
    beside = (day - easter(day.year)).days in (-3, 40) or (day.month, day.day) in {(1, 5), (4, 30)}
    return beside or bool(red_day(day))
