"""Dates in a pack that count from the day it was first loaded."""

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from portal.web.days import add_months

_DAY = re.compile(r"^today(?:([+-]\d+)(d|mo|y))?$")
_MOMENT = re.compile(r"^week([+-]\d+) (mon|tue|wed|thu|fri|sat|sun) (\d\d):(\d\d)$")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def absolute(value, loaded_on: date):
    """A pack's value with its relative dates made absolute, inside lists and tables too.

    "today-60d", "today+2mo", "today-1y"  → date
    "week+3 tue 13:00"                    → Swedish wall time on the Tuesday of the ISO
                                            week three weeks after the load week
    """
    if isinstance(value, dict):
        return {key: absolute(each, loaded_on) for key, each in value.items()}
    if isinstance(value, list):
        return [absolute(each, loaded_on) for each in value]
    if isinstance(value, datetime):
        return value if value.tzinfo else timezone.make_aware(value)
    if not isinstance(value, str):
        return value
    if match := _DAY.match(value):
        number, unit = int(match[1] or 0), match[2] or "d"
        if unit == "d":
            return loaded_on + timedelta(days=number)
        return add_months(loaded_on, number * (12 if unit == "y" else 1))
    if match := _MOMENT.match(value):
        monday = loaded_on - timedelta(days=loaded_on.weekday())
        day = monday + timedelta(weeks=int(match[1]), days=_WEEKDAYS.index(match[2]))
        return timezone.make_aware(datetime.combine(day, time(int(match[3]), int(match[4]))))
    return value
