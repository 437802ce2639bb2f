import pytest

from followup.disclosure import PublishedValue, ValueState
from followup.models import Indicator, Sex
from followup.presenters import flat_rows
from followup.templatetags.measures import measure, shown

Kind = Indicator.Kind


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        (7.84, Kind.PROPORTION, "7,8\u00a0%"),
        (7.86, Kind.PROPORTION, "7,9\u00a0%"),
        (18.75, Kind.PROPORTION, "18,8\u00a0%"),
        (99.96, Kind.PROPORTION, "100,0\u00a0%"),
        (0.0, Kind.PROPORTION, "0,0\u00a0%"),
        (1234.56, Kind.RATE_PER_1000, "1\u00a0234,6"),
        (0.456, Kind.RATIO, "0,46"),
        (None, Kind.RATIO, "–"),
    ],
)
def test_measure_is_rounded_with_decimal_comma_and_unit(number, kind, expected):
    assert measure(number, kind) == expected


@pytest.mark.parametrize("numerator", range(0, 128, 3))
def test_page_and_export_show_the_same_number(numerator):
    value = PublishedValue(
        None, 2025, Sex.TOTAL, ValueState.VALUE, numerator, 128, numerator / 128 * 100
    )

    [row] = flat_rows(Indicator(code="prov", kind=Kind.PROPORTION), [value])

    assert shown(value, Kind.PROPORTION) == f"{row['value']:.1f}\u00a0%".replace(".", ",")


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ValueState.HIDDEN, "dolt"),
        (ValueState.MISSING, "saknas"),
        (ValueState.NOT_APPLICABLE, "ej aktuellt"),
    ],
)
def test_value_that_is_not_shown_says_why(state, word):
    assert shown(PublishedValue(None, 2025, Sex.TOTAL, state), Kind.RATIO) == word


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_row_at_all_is_missing(nothing):
    assert shown(nothing, Kind.RATIO) == "saknas"
