"""Every list and form that the admin's registry holds, as axe and a narrow screen see it.

The pages come from the registry, so that a class that is registered later is tested too.
One signed-in context serves them all; each page is opened once and looked at twice.
"""

import json
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from playwright.sync_api import expect

from .conftest import ROOT, lost
from .test_admin import HARMLESS, SIGN_IN
from .test_pages import AXE

# A row of each kind, made where the demo content has none, with the superuser's session.
ROWS = f"""{SIGN_IN}
import json
from datetime import timedelta
from django.contrib import admin
from django.utils import timezone
from guidance.models import ExternalLink, Feedback, FormerSlug, Page, Redirect
from education.models import (Course, CourseNews, ImportedEvent, NewsDelivery, Occasion,
    Participation, Subscription, TrainingRequest)
from organisation.models import (Attestation, FileImport, Listing, Profession, Unit,
    UnitManager)
from portal.accounts.models import ClaimRule, Invitation
from followup.models import UnitName, UnitReview
from tests.factories import (make_best_bet, make_claim_rule, make_imported_event,
    make_missed_query, make_review, make_training_request, make_unit_name)
from portal.search.models import BestBet, MissedQuery
from portal.operation.models import BackupRun
from portal.outbox.models import OutgoingMail
from portal.web.models import ServiceMessage
Feedback.objects.get_or_create(page=Page.objects.first(), version_number=1, answer="no",
                               comment="Det saknas ett datum.", status="new")
link = ExternalLink.objects.get_or_create(url="https://example.org/prov", defaults={{
    "checked_at": timezone.now(), "status": 404, "fault": "Sidan finns inte.",
    "first_failed_on": timezone.localdate(), "failed_days": 1}})[0]
link.places.get_or_create(place="Prov", place_url=Page.objects.first().get_absolute_url())
OutgoingMail.objects.get_or_create(key="prov", defaults={{
    "to": "prov@example.org", "subject": "Prov", "body": "Prov."}})
Redirect.objects.get_or_create(old_path="/gammal/", defaults={{"page": Page.objects.first()}})
FormerSlug.objects.get_or_create(slug="forra", defaults={{"page": Page.objects.first()}})
# Long past, so that no other test's page shows it.
long_ago = timezone.now() - timedelta(days=400)
ServiceMessage.objects.get_or_create(text="Prov", site_id=1, defaults={{
    "starts_at": long_ago, "ends_at": long_ago + timedelta(days=1)}})
Invitation.objects.get_or_create(email="inbjuden@example.org", defaults={{
    "token_hash": "prov", "expires_at": timezone.now() + timedelta(days=1)}})
FileImport.objects.get_or_create(kind="units", file_name="enheter.csv", state="stored")
Listing.objects.get_or_create(unit=Unit.objects.first(), year=2020,
                              defaults={{"listed_patients": 5}})
course = Course.objects.first()
Subscription.objects.get_or_create(address="prov@example.org", kinds=["new"])
CourseNews.objects.get_or_create(occasion=Occasion.objects.first(), kind="new")
NewsDelivery.objects.get_or_create(rhythm="weekly", count=1)
Participation.objects.get_or_create(year=2020, course=course, profession=Profession.objects.first(),
                                    defaults={{"count": 7}})
if not TrainingRequest.objects.exists():
    make_training_request()
if not ImportedEvent.objects.exists():
    make_imported_event(starts=long_ago)
if not UnitName.objects.exists():
    make_unit_name()
if not UnitReview.objects.exists():
    make_review(unit=Unit.objects.first(), year=2020)
if not BestBet.objects.exists():
    make_best_bet()
if not MissedQuery.objects.exists():
    make_missed_query()
BackupRun.objects.get_or_create(kind="backup", file_name="prov.zip", defaults={{
    "started_at": long_ago}})
if not ClaimRule.objects.exists():
    make_claim_rule()
unit = Unit.objects.public().first()
Attestation.objects.get_or_create(unit=unit)
UnitManager.objects.get_or_create(unit=unit, email="chef@example.org")
rows = {{m._meta.label_lower: str(m._base_manager.values_list("pk", flat=True).first())
        for m in admin.site._registry}}
print("rows", json.dumps(rows))
"""
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)
# Seen or made in another way than by Django's own form.
NO_ADD = {
    "audit.entry", "operation.backuprun",
    "education.coursenews", "education.importedevent", "education.newsdelivery",
    "education.subscription", "organisation.attestation", "followup.importbatch",
    "followup.release", "followup.unitname", "followup.unitreview", "search.missedquery",
    "followup.measurement", "guidance.externallink", "guidance.feedback", "guidance.formerslug",
    "organisation.fileimport", "outbox.outgoingmail", "web.sitesettings",
}  # fmt: skip
NO_DELETE = {
    "audit.entry", "operation.backuprun",
    "education.coursenews", "education.newsdelivery", "organisation.attestation",
    "followup.importbatch", "followup.release", "followup.unitreview", "search.missedquery",
    "followup.measurement", "guidance.externallink", "guidance.formerslug", "guidance.page",
    "organisation.fileimport", "outbox.outgoingmail", "web.sitesettings",
}  # fmt: skip
CUT = """() => {
  const list = document.querySelector("#result_list");
  return list ? list.scrollWidth - list.closest(".results").clientWidth : 0;
}"""
# The page editor is no form of Django's and is held by tests of its own.
OWN_FORM = {"guidance.page"}


@pytest.fixture(scope="module")
def rows(server, environment):
    """The session's key and {"app.model": a row's primary key} of the server's database."""
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", ROWS],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    session = re.search(r"^session (\w+)", made, re.M).group(1)
    return session, json.loads(re.search(r"^rows (.+)$", made, re.M).group(1))


@pytest.fixture(scope="module")
def desk(chromium, server, rows):
    """A signed-in page for all tests of this module, with its messages."""
    # Without motion, or axe meets colours on their way from light to dark.
    context = chromium.new_context(locale="sv-SE", reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": rows[0], "url": server}])
    page = context.new_page()
    page.messages = []
    page.on("console", lambda message: page.messages.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: page.messages.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: page.messages.extend(lost(page.url, request)))
    yield page
    context.close()


def pages_of(label, pk):
    base = f"/admin/{label.replace('.', '/')}/"
    pages = [base, f"{base}{pk}/history/"]
    pages += [] if label in OWN_FORM else [f"{base}{pk}/change/"]
    pages += [] if label in OWN_FORM | NO_ADD else [f"{base}add/"]
    return pages + ([] if label in NO_DELETE else [f"{base}{pk}/delete/"])


def faults(page):
    """What axe finds in light on a wide screen and in dark on a telephone, and what scrolls."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = []
    for scheme, width in (("light", 1366), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        violations = Axe().run(page, options=AXE).response["violations"]
        path = page.url.split("/", 3)[3]
        found += [
            (path, scheme, each["id"], node["html"][:160])
            for each in violations
            for node in each["nodes"][:3]
        ]
        # Columns outside a list's own box are reached by scrolling, which nobody knows of.
        cut = page.evaluate(CUT) if width == 1366 else 0
        found += [(path, "1366 px", "the list is cut", cut)] if cut > 0 else []
    page.set_viewport_size({"width": 320, "height": 900})
    if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        found.append((page.url, "320 px", "scrolls sideways", over))
    return found


@pytest.mark.parametrize("label", MODELS)
def test_every_list_and_form_is_accessible(label, desk, server, rows):
    found = []
    desk.messages.clear()
    for path in pages_of(label, rows[1][label]):
        response = desk.goto(server + path, wait_until="load")
        assert (response.status, urlsplit(desk.url).path) == (200, path.split("?")[0])
        found += faults(desk)

    assert found == []
    texts = [message.split(": ", 1)[1] for message in desk.messages]
    assert [text for text in texts if not any(re.match(h, text) for h in HARMLESS)] == []


ODD_PAGES = {
    "first page": ("/admin/", 200),
    "an app": ("/admin/guidance/", 200),
    "nothing found": ("/admin/organisation/unit/?q=finnsinte", 200),
    "filtered": ("/admin/organisation/unit/?ownership__exact=private&q=a", 200),
    "to choose from": ("/admin/organisation/unit/?_popup=1", 200),
    "in a window of its own": ("/admin/organisation/person/add/?_popup=1", 200),
    "refused deletion": ("/admin/organisation/unit/{organisation.unit}/delete/", 200),
    "new password for another": ("/admin/accounts/user/{accounts.user}/password/", 200),
    "not found": ("/admin/finns-inte/", 404),
}


@pytest.mark.parametrize("name", ODD_PAGES)
def test_odd_pages_are_accessible(name, desk, server, rows):
    path, status = ODD_PAGES[name]
    for label, pk in rows[1].items():
        path = path.replace(f"{{{label}}}", pk)

    assert desk.goto(server + path, wait_until="load").status == status
    assert faults(desk) == []


def test_form_with_faults_is_accessible_and_says_so_first(desk, server):
    desk.goto(f"{server}/admin/organisation/person/add/")
    with desk.expect_navigation():
        desk.get_by_role("button", name="Spara", exact=True).click()

    assert desk.title().startswith("Fel: ")
    assert faults(desk) == []
    desk.set_viewport_size({"width": 1366, "height": 900})
    assert desk.locator(".errornote").inner_text() == "Var god rätta felen nedan."


def test_keyboard_skips_to_the_content(desk, server):
    desk.goto(f"{server}/admin/organisation/unit/")
    desk.keyboard.press("Tab")
    assert (
        desk.evaluate("document.activeElement.textContent").strip() == "Hoppa till huvudinnehållet"
    )
    assert desk.locator(":focus").bounding_box()["y"] >= 0
    desk.keyboard.press("Enter")

    assert desk.evaluate("document.activeElement.id") == "content-start"


def test_filters_are_an_expander_above_the_list_and_open_beside_it_on_a_wide_screen(desk, server):
    desk.goto(f"{server}/admin/organisation/unit/")
    filters = desk.get_by_role("link", name="privat", exact=True)
    desk.set_viewport_size({"width": 1600, "height": 900})
    expect(filters).to_be_visible()
    desk.set_viewport_size({"width": 1366, "height": 900})
    assert not filters.is_visible()
    desk.get_by_text("Filtrera").click()

    expect(filters).to_be_visible()
