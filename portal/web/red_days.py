"""Swedish public holidays by name, and the eves that are as free as they.

Source: lag (1989:253) om allmänna helgdagar; the eves of midsummer, Christmas and New Year are
free by custom and agreement.
"""

from datetime import date, timedelta

from dateutil.easter import easter

FIXED = {
    (1, 1): "nyårsdagen",
    (1, 6): "trettondedag jul",
    (5, 1): "första maj",
    (6, 6): "nationaldagen",
    (12, 24): "julafton",
    (12, 25): "juldagen",
    (12, 26): "annandag jul",
    (12, 31): "nyårsafton",
}
# Days from Easter Sunday.
MOVABLE = {
    -2: "långfredagen",
    -1: "påskafton",
    0: "påskdagen",
    1: "annandag påsk",
    39: "Kristi himmelsfärdsdag",
    49: "pingstdagen",
}
SATURDAY = 5


def red_day(day: date) -> str:
    """What a day is called when it is red, else "". Sundays are not counted."""
    if name := FIXED.get((day.month, day.day)):
        return name
    if name := MOVABLE.get((day - easter(day.year)).days):
        return name
    midsummer = _first(SATURDAY, date(day.year, 6, 20))
    if day == midsummer:
        return "midsommardagen"
    if day == midsummer - timedelta(days=1):
        return "midsommarafton"
    if day == _first(SATURDAY, date(day.year, 10, 31)):
        return "alla helgons dag"
    return ""


def _first(weekday, since):
    return since + timedelta(days=(weekday - since.weekday()) % 7)
