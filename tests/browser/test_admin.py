"""The admin as Chromium sees it: axe in light and dark, and a console with nothing new."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import lost
from tests.browser.test_pages import AXE

ROOT = Path(__file__).parent.parent.parent
# Django makes the session; a password through the sign-in form is another test's matter.
SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from education.models import Occasion
from tests.browser.test_pages import AXE
user, _ = get_user_model().objects.get_or_create(
    email="webblasare@example.org", defaults={"is_staff": True, "is_superuser": True})
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print("session", session.session_key, Occasion.objects.first().pk)
"""
PAGES = {
    "index": "/admin/",
    "units": "/admin/organisation/unit/",
    "laws": "/admin/guidance/legalreference/",
    "measurements": "/admin/followup/measurement/",
    "unit": "/admin/organisation/unit/1/change/",
    "role": "/admin/organisation/role/1/change/",
    "new appointment": "/admin/organisation/appointment/add/",
    "course": "/admin/education/course/1/change/",
    "occasion": "/admin/education/occasion/{occasion}/change/",
    "history": "/admin/organisation/role/1/history/",
    "older version": "/admin/organisation/role/1/history/1/",
    "history of a unit": "/admin/organisation/unit/1/history/",
    "delete": "/admin/organisation/forum/1/delete/",
}
# Known and harmless: vendored widgets (select2, the filter lists) write a style attribute
# that the policy refuses, and what it would have said is in a stylesheet.
HARMLESS = [
    # Chromium's advice on the form for a new account, which is Django's own.
    r"Autofocus processing was blocked",
    r"\[DOM\] Input elements should have autocomplete attributes",
    r"\[DOM\] Multiple forms should be contained in their own form elements",
    r"Refused to apply inline style because it violates .*style-src",
    r"Applying inline style violates .*style-src",
]


@pytest.fixture(scope="module")
def signed_in(server, environment):
    """A session's key and an occasion's number, made in the server's own database."""
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", SIGN_IN],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return re.search(r"^session (\w+) (\d+)$", made, re.M).groups()


@pytest.fixture
def open_admin(chromium, server, signed_in):
    """open_admin("units", dark=True) → the page, signed in, with its messages."""
    session, occasion = signed_in
    contexts = []

    def open_at(name, *, dark=False, width=1366):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="sv-SE",
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session, "url": server}])
        page = context.new_page()
        page.messages = []
        page.on("console", lambda message: page.messages.append(message.text))
        page.on("pageerror", lambda error: page.messages.append(str(error)))
        page.on("requestfailed", lambda request: page.messages.extend(lost(name, request)))
        response = page.goto(server + PAGES[name].format(occasion=occasion))
        page.wait_for_load_state("load")
        assert (response.status, page.url) == (200, server + PAGES[name].format(occasion=occasion))
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_admin_page_is_accessible_and_says_nothing_new(name, dark, open_admin):
    page = open_admin(name, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    messages = list(page.messages)  # axe has some of its own
    violations = Axe().run(page, options=AXE).response["violations"]

    assert [
        (each["id"], node["target"], node["failureSummary"])
        for each in violations
        for node in each["nodes"]
    ] == []
    odd = [text for text in messages if not any(re.match(h, text) for h in HARMLESS)]
    assert odd == []


def test_background_follows_the_readers_dark_mode(open_admin):
    script = "getComputedStyle(document.body).backgroundColor"
    light, dark = (open_admin("index", dark=dark).evaluate(script) for dark in (False, True))

    brightness = [sum(map(int, re.findall(r"\d+", colour))) for colour in (light, dark)]
    assert brightness[0] > 740
    assert brightness[1] < 150


def test_keyboard_focus_is_seen(open_admin):
    page = open_admin("units")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    style = "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])"
    assert page.evaluate(f"{style}(getComputedStyle(document.activeElement))") == ["solid", "3px"]
