"""The page for the second of two editors: calm, accessible, and only one of two at once wins."""

import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_admin import HARMLESS, PAGES, open_admin, signed_in  # noqa: F401
from tests.browser.test_pages import AXE


@pytest.fixture
def open_conflict(open_admin, server):  # noqa: F811
    """The page that the second of two windows with a role gets."""

    def open_at(**options):
        first, second = open_admin("role", **options), open_admin("role", **options)
        number = re.sub(r"\D", "", first.input_value("[name=title]")) or "0"
        first.fill("[name=title]", f"Rehabkoordinator {int(number) + 1}")
        first.fill("[name=mandate]", "Samordnar patientens rehabilitering.")
        first.click("[name=_save]")
        second.fill("[name=title]", f"Koordinator för rehabilitering {int(number) + 5}")
        second.fill("[name=time_and_competence]", f"Minst {number} timmar i veckan.")
        second.fill("[name=responsibilities-0-text]", f"Tar fram en plan {number}.")
        with second.expect_response(lambda response: response.request.method == "POST") as answer:
            second.click("[name=_save]")
        assert answer.value.status == 409
        return second

    return open_at


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1366])
def test_conflict_page_is_accessible_and_fits(width, dark, open_conflict):
    page = open_conflict(width=width, dark=dark)

    messages = list(page.messages)  # axe has some of its own
    assert Axe().run(page, options=AXE).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The browser tells of the answer's status in its console.
    known = [*HARMLESS, r"Failed to load resource: .* status of 409"]
    assert [text for text in messages if not any(re.match(h, text) for h in known)] == []


def test_choice_is_made_by_keyboard_and_saved(open_conflict):
    page = open_conflict()
    save = page.locator("input[type=submit].default")
    save.click()
    expect(page.locator("h2", has_text="Välj vad som ska gälla")).to_be_visible()

    page.locator("fieldset.conflict input").first.focus()
    page.keyboard.press("ArrowDown")
    save.press("Enter")

    page.wait_for_url("**/admin/organisation/role/")
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_one_of_two_who_save_at_once_wins(open_admin, server, signed_in):  # noqa: F811
    """Real requests to several processes; the other one gets the conflict."""
    page = open_admin("unit")
    values = page.evaluate(
        "Array.from(new FormData(document.querySelector('#unit_form'))).filter(p => p[0][0] != '+')"
    )
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())

    def save(phone):
        sent = urllib.parse.urlencode([("_save", "1"), *map(tuple, values)]).encode()
        sent = re.sub(rb"(^|&)phone=[^&]*", rb"\1phone=" + phone.encode(), sent)
        request = urllib.request.Request(
            server + PAGES["unit"], sent, {"Cookie": cookies, "Referer": server}
        )
        try:
            return urllib.request.build_opener(Stay).open(request).status
        except urllib.error.HTTPError as answer:
            return answer.code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(save, [f"010-{number}" for number in range(6)]))

    assert sorted(statuses) == [302, 409, 409, 409, 409, 409]


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None
