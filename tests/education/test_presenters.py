from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from education.models import Occasion, OccasionState
from education.presenters import STATE_TAGS, calendar_row, months

UTC = ZoneInfo("UTC")


def occasion(starts, hours=2):
    row = Occasion(uid=f"{starts:%Y%m%d%H}")
    row.starts, row.ends = starts, starts + timedelta(hours=hours)
    return row


def test_every_state_has_a_tag():
    assert set(STATE_TAGS) == set(OccasionState)


def test_months_follow_swedish_days_and_the_given_order():
    december = occasion(datetime(2026, 11, 30, 23, 30, tzinfo=UTC))  # 1 December in Sweden
    november = occasion(datetime(2026, 11, 30, 22, 30, tzinfo=UTC))

    shown = months([november, december], november.starts - timedelta(days=1))

    assert [(month.first_day, [row.occasion for row in month.rows]) for month in shown] == [
        (date(2026, 11, 1), [november]),
        (date(2026, 12, 1), [december]),
    ]


def test_row_knows_when_it_spans_swedish_days():
    starts = datetime(2026, 11, 30, 22, tzinfo=UTC)  # 23 in Sweden

    assert not calendar_row(occasion(starts, hours=0.9)).several_days
    assert calendar_row(occasion(starts, hours=1.1)).several_days
