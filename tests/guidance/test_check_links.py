"""Links out, checked against a website of the test's own."""

import json
import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from education.models import Organiser
from guidance import external_links
from guidance.models import Actor, Document, ExternalLink, KeyFigure, LegalReference, PageVersion
from guidance.rendering import render_version
from portal.web import probe as probing
from portal.web.probe import Answer, is_public, probe
from tests.factories import make_page, make_role, make_version
from tests.pages import words

HERE = {"127.0.0.1"}


class Website(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = []

    def do_GET(self):
        self.asked.append((self.command, self.path, self.headers["User-Agent"]))
        name = self.path.strip("/").partition("?")[0]
        if name == "slow":
            time.sleep(3)
        if name == "drip":
            self.drip()
        elif name == "huge":
            self.answer(200, length=10**12)
        elif name.startswith("to-"):
            step = int(name.removeprefix("to-"))
            self.answer(301, to=f"/to-{step - 1}" if step else "/200")
        elif name == "loop":
            self.answer(302, to="/loop")
        elif name in ELSEWHERE:
            self.answer(302, to=ELSEWHERE[name])
        elif name == "only-get":
            self.answer(405 if self.command == "HEAD" else 200)
        elif name == "wrong-head":
            self.answer(404 if self.command == "HEAD" else 200)
        else:
            self.answer(int(name))

    def do_HEAD(self):
        self.do_GET()

    def answer(self, status, to="", length=0):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if to:
            self.send_header("Location", to)
        self.end_headers()

    def drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(40):
            time.sleep(0.1)
            self.wfile.write(b"X: y\r\n")

    def log_message(self, *args):
        pass


ELSEWHERE = {
    "inside": "http://127.0.0.2/",
    "meta": "http://169.254.169.254/latest/",
    "file": "file:///etc/passwd",
    "named": "http://localhost:1/",
}


@pytest.fixture(scope="module")
def website():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    server.daemon_threads = True
    server.handle_error = lambda *args: None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def ask(url, timeout=2):
    return probe(url, agent="prov", timeout=timeout, allowed=HERE)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/200", (200, "", "")),
        ("/204", (204, "", "")),
        ("/huge", (200, "", "")),
        ("/only-get", (200, "", "")),
        ("/wrong-head", (200, "", "")),
        ("/to-4", (200, "", "")),
        ("/to-5", (301, "för många omdirigeringar", "")),
        ("/loop", (302, "för många omdirigeringar", "")),
        ("/404", (404, "svarar med fel 404", "")),
        ("/410", (410, "svarar med fel 410", "")),
        ("/500", (500, "svarar med fel 500", "")),
        ("/403", (403, "", "webbplatsen släpper inte in kontrollen (403)")),
        ("/429", (429, "", "webbplatsen släpper inte in kontrollen (429)")),
    ],
)
def test_website_is_judged_by_its_answer(website, path, answer):
    found = ask(website + path)

    assert (found.status, found.fault, found.note) == answer


def test_redirect_tells_where_it_led(website):
    assert ask(f"{website}/to-2").url == f"{website}/200"


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_slow_website_is_left_in_time(website, path):
    started = time.monotonic()

    answer = ask(website + path, timeout=0.5)

    assert answer.fault == "svarar inte i tid"
    assert time.monotonic() - started < 2.5


def test_website_without_tls_is_told(website):
    assert ask(website.replace("http:", "https:")).fault == "webbplatsen svarar inte med https"


def test_garbage_and_silence_are_faults():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"

        def babble():
            for _ in range(2):
                peer, _ = listening.accept()
                peer.recv(1000)
                peer.sendall(b"\x00\xff garbage\r\n\r\n")
                peer.close()

        threading.Thread(target=babble, daemon=True).start()
        assert ask(url).fault == "svarar inte begripligt"
    assert ask(url).fault == "svarar inte begripligt"
    assert ask("http://finns-inte.invalid/").fault == "webbplatsen finns inte"


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://a b/", "http://x:99999/", "http://xn--/", f"http://a.se/{'x' * 2000}"],
)
def test_odd_address_is_a_fault_and_no_crash(url):
    assert ask(url).fault in {
        "adressen går inte att tolka", "adressen är för lång", "webbplatsen finns inte"
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/inside", "/meta", "/file", "/named"])
def test_redirect_never_leads_inside_a_network(website, path):
    answer = ask(website + path)

    assert (answer.status, answer.fault) == (None, "")
    assert answer.note in {
        "leder till en adress i ett internt nät", "leder till något annat än en webbplats"
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1",
        "100.64.0.1", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
def test_address_inside_a_network_is_not_public(address):
    assert is_public(address) is False


def test_public_addresses_are_public():
    assert [is_public(address) for address in ("8.8.8.8", "2001:4860:4860::8888")] == [True, True]


def test_name_with_one_inner_address_is_refused(monkeypatch):
    rows = [(2, 1, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(probing.socket, "getaddrinfo", lambda *args, **kwargs: rows)

    answer = probe("http://lurig.example/", agent="prov", timeout=1)

    assert answer.note == "leder till en adress i ett internt nät"


# What the command stores


@pytest.fixture
def bare(db):
    """Nothing that links out but what a test makes."""
    PageVersion.objects.update(rendered="")
    for model in (Document, Actor, KeyFigure, Organiser):
        model.objects.update(url="")
    LegalReference.objects.update(kind=LegalReference.Kind.EU)


def page_with(*urls, **fields):
    body = "".join(f'<p><a href="{url}">x</a></p>' for url in urls)
    version = make_version(page=make_page(**fields), body=body)
    render_version(version)
    return version


def answers(**faults):
    def answer(url, **kwargs):
        fault = faults.get(url.removeprefix("https://").split(".")[0], "")
        return Answer(404 if fault else 200, fault=fault, url=url)

    return answer


def run(monkeypatch, ask, *options):
    monkeypatch.setattr(external_links, "probe", ask)
    out = StringIO()
    try:
        call_command("check_links", *options, "--delay=0", stdout=out)
    except CommandError as fault:
        return out.getvalue(), str(fault), fault.returncode
    return out.getvalue(), "", 0


def test_every_link_of_texts_and_registers_is_collected(bare):
    owner = make_role(title="Provägare")
    page_with("https://a.example/x#y", "https://a.example/x", nav_title="Provsida", owner=owner)
    Actor.objects.filter(code=Actor.objects.first().code).update(url="https://b.example/")
    law = LegalReference.objects.first()
    LegalReference.objects.filter(pk=law.pk).update(kind="lag", number="1999:1")
    organiser = Organiser.objects.first()
    Organiser.objects.filter(pk=organiser.pk).update(url="https://c.example/")
    draft = make_version(body='<p><a href="https://utkast.example/">x</a></p>', state="draft")
    render_version(draft)

    assert external_links.store_links() == 4
    found = {
        link.url: [(place.place, place.owner and place.owner.title) for place in link.places.all()]
        for link in ExternalLink.objects.all()
    }
    assert found["https://a.example/x"] == [("Sida: Provsida", "Provägare")]
    assert found["https://c.example/"] == [(f"Anordnare: {organiser}", None)]
    assert set(found) == {
        "https://a.example/x", "https://b.example/", "https://c.example/", "https://lagen.nu/1999:1"
    }  # fmt: skip


def test_link_is_dead_after_failing_on_two_days(bare, monkeypatch, clock):
    owner = make_role(title="Provägare")
    page_with("https://trasig.example/", "https://hel.example/", nav_title="P", owner=owner)
    ask = answers(trasig="svarar med fel 404")

    first = run(monkeypatch, ask)
    again = run(monkeypatch, ask)
    clock.move_to(timezone.now() + timedelta(days=1))
    out, fault, code = run(monkeypatch, ask)

    assert (first[1:], again[1:]) == (("", 0), ("", 0))
    assert (fault, code) == ("1 döda länkar.", 1)
    assert "Provägare\n  https://trasig.example/: svarar med fel 404, sedan 2026-11-23" in out
    clock.move_to(timezone.now() + timedelta(days=1))
    assert run(monkeypatch, answers())[1:] == ("", 0)
    assert ExternalLink.objects.exclude(first_failed_on=None).count() == 0


def test_link_that_is_gone_is_forgotten(bare, monkeypatch):
    version = page_with("https://borta.example/", "https://kvar.example/")
    run(monkeypatch, answers())
    version.body = '<p><a href="https://kvar.example/">x</a></p>'
    render_version(version)
    run(monkeypatch, answers())

    links = ExternalLink.objects.values_list("url", "status")
    assert list(links) == [("https://kvar.example/", 200)]


def test_limit_takes_those_asked_longest_ago(bare, monkeypatch):
    page_with(*(f"https://{name}.example/" for name in "abc"))
    rounds = [json.loads(run(monkeypatch, answers(), "--limit=2", "--json")[0]) for _ in range(2)]

    assert [[row["url"] for row in each["checked"]] for each in rounds] == [
        ["https://a.example/", "https://b.example/"],
        ["https://c.example/", "https://a.example/"],
    ]
    assert [each["links"] for each in rounds] == [3, 3]


def test_the_same_website_is_not_asked_at_once(bare, monkeypatch):
    page_with("https://a.example/1", "https://a.example/2", "https://b.example/")
    external_links.store_links()
    monkeypatch.setattr(external_links, "probe", answers())
    pauses = []
    monkeypatch.setattr(external_links.time, "sleep", lambda seconds: pauses.append(seconds > 0.5))

    order = [link.url for link in external_links.check_links(delay=1)]

    assert order == ["https://a.example/1", "https://b.example/", "https://a.example/2"]
    assert pauses == [False, False, True]


def test_command_asks_a_real_website_and_says_who_asks(bare, website, settings):
    settings.LINK_CHECK_INTERNAL_HOSTS = ["127.0.0.1"]
    settings.ALLOWED_HOSTS = ["*", "portal.example.se"]
    page_with(f"{website}/200", f"{website}/404")
    Website.asked.clear()

    out = StringIO()
    call_command("check_links", "--delay=0", "--timeout=2", stdout=out)

    assert f"{website}/404: svarar med fel 404" in out.getvalue()
    assert {agent for _, _, agent in Website.asked} == {
        "Mozilla/5.0 (compatible; forsakringsmedicin-lankkontroll; +http://portal.example.se/)"
    }
    assert [asked[:2] for asked in Website.asked] == [
        ("HEAD", "/200"), ("HEAD", "/404"), ("GET", "/404")
    ]  # fmt: skip


@pytest.mark.parametrize("option", ["--limit=0", "--limit=x", "--timeout=-1", "--timeout=nan"])
def test_wrong_use_is_told(db, option):
    with pytest.raises(CommandError):
        call_command("check_links", option)


def test_dead_links_wait_for_the_editor(client, bare, clock):
    owner = make_role(title="Provägare", code="provagare")
    page_with("https://trasig.example/", "https://hel.example/", nav_title="Provsida", owner=owner)
    external_links.store_links()
    ExternalLink.objects.filter(url__contains="trasig").update(
        failed_days=2, fault="svarar med fel 404", status=404, checked_at=timezone.now()
    )
    client.force_login(get_user_model().objects.create_superuser("chef@example.org", "x"))
    link = ExternalLink.objects.get(url__contains="trasig")

    first = client.get("/admin/").content.decode()
    listed = client.get("/admin/guidance/externallink/?svar=dod&agare=provagare")
    shown = words(client.get(f"/admin/guidance/externallink/{link.pk}/change/").content.decode())

    assert '<a href="/admin/guidance/externallink/?svar=dod">Döda länkar <b>1</b></a>' in first
    assert [row.url for row in listed.context["cl"].result_list] == ["https://trasig.example/"]
    assert "död: svarar med fel 404" in shown
    assert "Provsida (Provägare)" in shown
