"""What those who run the site meet: logs, numbers, limits, letters about errors."""

import json
import logging
import re
import sys
import threading

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from organisation.models import Unit
from portal.observing import logs, metrics
from portal.observing.request_id import current, request_id_for
from portal.observing.requests import Observed
from portal.web import rate_limit
from portal.web.models import SiteSettings

ROUTE = "portal.route"


def line_of(message, *args, **kwargs):
    record = logging.LogRecord("portal.prov", logging.ERROR, "f.py", 1, message, args, None)
    for name, value in kwargs.items():
        setattr(record, name, value)
    return json.loads(logs.JSONLines().format(record))


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("brev till anna.ek@example.org dröjer", "brev till [dolt] dröjer"),
        ("från 192.0.2.17 och 2001:db8::1", "från [dolt] och [dolt]"),
        ("GET /sok/?q=utmattning&typ=sida HTTP/1.1", "GET /sok/?… HTTP/1.1"),
        ("rad med 19121212-1212 i", "rad med [dolt] i"),
        ("rad med 1212121212 i", "rad med [dolt] i"),
        ("Django 5.2.19 klockan 09:15:30 den 2026-11-23", None),
        ("SE2321000016-AA01 finns inte", None),
        ("fel\nDETAIL:  Key (namn)=(Ylva Ek) already exists.", "fel"),
    ],
)
def test_message_is_cleaned(message, written):
    assert line_of(message)["message"] == (message if written is None else written)


def test_exception_is_told_by_code_and_without_values():
    token = current.set("prov-12345")
    try:
        hemligt = "anna@example.org"
        raise ValueError(f"fel för {hemligt}")
    except ValueError:
        line = line_of("Gick fel: %s", "x?y=z", exc_info=sys.exc_info())
    finally:
        current.reset(token)

    assert line["message"] == "Gick fel: x?…"
    assert line["request_id"] is None or line["request_id"] == "prov-12345"
    assert line["exception"]["type"] == "ValueError"
    assert line["exception"]["message"] == "fel för [dolt]"
    assert line["exception"]["lines"][-1].endswith(
        "test_exception_is_told_by_code_and_without_values"
    )
    assert "anna" not in json.dumps(line)


@pytest.mark.parametrize("sane", ["abcd1234", "7f0e-1.2_3", "a" * 64])
def test_sane_request_id_is_taken(sane):
    assert request_id_for(sane) == sane


@pytest.mark.parametrize(
    "odd",
    ["", "kort", "a" * 65, "med blank12", "rad\r\nX: y1", '"citat12', "åäö-åäö-åäö", "-abcd1234"],
)
def test_odd_request_id_is_replaced(odd):
    made = request_id_for(odd)

    assert made != odd
    assert re.fullmatch(r"[0-9a-f]{16}", made)


def asked(application, **environ):
    sent = {}

    def start(status, headers, exc_info=None):
        sent.update(status=status, headers=headers)

    body = b"".join(Observed(application)({"PATH_INFO": "/intyg/", **environ}, start))
    return sent["status"], dict(sent["headers"]), body


def difference(before):
    return [new - old for new, old in zip(metrics.sums(), before, strict=True)]


def test_answer_is_named_and_counted():
    seen = []

    def django(environ, start):
        seen.append((environ["HTTP_X_REQUEST_ID"], current.get()))
        environ[ROUTE] = "/<slug:slug>/"
        start("200 OK", [("Content-Type", "text/html")])
        return [b"hej"]

    before = metrics.sums()
    status, headers, body = asked(django, HTTP_X_REQUEST_ID="proxy-0001")

    assert (status, headers["X-Request-ID"], body) == ("200 OK", "proxy-0001", b"hej")
    assert seen == [("proxy-0001", "proxy-0001")]
    assert current.get() == ""
    counted = difference(before)
    assert counted[metrics.CLASSES.index("2xx")] == 1
    assert sum(counted[len(metrics.CLASSES) : len(metrics.CLASSES) + len(metrics.BUCKETS) + 1]) == 1
    assert counted[-len(metrics.EVENTS) :] == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("status", "route", "events"),
    [
        ("200 OK", None, {"cache_hit"}),
        ("304 Not Modified", None, {"cache_hit", "not_modified"}),
        ("304 Not Modified", "/", {"not_modified"}),
        ("429 Too Many Requests", "/sok/", {"limited"}),
        ("500 Internal Server Error", "/", set()),
    ],
)
def test_events_are_counted(status, route, events):
    def django(environ, start):
        if route:
            environ[ROUTE] = route
        start(status, [])
        return []

    before = metrics.sums()
    asked(django)
    counted = difference(before)[-len(metrics.EVENTS) :]

    assert {name for name, n in zip(metrics.EVENTS, counted, strict=True) if n} == events


def test_numbers_do_not_exist_for_a_stranger(db, client, settings):
    assert client.get("/halsa/matvarden/").status_code == 404
    settings.METRICS_TOKEN = "hemligt"
    for sent in (
        "",
        "hemligt",
        "Bearer",
        "Bearer fel",
        "Bearer hemligt2",
        "Basic hemligt",
        "Bearer å",
    ):
        answer = client.get("/halsa/matvarden/", headers={"authorization": sent})
        assert answer.status_code == 404, sent

    answer = client.get("/halsa/matvarden/", headers={"authorization": "Bearer hemligt"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_numbers_for_a_network(db, client, settings):
    from portal.settings import networks_from

    settings.METRICS_NETWORKS = networks_from(["10.1.0.0/16", "2001:db8::/32"])
    codes = [
        client.get("/halsa/matvarden/", REMOTE_ADDR=address).status_code
        for address in ("10.1.2.3", "10.2.0.1", "2001:db8::7", "::1")
    ]

    assert codes == [200, 404, 200, 404]


def test_numbers_are_in_prometheus_format():
    lines = metrics.as_text().splitlines()
    sample = re.compile(r'[a-z_]+\{[a-z]+="[^"]+"(,[a-z]+="[^"]+")?\} [0-9.e-]+')

    assert all(sample.fullmatch(line) for line in lines if not line.startswith("# "))
    by_kind = [line for line in lines if 'bucket{kind="page"' in line]
    numbers = [int(line.rpartition(" ")[2]) for line in by_kind]
    assert numbers == sorted(numbers)
    assert by_kind[-1].startswith('portal_request_seconds_bucket{kind="page",le="+Inf"}')


def test_security_txt(db, client, settings, clock):
    settings.SITE_URL = "https://portal.example.org"
    SiteSettings.objects.update_or_create(pk=1, defaults={"contact_email": ""})
    assert client.get("/.well-known/security.txt").status_code == 404

    SiteSettings.objects.update(contact_email="portalen@example.org")
    body = client.get("/.well-known/security.txt").content.decode()
    assert body == (
        "Contact: mailto:portalen@example.org\nExpires: 2027-05-22T00:00:00Z\n"
        "Preferred-Languages: sv, en\n"
        "Canonical: https://portal.example.org/.well-known/security.txt\n"
    )
    settings.SECURITY_CONTACT = "https://example.org/sakerhet"
    body = client.get("/.well-known/security.txt").content.decode()
    assert body.startswith("Contact: https://example.org/sakerhet\n")


@pytest.fixture
def few(db, settings, monkeypatch):
    cache.clear()
    monkeypatch.setattr(rate_limit, "_own_counts", {})
    settings.SEARCHES_PER_HOUR = 3


def test_who_searches_too_often_is_told_to_wait(few, client):
    codes = [client.get("/sok/?q=intyg").status_code for _ in range(7)]
    # Told the shared cache after each third, which answers for the next.
    assert codes == [200] * 6 + [429]

    answer = client.get("/sok/?q=intyg")
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "<h1>För många sökningar</h1>" in page
    assert client.get("/organisation/hitta-koordinator/?q=norr").status_code == 429
    assert client.get("/sok/").status_code == 200
    assert client.get("/sok/?q=intyg", REMOTE_ADDR="192.0.2.9").status_code == 200


def test_other_workers_searches_count_too(few, client, monkeypatch):
    for _ in range(3):
        client.get("/sok/?q=intyg")
    monkeypatch.setattr(rate_limit, "_own_counts", {})

    assert [client.get("/sok/?q=intyg").status_code for _ in range(4)] == [200] * 3 + [429]


def test_ordinary_reader_asks_the_shared_cache_nothing(db, client, settings, monkeypatch):
    monkeypatch.setattr(rate_limit, "_own_counts", {})
    settings.SEARCHES_PER_HOUR = 20_000
    monkeypatch.setattr(rate_limit, "cache", None)

    assert {client.get("/sok/?q=intyg").status_code for _ in range(19)} == {200}
    assert {client.get("/api/v1/roles/").status_code for _ in range(19)} == {200}


@pytest.mark.parametrize("length", ["1000001", "9" * 30, "-1", "abc", "١"])
def test_body_that_is_too_large_is_refused_before_it_is_read(db, client, length):
    answer = client.post("/aterkoppling/intyg/", {"svar": "ja"}, CONTENT_LENGTH=length)

    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")
    assert "Högst 1 MB kan tas emot här" in answer.content.decode()


def test_admin_takes_its_largest_file_and_no_more(admin_client, settings):
    address = "/admin/organisation/unit/"
    over = str(settings.LARGEST_UPLOAD + 1)

    assert admin_client.post(address, CONTENT_LENGTH=over).status_code == 413
    assert settings.LARGEST_UPLOAD > settings.LARGEST_DOCUMENT
    assert Unit.objects.exists()


def test_error_is_told_once_by_a_cleaned_letter(settings):
    settings.ERROR_MAIL = ["drift@example.org"]
    settings.SITE_URL = "https://portal.example.org"
    handler = logs.MailErrors()
    sent = []
    handler.send = lambda text: sent.append(text)
    try:
        raise RuntimeError("för anna@example.org")
    except RuntimeError:
        fault = sys.exc_info()
    for _ in range(3):
        record = logging.LogRecord("prov", logging.ERROR, "f", 1, "Fel på /sok/?q=a", (), fault)
        handler.emit(record)
    wait_for_threads()
    assert len(sent) == 1
    del handler.send
    handler.send(sent[0])

    (letter,) = mail.outbox
    assert letter.to == ["drift@example.org"]
    assert "RuntimeError: för [dolt]" in letter.body
    assert "?q=" not in letter.body + letter.subject


def wait_for_threads():
    for thread in threading.enumerate():
        if thread.name == logs.THREAD:
            thread.join(timeout=20)


def test_sentry_gets_code_and_nobody():
    event = {
        "user": {"email": "anna@example.org", "ip_address": "192.0.2.1"},
        "server_name": "web1",
        "breadcrumbs": {"values": [{"message": "SELECT"}]},
        "request": {
            "method": "POST", "url": "https://x/sok/", "query_string": "q=a",
            "headers": {"Cookie": "sessionid=1"}, "data": {"losenord": "x"},
        },
        "logentry": {"message": "för %s", "params": ["anna"], "formatted": "för anna@example.org"},
        "exception": {
            "values": [
                {"type": "E", "value": "Ylva\nDETAIL: Key", "stacktrace": {"frames": [
                    {"function": "f", "lineno": 3, "vars": {"namn": "Ylva"}}
                ]}}
            ]
        },
    }  # fmt: skip

    assert logs.without_persons(event) == {
        "request": {"method": "POST"},
        "logentry": {"message": "för %s", "formatted": "för [dolt]"},
        "exception": {
            "values": [
                {"type": "E", "value": "Ylva", "stacktrace": {"frames": [
                    {"function": "f", "lineno": 3}
                ]}}
            ]
        },
        "tags": {"request_id": "-"},
    }  # fmt: skip


def test_client_of_the_suite_is_no_proxy():
    assert Client().get("/halsa/").status_code == 200
