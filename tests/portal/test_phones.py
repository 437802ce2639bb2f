import pytest

from portal.web.phones import begins_with_number, dialled
from portal.web.templatetags.portal import phone_link


@pytest.mark.parametrize(
    ("text", "number", "taken"),
    [
        ("08-465 00 19", "+4684650019", True),
        ("08-465 00 19, knappval 2", "+4684650019", True),
        ("08-465 00 19 knappval 2", "+4684650019", True),
        ("(08) 465 00 19", "+4684650019", True),
        ("+46 (0)8-465 00 19", "+4684650019", True),
        ("0046 8 465 00 19", "+4684650019", True),
        ("08–465 00‑19", "+4684650019", True),
        ("1177", "1177", True),
        # A link is made of what can be dialled, but nobody may write it anew.
        ("08-465x2", "+468465", False),
        ("växel 08-465 00 19", "", False),
        ("växeln", "", False),
        ("(växeln)", "", False),
        ("-", "", False),
        ("", "", False),
    ],
)
def test_form_and_link_read_a_number_alike(text, number, taken):
    assert (dialled(text), begins_with_number(text)) == (number, taken)
    assert phone_link(text) == (f'<a href="tel:{number}">{text}</a>' if number else text)
