"""Whatever is stored in a text, no page makes a live element of it.

Every text of every model is filled past all forms, as an import or a mistake would, and then
every kind of page is read: public, the admin's, feeds, calendars and search.
"""

import json
import os
import re
from html.parser import HTMLParser
from itertools import chain, count
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from guidance.models import DocumentVersion, LegalReference, Notice, Page, PageVersion, ProcessStep
from guidance.rendering import render_pages
from portal.publishing.models import VersionState
from portal.search.index import rebuild
from portal.web.models import SiteSettings
from tests.factories import make_service_message, make_version
from tests.portal.addresses import public_addresses

pytestmark = pytest.mark.django_db

# What each would do is said by its marker: an element or attribute that nobody meant.
PAYLOADS = [
    "ondord \"'></textarea></title></script></style><img src=x onerror=ond() data-ond>",
    "\"'></a><svg onload=ond() data-ond>",
    "<script data-ond>ond()</script>",
    "<b data-ond>ondord",
    "<b data-ond>",
    "<i\tx",
]
RICH = (
    '<p>ondord</p><script data-ond>ond()</script><p onclick="ond()" data-ond>a</p>'
    '<a href="javascript:ond()">b</a><a href="java&#9;script:ond()">c</a><img src=x onerror=ond()>'
    '<a href="data:text/html,<script>ond()</script>">d</a><svg><a xlink:href="javascript:ond()">'
    "</svg><math><mi//xlink:href=javascript:ond()></math><iframe srcdoc='<script>'></iframe>"
    '<h2 id="x" onmouseover="ond()">Rubrik</h2><style>@import "x"</style><base href="//ond">'
    '<table><tr><td background="javascript:ond()">e</td></tr></table><form><input autofocus>'
    "<noscript><p title='</noscript><img src=x onerror=ond()>'></noscript><template><b data-ond>"
)
RICH_FIELDS = {(PageVersion, "body"), (ProcessStep, "text")}
# The database ties them to a day: where there is none they stay empty.
TIED_FIELDS = {(DocumentVersion, "url"), (LegalReference, "latest_amendment")}
# Not written by anybody: they say what a row is, are numbers, or are made of other texts.
SET_BY_CODE = {"register", "lasting", "contents", "rendered", "password", "token_hash", "number"}
SET_BY_CODE |= {"code", "logo", "logo_dark", "logo_code", "logo_dark_code", "old_path", "days"}
OURS = {"accounts", "web", "organisation", "guidance", "education", "followup"}


def texts_of(model):
    """The fields of a model that somebody writes in."""
    for field in model._meta.concrete_fields:
        kind = field.get_internal_type()
        if kind not in {"CharField", "TextField", "EmailField", "URLField", "JSONField"}:
            continue
        chosen = field.choices or type(field).__name__ in {"OccupationsField", "HsaIdField"}
        if not chosen and field.name not in SET_BY_CODE:
            yield field


def written_models():
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and not model.__name__.startswith("Historical")
        and any(texts_of(model))
    ]


def fitting(texts, room):
    """The next of some texts that has room, whole."""
    return next((text for text in texts if len(text) <= room), "")


def filled(field, row, texts):
    kind, room = field.get_internal_type(), (field.max_length or 10_000) - len(str(row.pk)) - 1
    if (type(row), field.name) in TIED_FIELDS and not field.value_from_object(row):
        return None
    if kind == "JSONField":
        return [fitting(texts, 400)] if isinstance(field.value_from_object(row), list) else None
    if kind == "EmailField":
        return f'"{fitting(texts, 60)}{row.pk}"@example.org'
    if kind == "URLField":
        return f'https://example.org/{row.pk}"><b data-ond>'
    return f"{fitting(texts, room)} {row.pk}"


def fill(payloads, rich=RICH):
    """Stores payloads in every text of every row, a new turn of them for each."""
    turn = count()
    for model in written_models():
        rows = list(model._base_manager.all()[:400])
        fields = [field for field in texts_of(model) if rows]
        for row in rows:
            for field in fields:
                start = next(turn) % len(payloads)
                turned = payloads[start:] + payloads[:start]
                value = filled(field, row, turned)
                if (model, field.name) in RICH_FIELDS:
                    value = "".join(f"<p>{each}</p>" for each in turned[:40]) + rich
                if value is not None:
                    setattr(row, field.attname, value)
        if fields:
            model._base_manager.bulk_update(rows, [field.name for field in fields], batch_size=50)


class Live(HTMLParser):
    """Collects what would run, load or lead astray."""

    never = {"iframe", "object", "embed", "base", "frame", "math", "style"}
    addresses = {"href", "src", "action", "formaction", "xlink:href", "background", "srcdoc"}

    def __init__(self, page_has_scripts):
        super().__init__()
        self.page_has_scripts = page_has_scripts
        self.found, self.script = [], None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        # The page editor has a template of its own.
        ours = self.page_has_scripts or tag not in {"template", "noscript"}
        if tag in self.never or "data-ond" in given or not ours:
            self.found.append((tag, given))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.found.append((tag, given))
        if tag == "script":
            self.script = given.get("type", "")
            named = (
                given.get("src", "").startswith(("/static/", "/admin/jsi18n/")) or "nonce" in given
            )
            # What a course tells search engines is data; that it cannot end the element is seen
            # by the rest of the page being read as it is.
            data = given == {"type": "application/ld+json"}
            if not data and (not self.page_has_scripts or not (named or "json" in self.script)):
                self.found.append((tag, given))
        for name, value in attributes:
            # As a browser reads it: line breaks go everywhere, blanks and the like only first.
            address = re.sub(r"[\t\n\r]", "", value or "").lstrip("".join(map(chr, range(33))))
            address = address.lower()
            runs = address.startswith(("javascript:", "data:", "vbscript:"))
            if name.startswith("on") or (name in self.addresses and runs):
                self.found.append((tag, name, value))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if tag == "script":
            self.script = None

    def handle_data(self, data):
        if self.script is not None and "json" not in self.script and "ond" in data:
            self.found.append(("script", data[:200]))


# The site's own, on the two pages where a search begins.
SUGGESTIONS = ("script", {"defer": None, "src": "/static/js/search-suggestions.js"})


def live_in(html, page_has_scripts=False):
    parser = Live(page_has_scripts)
    parser.feed(html)
    parser.close()
    return parser.found


def public_pages():
    pages = Page.objects.addressed().filter(pk__in=PageVersion.objects.live().values("page"))
    guides = ["/sjukskrivning/tidslinje/?dag=2026-11-01", "/intyg/intygsguide/"]
    searches = ["/sok/?q=ondord", "/sok/?q=%3Cb+data-ond%3E", "/sok/?q=ondord&page=2"]
    units = ["/organisation/enheter/?q=ondord", "/organisation/enheter/?ort=%3Cb+data-ond%3E"]
    found = [page.get_absolute_url() for page in pages]
    return [*public_addresses().values(), *found, *guides, *searches, *units]


def admin_pages():
    """Every kind of page of the admin's for a row of each model."""
    yield "/admin/"
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_changelist", query={"q": "<b data-ond>"})
        row = model._base_manager.order_by("pk").first()
        if row is None:
            continue
        for kind in ("change", "history", "delete"):
            yield reverse(f"{name}_{kind}", args=[row.pk])
        history = getattr(row, "history", None)
        if hasattr(model_admin, "history_form_view") and history and history.exists():
            yield reverse(f"{name}_simple_history", args=[row.pk, history.first().pk])


def page_work():
    """A page's versions, the difference between two, and how one would look."""
    page = Page.objects.annotate(many=models.Count("versions")).order_by("-many").first()
    name, numbers = "admin:guidance_page", page.versions.order_by("number")
    first, last = numbers.first().number, numbers.last().number
    yield reverse(f"{name}_versions", args=[page.pk])
    yield reverse(f"{name}_difference", args=[page.pk, first, last])
    for number in {first, last}:
        for kind in ("preview", "transition_granska", "transition_publicera"):
            yield reverse(f"{name}_{kind}", args=[page.pk, number])


@pytest.fixture
def ended():
    """A page whose readers get 410 with the reason."""
    version = make_version(state=VersionState.WITHDRAWN, end_reason="Borta")
    return version.page


@pytest.fixture
def site(ended, admin_user):
    """Rows of what the demo region lacks, and two versions of one page."""
    make_service_message()
    page = Page.objects.get(slug="samtycke")
    make_version(page=page, state=VersionState.DRAFT, publish_at=None, body="<p>Utkast</p>")
    LegalReference.objects.update(
        latest_amendment="SFS 2026:1", amended_in_force_on=timezone.localdate()
    )
    SiteSettings.objects.update(contact_name="A", contact_email="a@example.org")
    return ended


def remember_changes(user):
    """History rows and the log of a row of each model, with the texts as they are now."""
    for model in admin.site._registry:
        row = model._base_manager.order_by("pk").first()
        if row is None:
            continue
        told = [{"changed": {"fields": [PAYLOADS[0]], "name": "x", "object": PAYLOADS[0]}}]
        LogEntry.objects.log_actions(user.pk, [row], CHANGE, told, single_object=True)
        if hasattr(row, "history"):
            row._change_reason = PAYLOADS[1]
            row.save()


def read_everything(admin_client, client, ended):
    """{address: what is live on it}, and the pages that were read."""
    found, read = {}, set()
    for address in [*public_pages(), ended.get_absolute_url()]:
        response = client.get(address)
        assert response.status_code < 500, address
        if response["Content-Type"].startswith("text/html"):
            read.add(address)
            if live := [each for each in live_in(response.content.decode()) if each != SUGGESTIONS]:
                found[address] = live[:3]
    for address in chain(admin_pages(), page_work()):
        response = admin_client.get(address)
        assert response.status_code < 500, address
        if response.status_code == 200:
            read.add(address)
            if live := live_in(response.content.decode(), page_has_scripts=True):
                found[address] = live[:3]
    return found, read


def store_and_read(payloads, admin_client, client, ended, rich=RICH):
    fill(payloads, rich)
    remember_changes(admin_client.get("/admin/").wsgi_request.user)
    render_pages()
    rebuild()
    return read_everything(admin_client, client, ended)


def test_no_page_makes_live_what_is_stored(site, admin_client, client):
    found, read = store_and_read(PAYLOADS, admin_client, client, site)

    assert found == {}
    assert len(read) > 250
    assert "ondord" in client.get(site.get_absolute_url()).text
    assert client.get(site.get_absolute_url()).status_code == 410
    results = client.get("/sok/?q=ondord").text
    assert "<mark>ondord</mark>" in results
    assert "&lt;b data-ond&gt;" in results
    assert "&lt;b data-ond&gt;" in client.get("/").text  # the service message or the contact


def test_feed_and_calendar_hold_texts_and_no_markup(site, client):
    fill(PAYLOADS)
    feed = ElementTree.fromstring(client.get("/aktuellt/atom.xml").content)  # noqa: S314
    atom = "{http://www.w3.org/2005/Atom}"
    summaries = list(feed.iter(f"{atom}summary"))

    assert summaries
    assert all(each.get("type") == "html" for each in summaries)
    assert [live_in(each.text) for each in summaries] == [[]] * len(summaries)
    assert all(each.get("type", "text") == "text" for each in feed.iter(f"{atom}title"))
    assert Notice.objects.filter(text__contains="data-ond").exists()


@pytest.mark.parametrize(
    "address", ["javascript:ond()", "data:text/html,x", "vbscript:x", " javascript:ond()", "//x"]
)
def test_no_address_of_a_row_runs_anything(address):
    fields = [
        (model, field)
        for model in written_models()
        for field in texts_of(model)
        if isinstance(field, models.URLField)
    ]
    assert len(fields) > 3
    for model, field in fields:
        with pytest.raises(ValidationError):
            field.clean(address, model())


def samples():
    folder = Path(os.environ["PORTAL_SAMPLE_DATA"]) / "html-xss"
    texts = json.loads((folder / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    rich = [
        path.read_text(encoding="utf-8").partition("\n--\n")[0]
        for path in sorted((folder / "bleach").glob("*.test"))
    ]
    return [text.replace("\0", "") for text in texts if text.strip()], rich


@pytest.mark.skipif("PORTAL_SAMPLE_DATA" not in os.environ, reason="PORTAL_SAMPLE_DATA is not set")
def test_no_page_makes_live_what_is_stored_of_the_corpora(site, admin_client, client):
    texts, rich = samples()
    found, read = store_and_read([*texts, *rich], admin_client, client, site, "".join(rich))

    assert found == {}
    assert len(read) > 250


def test_check_sees_what_is_planted():
    planted = [PAYLOADS[0], PAYLOADS[1], PAYLOADS[2], PAYLOADS[3], RICH]
    assert [bool(live_in(each)) for each in planted] == [True] * 5
    assert live_in("<p>ondord &lt;b data-ond&gt;</p>") == []
    assert live_in('<script type="module" src="/static/x.js"></script>', True) == []
    assert live_in('<script nonce="x">var a = "ond"</script>', True) != []
