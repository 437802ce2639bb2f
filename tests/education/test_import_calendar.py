"""Other organisers' calendars fetched and stored, from a website of the test's own."""

import contextlib
import gzip
import json
import socket
import threading
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from education import external_import, external_read_admin
from education.models import ExternalCalendar, ImportedEvent, Organiser
from organisation.models import Profession
from portal.web import probe as probing
from tests.conftest import NOW
from tests.education.test_external_reading import calendar as file_of
from tests.education.test_external_reading import event
from tests.factories import make_imported_event
from tests.pages import words

GOOD = file_of(event()).encode()


class Website(BaseHTTPRequestHandler):
    asked, content, tag = [], GOOD, '"ett"'

    def do_GET(self):
        self.asked.append((self.path, self.headers["If-None-Match"]))
        name = self.path.strip("/")
        if name == "slow":
            time.sleep(2)
        if name == "drip":
            self.head(200)
            for _ in range(30):
                time.sleep(0.1)
                self.wfile.write(b"BEGIN:VCALENDAR\n")
        elif name == "huge":
            self.head(200)
            for _ in range(100):
                self.wfile.write(b"x" * 100_000)
        elif name == "bomb":
            self.body(gzip.compress(b"\x00" * 50_000_000), **{"Content-Encoding": "gzip"})
        elif name == "gzip":
            self.body(gzip.compress(GOOD), **{"Content-Encoding": "gzip"})
        elif name == "not-gzip":
            self.body(GOOD, **{"Content-Encoding": "gzip"})
        elif name == "half-gzip":
            self.body(gzip.compress(GOOD)[:-9], **{"Content-Encoding": "gzip"})
        elif name == "brotli":
            self.body(GOOD, **{"Content-Encoding": "br"})
        elif name == "short":
            self.head(200, **{"Content-Length": "9999"})
            self.wfile.write(GOOD)
        elif name == "page":
            self.body(b"<!doctype html><p>Logga in")
        elif name.startswith("to-"):
            step = int(name.removeprefix("to-"))
            self.head(302, Location=f"/to-{step - 1}" if step else "/good")
        elif name in ELSEWHERE:
            self.head(302, Location=ELSEWHERE[name])
        elif name == "good":
            if self.headers["If-None-Match"] == self.tag:
                self.head(304)
            else:
                self.body(self.content, ETag=self.tag)
        else:
            self.head(404)

    def head(self, status, **headers):
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()

    def body(self, content, **headers):
        self.head(200, **{"Content-Length": str(len(content)), **headers})
        self.wfile.write(content)

    def handle(self):
        # Who asks has hung up, as it should.
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def log_message(self, *args):
        pass


ELSEWHERE = {
    "loop": "/loop",
    "inside": "http://127.0.0.2/",
    "meta": "http://169.254.169.254/latest/",
    "file": "file:///etc/passwd",
    "ten": "http://10.0.0.1/",
    "six": "http://[::1]/",
}


@pytest.fixture
def website(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.CALENDAR_INTERNAL_HOSTS = ["127.0.0.1"]
    Website.asked, Website.content, Website.tag = [], GOOD, '"ett"'
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def forbundet(db):
    organiser = Organiser.objects.create(code="forbundet", name="Förbundet")
    row = ExternalCalendar.objects.create(code="f", name="F", organiser=organiser)
    row.audiences.add(Profession.objects.get(code="lakare"))
    return row


def run(*args):
    """(exit code, what was written)"""
    out = StringIO()
    try:
        call_command("import_calendar", *args, stdout=out)
    except CommandError as ended:
        return ended.returncode, out.getvalue() + str(ended)
    return 0, out.getvalue()


def store(row, *parts):
    report = external_import.store_content(row, file_of(*parts).encode())
    row.refresh_from_db()
    return report


def states(row):
    return {
        event.uid: (event.state, event.gone_on) for event in row.events.order_by("starts", "uid")
    }


# -- fetching ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["good", "gzip", "to-2"])
def test_calendar_is_fetched_and_waits_for_a_yes(website, forbundet, name):
    forbundet.url = f"{website}/{name}"
    forbundet.save()
    code, said = run("--all")

    assert (code, said) == (
        0, "f: 1 nya, 0 ändrade, 0 oförändrade, 0 borta, 0 undantagna, 0 utelämnade.\n",
    )  # fmt: skip
    assert states(forbundet) == {"a": ("new", None)}
    assert [each.code for each in forbundet.events.get().audiences.all()] == ["lakare"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("slow", "Adressen svarar inte i tid."),
        ("drip", "Adressen svarar inte i tid."),
        ("huge", "Filen är större än 5 MB."),
        ("bomb", "Filen är större än 5 MB."),
        ("not-gzip", "Svaret går inte att packa upp."),
        ("half-gzip", "Svaret är avbrutet."),
        ("brotli", "Svaret är packat på ett sätt som inte kan läsas."),
        ("short", "Svaret är avbrutet."),
        ("page", "Det är en webbsida, ingen kalender."),
        ("404", "Adressen svarar med fel 404."),
        ("to-3", "För många omdirigeringar."),
        ("loop", "För många omdirigeringar."),
        ("inside", "Adressen leder till en adress i ett internt nät."),
        ("meta", "Adressen leder till en adress i ett internt nät."),
        ("ten", "Adressen leder till en adress i ett internt nät."),
        ("six", "Adressen leder till en adress i ett internt nät."),
        ("file", "Adressen leder till något annat än en webbplats."),
    ],
)
def test_faulty_answer_changes_no_event_and_is_told(website, forbundet, monkeypatch, name, fault):
    monkeypatch.setattr(external_import, "FETCH_SECONDS", 1)
    store(forbundet, event())
    forbundet.url = f"{website}/{name}"
    forbundet.save()
    began = time.perf_counter()
    code, _ = run("--all")
    forbundet.refresh_from_db()

    assert code == 1
    assert forbundet.fault.startswith(fault)
    assert states(forbundet) == {"a": ("new", None)}
    assert time.perf_counter() - began < 2


def test_own_network_is_refused_unless_it_is_allowed(website, forbundet, settings):
    settings.CALENDAR_INTERNAL_HOSTS = []

    assert run(f"{website}/good", "--calendar", "f") == (
        1, "f: Adressen leder till en adress i ett internt nät.\nInget sparades.",
    )  # fmt: skip
    assert Website.asked == []


def test_name_that_changes_its_mind_is_asked_for_once(website, forbundet, monkeypatch):
    """A name that is public when judged and inside when connected to does not get that far."""
    real, asked = socket.getaddrinfo, []

    def changing(host, port, *args, **more):
        if host != "ond.example":
            return real(host, port, *args, **more)
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(probing.socket, "getaddrinfo", changing)
    code, said = run("http://ond.example/good", "--calendar", "f")

    assert (code, asked) == (1, ["ond.example"])
    assert "leder till en adress i ett internt nät" in said


def test_unchanged_calendar_costs_a_question_and_is_read_anew_after_a_week(website, forbundet):
    forbundet.url = f"{website}/good"
    forbundet.save()
    run("--all")
    assert run("--all") == (0, "f: oförändrad.\n")
    Website.tag = '"två"'
    assert run("--all") == (0, "f: oförändrad.\n")
    with time_machine.travel(NOW + timedelta(days=8), tick=True):
        assert "1 oförändrade" in run("--all")[1]

    assert [tag for _, tag in Website.asked] == [None, '"ett"', '"ett"', None]


# -- storing -----------------------------------------------------------------------------------


def test_import_is_the_same_twice(forbundet):
    parts = [event("RRULE:FREQ=WEEKLY;COUNT=3"), event(uid="b", times="DTSTART:fel")]
    first = store(forbundet, *parts)
    before = list(forbundet.events.order_by("pk").values())
    second = store(forbundet, *parts)

    assert (first.new, first.set_aside) == (3, [("Möte", "Tiden ”fel” går inte att läsa.")])
    assert (second.new, second.changed, second.same, second.gone) == (0, 0, 3, 0)
    assert list(forbundet.events.order_by("pk").values()) == before


def test_moved_event_stays_approved_and_one_in_other_words_waits_again(forbundet):
    store(forbundet, event(), event(uid="b"))
    forbundet.events.update(state="approved")
    report = store(
        forbundet,
        event(times="DTSTART:20261203T090000Z"),
        event("LOCATION:Sal", uid="b", title="Reklam"),
    )

    assert report.changed == 2
    assert {uid: state for uid, (state, _) in states(forbundet).items()} == {
        "a": "approved", "b": "new",
    }  # fmt: skip
    assert [row.sequence for row in forbundet.events.all()] == [1, 1]


def test_event_that_disappears_is_gone_and_comes_back(forbundet):
    store(forbundet, event(), event(uid="b"))
    forbundet.events.update(state="approved")
    assert store(forbundet, event(uid="b")).gone == 1
    assert states(forbundet)["a"] == ("approved", date(2026, 11, 23))
    store(forbundet, event(), event("STATUS:CANCELLED", uid="b"))

    assert states(forbundet) == {
        "a": ("approved", None), "b": ("approved", date(2026, 11, 23)),
    }  # fmt: skip


def test_what_has_been_held_is_not_gone(forbundet):
    store(forbundet, event(times="DTSTART:20261120T090000Z"), event(uid="b"))
    forbundet.events.update(state="approved")
    store(forbundet, event(uid="b"))

    assert states(forbundet) == {"a": ("approved", None), "b": ("approved", None)}


def test_event_that_becomes_faulty_keeps_its_facts_and_is_not_shown(forbundet):
    store(forbundet, event())
    forbundet.events.update(state="approved")
    store(forbundet, event(times="DTSTART:20261201T090000Z\nDTEND:20261101T090000Z"))
    row = forbundet.events.get()

    assert (row.fault, row.starts.day) == ("Slutar innan den börjar.", 1)
    assert not ImportedEvent.objects.public().exists()
    store(forbundet, event())
    assert ImportedEvent.objects.public().get().fault == ""


def test_series_that_breaks_is_not_said_to_be_cancelled(forbundet):
    store(forbundet, event("RRULE:FREQ=WEEKLY;COUNT=3"))
    forbundet.events.update(state="approved")
    store(forbundet, event("RRULE:FREQ=SECONDLY"))

    assert forbundet.events.exclude(gone_on=None).count() == 0
    assert forbundet.events.exclude(fault="").count() == 1


def test_new_time_of_an_approved_series_is_approved_for_the_same(forbundet):
    store(forbundet, event("RRULE:FREQ=WEEKLY;COUNT=2"))
    kurator = Profession.objects.get(code="kurator")
    for row in forbundet.events.all():
        row.state = "approved"
        row.save()
        row.audiences.set([kurator])
    store(forbundet, event("RRULE:FREQ=WEEKLY;COUNT=3"))
    newest = forbundet.events.order_by("starts").last()

    assert newest.state == "approved"
    assert list(newest.audiences.all()) == [kurator]


def test_cancelled_before_it_was_read_is_left_out_with_the_reason(forbundet):
    report = store(forbundet, event("STATUS:CANCELLED"))

    assert states(forbundet) == {}
    assert report.left_out == [("Möte", "Inställd hos anordnaren innan den lästes in.")]


# -- the command -------------------------------------------------------------------------------


def test_file_without_a_calendar_of_its_own_gets_one(tmp_path, db):
    path = tmp_path / "Förbundets möten.ics"
    path.write_text(file_of("X-WR-CALNAME:Förbundet", event()))
    assert run(str(path))[0] == 0
    assert run(str(path))[0] == 0
    row = ExternalCalendar.objects.get()

    assert (row.code, row.name, row.events.count()) == ("forbundets-moten", "Förbundet", 1)


def test_dry_run_stores_nothing_and_tells_the_same(tmp_path, forbundet):
    path = tmp_path / "f.ics"
    path.write_text(file_of(event(), event(uid="b", times="DTSTART:fel")))
    code, said = run(str(path), "--calendar", "f", "--dry-run", "--json")
    forbundet.refresh_from_db()

    assert code == 3
    assert json.loads(said.removesuffix("En del undantogs."))[0]["new"] == 1
    assert (forbundet.events.count(), forbundet.read_at) == (0, None)
    assert run(str(path), "--dry-run")[0] == 3
    assert ExternalCalendar.objects.count() == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Ange en fil eller adress, eller bara --all."),
        (["x.ics", "--all"], "Ange en fil eller adress, eller bara --all."),
        (["finns-inte.ics"], "Filen finns-inte.ics går inte att läsa."),
        (["a\x00b"], "Filen a\x00b går inte att läsa."),
        ([__file__, "--calendar", "x"], "Kalendern x finns inte. De som finns: f."),
    ],
)
def test_wrong_use_is_told(forbundet, args, said):
    assert run(*args) == (2, said)


def test_file_that_is_no_calendar_stores_nothing(forbundet):
    code, said = run(__file__.replace("test_import_calendar", "__init__"))

    assert code == 1
    assert "Innehållet är ingen kalender." in said
    assert ExternalCalendar.objects.count() == 1


# -- in the admin ------------------------------------------------------------------------------


@pytest.fixture
def course_editor(client, db):
    user = get_user_model().objects.create_user("kurs@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="kursansvarig"))
    client.force_login(user)
    return client


def test_course_editor_approves_many_and_no_faulty_one(course_editor):
    rows = [make_imported_event(state="new") for _ in range(2)]
    rows.append(make_imported_event(state="new", fault="Fel."))
    address = reverse("admin:education_importedevent_changelist")
    waiting = course_editor.get(reverse("admin:index")).content.decode()
    answer = course_editor.post(
        address, {"action": "approve", "_selected_action": [row.pk for row in rows]}, follow=True
    )

    assert "Nya poster från andra <b>2</b>" in waiting
    assert [ImportedEvent.objects.get(pk=row.pk).state for row in rows] == [
        "approved", "approved", "new",
    ]  # fmt: skip
    assert "2 poster är godkända." in answer.content.decode()
    assert "1 undantagna poster kan inte godkännas" in answer.content.decode()


def test_calendar_that_cannot_be_read_waits(course_editor, forbundet):
    forbundet.fault = "Adressen svarar med fel 404."
    forbundet.save()
    waiting = course_editor.get(reverse("admin:index")).content.decode()
    [address] = [part.split('"')[0] for part in waiting.split('href="') if "fault" in part[:90]]

    assert "Kalendrar som inte kan läsas <b>1</b>" in waiting
    assert "svarar med fel 404" in course_editor.get(address.replace("&amp;", "&")).content.decode()


def reading_page(row):
    return reverse("admin:education_externalcalendar_las_in", args=[row.pk])


def uploaded(content, name="kalender.ics"):
    return {"fil": SimpleUploadedFile(name, content)}


def test_file_is_read_in_by_a_press_and_its_faults_are_told(course_editor, forbundet):
    content = file_of(event(), event(uid="b", title="Trasig", times="DTSTART:20270230T090000Z"))
    change_form = reverse("admin:education_externalcalendar_change", args=[forbundet.pk])
    offered = course_editor.get(change_form).content.decode()
    answer = course_editor.post(reading_page(forbundet), uploaded(content.encode()))
    said = words(answer.content.decode())

    assert reading_page(forbundet) in offered
    assert "Kalendern är inläst 1 nya, 0 ändrade, 0 oförändrade och 0 borta" in said
    assert "1 undantagna, som anordnaren behöver rätta Trasig:" in said
    assert states(forbundet) == {"a": ("new", None), "b": ("new", None)}
    assert course_editor.get(reading_page(forbundet)).status_code == 200
    assert LogEntry.objects.filter(object_id=str(forbundet.pk)).count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Filen är tom."),
        (b"\x00" * 50, "Innehållet är ingen kalender."),
        (b"BEGIN:VCARD\nEND:VCARD", "Innehållet är ingen kalender."),
        (b"x" * (5 * 1024 * 1024 + 1), "Filen är större än 5 MB. Be anordnaren om en kortare."),
    ],
)
def test_file_that_cannot_be_read_in_changes_nothing(course_editor, forbundet, content, said):
    store(forbundet, event())
    answer = course_editor.post(reading_page(forbundet), uploaded(content))
    forbundet.refresh_from_db()

    assert answer.status_code == 200
    assert "Inget är inläst. Välj en annan fil." in answer.content.decode()
    assert said in answer.content.decode()
    assert (states(forbundet), forbundet.fault) == ({"a": ("new", None)}, "")


def test_calendar_is_fetched_by_a_press(course_editor, website, forbundet):
    forbundet.url = f"{website}/good"
    forbundet.save()
    first = words(course_editor.post(reading_page(forbundet), {"hamta": "1"}).content.decode())
    again = words(course_editor.post(reading_page(forbundet), {"hamta": "1"}).content.decode())

    assert "Kalendern är inläst 1 nya" in first
    assert "Kalendern är oförändrad sedan sist" in again
    assert states(forbundet) == {"a": ("new", None)}


def test_press_asks_no_address_inside_the_network(course_editor, website, forbundet, settings):
    settings.CALENDAR_INTERNAL_HOSTS = []
    forbundet.url = f"{website}/good"
    forbundet.save()
    said = words(course_editor.post(reading_page(forbundet), {"hamta": "1"}).content.decode())

    assert "Inget är inläst. Adressen leder till en adress i ett internt nät." in said
    assert Website.asked == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Inget är inläst. Kalendern har ingen adress."),
        ({"url": "https://example.org/a.ics", "is_active": False}, "Kalendern är inte i bruk."),
    ],
)
def test_press_that_cannot_fetch_says_why(course_editor, forbundet, fields, said):
    ExternalCalendar.objects.filter(pk=forbundet.pk).update(**fields)
    answer = course_editor.post(reading_page(forbundet), {"hamta": "1"})

    assert said in words(answer.content.decode())


def test_calendars_are_read_by_a_press_only_so_often(course_editor, forbundet, monkeypatch):
    cache.clear()
    monkeypatch.setattr(external_read_admin, "READINGS_PER_HOUR", 1)
    content = file_of(event()).encode()
    course_editor.post(reading_page(forbundet), uploaded(b"nej"))
    answer = course_editor.post(reading_page(forbundet), uploaded(content))

    assert "Vänta och försök igen." in answer.content.decode()
    assert states(forbundet) == {}
    cache.clear()


def test_who_may_not_change_calendars_may_not_read_them_in(client, forbundet):
    user = get_user_model().objects.create_user("red@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="redaktör"))
    client.force_login(user)
    answers = [
        client.get(reading_page(forbundet)),
        client.post(reading_page(forbundet), uploaded(file_of(event()).encode())),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert states(forbundet) == {}
    change_form = reverse("admin:education_externalcalendar_change", args=[forbundet.pk])
    assert reading_page(forbundet) not in client.get(change_form).content.decode()
