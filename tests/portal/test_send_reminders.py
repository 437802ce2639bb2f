"""Letters to owners: who gets which, once a week, whatever the mail server does."""

import io
import json
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from guidance import reminders as page_reminders
from guidance.models import Page, PageVersion
from organisation.models import Appointment
from portal.outbox import actions, reminders
from portal.outbox.models import OutgoingMail
from portal.outbox.reminders import Reminder
from portal.publishing.models import VersionState
from tests.factories import (
    make_appointment,
    make_feedback,
    make_page,
    make_person,
    make_role,
    make_version,
)

pytestmark = pytest.mark.django_db


class Refusing(EmailBackend):
    """Takes no letter to addresses that begin with "fel"."""

    def send_messages(self, messages):
        if messages[0].to[0].startswith("fel"):
            raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"Okand")})
        return super().send_messages(messages)


class Down(EmailBackend):
    tried = 0

    def send_messages(self, messages):
        Down.tried += 1
        raise SMTPServerDisconnected("Servern svarar inte")


class SecondRun(EmailBackend):
    """In the middle of each sending, another run starts."""

    def send_messages(self, messages):
        actions.send_waiting()
        return super().send_messages(messages)


def use(settings, backend):
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"


def queue(number=1, to="anna@example.org"):
    actions.queue(key=f"prov {number}", to=to, subject=f"Brev {number}", body="Hej")


def run(*arguments):
    out = io.StringIO()
    call_command("send_reminders", *arguments, stdout=out)
    return out.getvalue()


def remind(monkeypatch, *found):
    """Only these reminders, whatever the starting content has."""
    monkeypatch.setattr(reminders, "_sources", [lambda: found])


def one(address="anna@example.org", **fields):
    values = {
        "owner": "Rollen Prov",
        "addresses": (address,) if address else (),
        "heading": "Att göra",
        "text": "Läs sidan",
        "path": "/intyg/",
    }
    return Reminder(**{**values, **fields})


# -- the queue ---------------------------------------------------------------------------


def test_letter_is_queued_once_by_its_key():
    queue()
    queue()

    assert OutgoingMail.objects.count() == 1


def test_waiting_letter_is_sent_once_and_marked():
    queue()
    first, second = actions.send_waiting(), actions.send_waiting()
    row = OutgoingMail.objects.get()

    assert (first["sent"], second["sent"]) == (1, 0)
    assert [(each.to, each.subject) for each in mail.outbox] == [(["anna@example.org"], "Brev 1")]
    assert (row.state, row.claimed_until) == ("sent", None)
    assert mail.outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_two_runs_at_the_same_time_send_each_letter_once(settings):
    use(settings, SecondRun)
    for number in range(3):
        queue(number)
    actions.send_waiting()

    assert sorted(each.subject for each in mail.outbox) == ["Brev 0", "Brev 1", "Brev 2"]


def test_letter_of_a_run_that_died_is_free_after_a_while(clock):
    queue()
    OutgoingMail.objects.update(claimed_until=timezone.now() + actions.CLAIM)
    assert actions.send_waiting()["sent"] == 0
    clock.shift(actions.CLAIM)

    assert actions.send_waiting()["sent"] == 1


def test_server_that_is_down_leaves_all_letters_and_is_asked_once(settings, clock):
    use(settings, Down)
    Down.tried = 0
    for number in range(3):
        queue(number)
    result = actions.send_waiting()

    assert (Down.tried, result["sent"], result["waiting"]) == (1, 0, 3)
    assert {*OutgoingMail.objects.values_list("state", "tries")} == {("waiting", 0)}
    assert OutgoingMail.objects.exclude(error="").get().error.startswith("SMTPServerDisconnected")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.shift(actions.SERVER_RETRY_AFTER)
    assert actions.send_waiting()["sent"] == 3


def test_refused_letter_is_tried_again_later_and_then_given_up(settings, clock):
    use(settings, Refusing)
    queue(1, to="fel@example.org")
    queue(2)
    assert dict(actions.send_waiting()) == {"refused": 1, "sent": 1, "waiting": 1}
    assert actions.send_waiting()["refused"] == 0
    waits = []
    while (row := OutgoingMail.objects.get(key="prov 1")).state == "waiting":
        waits.append(row.next_try_at - timezone.now())
        clock.move_to(row.next_try_at + timedelta(seconds=1))
        actions.send_waiting()

    assert (row.state, row.tries) == ("failed", 6)
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [5, 60, 360, 1440, 2880]
    assert "550" in row.error
    assert actions.try_again(OutgoingMail.objects.all()) == 1
    assert actions.send_waiting()["refused"] == 1


def test_old_letters_are_deleted_and_waiting_ones_never(clock):
    queue(1)
    actions.send_waiting()
    queue(2)
    clock.shift(actions.KEPT + timedelta(seconds=1))
    actions.forget_old()

    assert [*OutgoingMail.objects.values_list("key", flat=True)] == ["prov 2"]


# -- the letters -------------------------------------------------------------------------


def test_one_letter_an_address_with_absolute_links_and_no_markup(monkeypatch, settings):
    settings.SITE_URL = "https://portal.example.org"
    remind(
        monkeypatch,
        one("Anna@Example.org"),
        one(text="Svara <b>&amp; läs</b>", heading="Synpunkter", path="/admin/"),
        one("bo@example.org"),
    )
    run()
    letters = {each.to[0]: each for each in mail.outbox}

    assert sorted(letters) == ["anna@example.org", "bo@example.org"]
    assert letters["anna@example.org"].subject == "Försäkringsmedicin: 2 saker att göra"
    assert letters["bo@example.org"].subject == "Försäkringsmedicin: 1 sak att göra"
    body = letters["anna@example.org"].body
    assert "Att göra (1)\n- Läs sidan\n  https://portal.example.org/intyg/\n" in body
    assert "- Svara <b>&amp; läs</b>\n" in body
    assert letters["anna@example.org"].content_subtype == "plain"


def test_nothing_waits_and_nobody_is_written_to(monkeypatch):
    remind(monkeypatch)

    assert run().strip() == "0 brev skickade, 0 väntar på nästa försök."
    assert mail.outbox == []


def test_same_address_gets_one_letter_a_week(monkeypatch, clock):
    remind(monkeypatch, one())
    run()
    clock.shift(timedelta(days=6, hours=14))
    assert "har fått veckans brev" in run()
    assert len(mail.outbox) == 1
    clock.shift(timedelta(hours=10))
    run()

    assert len(mail.outbox) == 2


def test_two_runs_that_both_saw_nothing_sent_queue_one_letter(monkeypatch):
    remind(monkeypatch, one())
    (digest,), _ = reminders.digests()

    assert [reminders.queue_digest(digest), reminders.queue_digest(digest)] == [True, False]


def test_dry_run_stores_and_sends_nothing(monkeypatch):
    remind(monkeypatch, one())
    told = run("--dry-run")

    assert "anna@example.org" in told
    assert "1 brev skulle skickas. Inget är sparat." in told
    assert (mail.outbox, OutgoingMail.objects.count()) == ([], 0)


def test_json_says_who_got_what(monkeypatch):
    remind(monkeypatch, one(), one("", owner="Rollen Tom"))
    result = json.loads(run("--json"))

    assert result == {
        "dry_run": False,
        "digests": [{"to": "anna@example.org", "parts": {"Att göra": [["Läs sidan", "/intyg/"]]}}],
        "had_one_lately": [],
        "without_address": {"Rollen Tom": 1},
        "queued": 1,
        "letters": {"sent": 1, "waiting": 0},
    }


def test_exit_code_tells_that_letters_are_left(monkeypatch, settings):
    use(settings, Down)
    remind(monkeypatch, one())

    with pytest.raises(CommandError, match="försöks igen") as stopped:
        run()
    assert stopped.value.returncode == 1
    with pytest.raises(CommandError):
        call_command("send_outbox", stdout=io.StringIO())


def test_administrators_learn_whom_no_letter_reaches(monkeypatch):
    for email, active in (("chef@example.org", True), ("slutat@example.org", False)):
        user = get_user_model().objects.create_user(email, "x", is_active=active)
        user.groups.add(Group.objects.get(name="administratör"))
    remind(monkeypatch, one("", owner="Rollen Tom"), one("inte en adress", owner="Rollen Tom"))
    queue(1, to="fel@example.org")
    OutgoingMail.objects.update(state="failed")
    run()

    (letter,) = mail.outbox
    assert letter.to == ["chef@example.org"]
    assert "- Rollen Tom har ingen e-postadress. 2 saker väntar\n" in letter.body
    assert "Brev som inte kunde skickas (1)\n- 1 brev\n" in letter.body


# -- what pages remind of ----------------------------------------------------------------


@pytest.fixture
def owner():
    """A role held by one person, at a mailbox of the function's."""
    role = make_role(title="Provrollen")
    person = make_person(email="anna@example.org")
    make_appointment(role=role, person=person, email="funktion@example.org")
    return role


def reminded(owner):
    """(heading, text) of a role's reminders, with where they go."""
    rows = [row for row in page_reminders.of_pages() if row.owner == f"Rollen {owner.title}"]
    return [(row.heading, row.text) for row in rows], {row.addresses for row in rows}


def owned(owner, **fields):
    return make_version(page=make_page(owner=owner, **fields)).page


def test_owner_is_told_of_reviews_feedback_and_drafts(owner):
    today = date(2026, 11, 23)
    owned(owner, slug="sen", reviewed_on=date(2025, 11, 23))
    owned(owner, slug="snart", reviewed_on=today.replace(year=2025) + timedelta(days=30))
    owned(owner, slug="lugn", reviewed_on=today.replace(year=2025) + timedelta(days=31))
    owned(owner, slug="aldrig")
    read = owned(owner, slug="laser", nav_title="Läsarnas")
    make_feedback(page=read)
    make_feedback(page=read)
    make_feedback(page=read, status="read")
    old = make_version(page=owned(owner, nav_title="Gammalt"), state=VersionState.DRAFT)
    make_version(page=owned(owner, nav_title="Nytt"), state=VersionState.DRAFT)
    lain = timezone.now() - timedelta(days=15)
    PageVersion.objects.filter(pk=old.pk).update(created_at=lain)

    found, addresses = reminded(owner)

    assert addresses == {("funktion@example.org",)}
    assert [row for row in found if row[0] != page_reminders.FAULTS] == [
        ("Granskningen är försenad", "Testsida, 23 november 2026"),
        ("Ska granskas inom 30 dagar", "Testsida, 23 december 2026"),
        ("Nya synpunkter att läsa", "Läsarnas: 2"),
        ("Utkast som har legat i mer än 14 dagar", "Gammalt, sedan 8 november 2026"),
    ]


def test_draft_that_was_saved_lately_does_not_lie(owner):
    draft = make_version(page=owned(owner), state=VersionState.DRAFT)
    PageVersion.objects.filter(pk=draft.pk).update(created_at=timezone.now() - timedelta(days=60))
    by = get_user_model().objects.create_user("red@example.org", "x")
    draft.events.create(action="saved", by=by)

    assert [row for row in reminded(owner)[0] if row[0] == page_reminders.DRAFTS] == []


def test_page_with_a_fault_is_told_and_one_without_is_not(owner):
    page = owned(owner, slug="trasig", nav_title="Trasig")
    PageVersion.objects.filter(page=page).update(body='<p><a href="sida:finns-inte">Hit</a></p>')
    owned(owner, slug="hel")

    assert ("Publicerade sidor med fel i texten", "Trasig: 1 fel") in reminded(owner)[0]
    assert not any("hel" in text for _, text in reminded(owner)[0])


def addresses_after(owner, **fields):
    make_appointment(role=owner, **fields)
    owned(owner, reviewed_on=date(2020, 1, 1))
    ((addresses),) = reminded(owner)[1]
    return addresses


def test_person_is_written_to_where_the_function_has_no_mailbox():
    role = make_role(title="Provrollen")
    person = make_person(email="anna@example.org")

    assert addresses_after(role, person=person) == ("anna@example.org",)


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "forr@example.org", "valid_to": date(2026, 11, 22)},
        {"email": "sen@example.org", "valid_from": date(2026, 11, 24)},
        {"email": "tom@example.org", "state": Appointment.State.VACANT},
        {},
    ],
    ids=["ended", "to come", "vacant", "nobody's address"],
)
def test_role_that_nobody_can_be_reached_at_has_no_address(fields):
    assert addresses_after(make_role(title="Provrollen"), **fields) == ()


def test_role_of_very_many_has_no_owner_to_write_to():
    role = make_role(title="Provrollen")
    for number in range(5):
        make_appointment(role=role, email=f"en{number}@example.org")

    assert addresses_after(role, email="sjatte@example.org") == ()


def test_starting_content_waits_for_nobody():
    assert Page.objects.public().count() > 60
    assert [*page_reminders.of_pages()] == []
