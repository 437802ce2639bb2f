from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template

from portal.web.templatetags.portal import grouped, mail_link, phone_link


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("08-465 004 12", "+46846500412"),
        ("+46 8 465 004 12", "+46846500412"),
        ("+46 (0)8-465 004 12", "+46846500412"),
        ("0046 8 465 004 12", "+46846500412"),
        ("08-465 004 12, val 2", "+46846500412"),
        ("08–465 004‑12", "+46846500412"),
        ("1177", "1177"),
    ],
)
def test_phone_number_dials_as_written(number, address):
    assert phone_link(number) == f'<a href="tel:{address}">{number}</a>'


@pytest.mark.parametrize("number", ["", None])
def test_no_phone_number_is_no_link(number):
    assert phone_link(number) == ""


def test_text_without_digits_is_no_link():
    assert phone_link("växeln") == "växeln"


def test_phone_number_is_escaped():
    assert phone_link('08-1 <b>"x') == '<a href="tel:+4681">08-1 &lt;b&gt;&quot;x</a>'


def test_mail_address_breaks_after_its_at_sign_and_before_points():
    assert mail_link("reko@exempelland.example.org") == (
        '<a href="mailto:reko@exempelland.example.org">'
        "reko@<wbr>exempelland<wbr>.example<wbr>.org</a>"
    )


@pytest.mark.parametrize(("number", "text"), [(4280, "4\xa0280"), (12, "12"), (None, "–")])
def test_count_has_a_blank_between_thousands(number, text):
    assert grouped(number) == text


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (date(2026, 11, 1), "j F Y", "1 november 2026"),
        (date(2026, 11, 1), None, "1 november 2026"),
        # The same moment, in Swedish time an hour later than it is written.
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), "j F Y H.i", "1 december 2026 00.30"),
        (None, "j F Y", ""),
        ("", "j F Y", ""),
    ],
)
def test_day_is_worded_as_django_does(value, form, text):
    written = "{{ value|date }}" if form is None else f'{{{{ value|date:"{form}" }}}}'
    for _ in range(2):  # the second is remembered
        assert Template(written).render(Context({"value": value})) == text
