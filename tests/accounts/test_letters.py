"""Letters about accounts: queued in the request, written and sent after it, kept by nobody."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import Invitation, User
from portal.outbox import actions
from portal.outbox.models import OutgoingMail
from tests.letters import sent_letters
from tests.portal.test_send_reminders import Down, Refusing

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN, CLOSED = (f"{name}@exempelland.example.org" for name in ("erik", "ingen", "anna"))
PASSWORD = "Vinterdäck-och-kaffe-7"
FORGOTTEN = "/konto/losenord/glomt/"


@pytest.fixture(autouse=True)
def account():
    User.objects.create_user(CLOSED, PASSWORD, is_active=False)
    return User.objects.create_user(KNOWN, PASSWORD, is_staff=True)


def use(settings, backend):
    settings.EMAIL_BACKEND = f"{backend.__module__}.{backend.__name__}"


def asked_of_the_database(client, address):
    """The questions that a request for a new password asks, without the values in them."""
    with CaptureQueriesContext(connection) as captured:
        client.post(FORGOTTEN, {"email": address})
    return [re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in captured]


def link_of(letter):
    return re.search(r"http://testserver(\S+)", letter.body)[1]


def stored():
    return str([*OutgoingMail.objects.values()])


def test_known_unknown_and_closed_accounts_cost_the_same_questions(client):
    client.post(FORGOTTEN, {"email": "forst@exempelland.example.org"})
    known, *others = (asked_of_the_database(client, each) for each in (KNOWN, UNKNOWN, CLOSED))

    assert others == [known, known]
    assert not any("accounts_user" in each for each in known)
    assert sum("outbox_outgoingmail" in each for each in known) == 1


def test_mail_server_is_not_asked_within_the_request(client, settings):
    use(settings, Down)
    Down.tried = 0
    client.post(FORGOTTEN, {"email": KNOWN})

    assert Down.tried == 0
    actions.send_waiting()
    assert Down.tried == 1


def test_letter_goes_to_the_account_and_nothing_stays_of_the_others(client):
    for address in (KNOWN.upper(), UNKNOWN, CLOSED):
        client.post(FORGOTTEN, {"email": address})
    letters = sent_letters()

    assert [(letter.to, letter.subject) for letter in letters] == [
        ([KNOWN], "Försäkringsmedicin: Välj nytt lösenord")
    ]
    assert [row.state for row in OutgoingMail.objects.all()] == ["sent"]
    assert client.get(link_of(letters[0])).status_code == 302


def test_link_to_a_new_password_is_stored_neither_before_nor_after(client):
    client.post(FORGOTTEN, {"email": KNOWN})
    before = stored()
    link = link_of(sent_letters()[0])

    assert KNOWN in before
    assert link.rsplit("-", 1)[1].strip("/") not in before + stored()
    assert FORGOTTEN not in before + stored()


@pytest.mark.parametrize("email", ["x" * 250 + "@example.org", "a\x00@b.se", "ö@å.se"])
def test_odd_addresses_are_answered_and_not_written_to(client, email):
    assert client.post(FORGOTTEN, {"email": email}).status_code in {200, 302}
    assert sent_letters() == []


def test_many_requests_for_one_address_stop(client):
    answers = [client.post(FORGOTTEN, {"email": UNKNOWN}).status_code for _ in range(6)]

    assert answers == [302] * 5 + [429]
    assert OutgoingMail.objects.count() == 5


def test_invitation_that_was_refused_gets_a_new_link(client, settings, clock, admin_client):
    use(settings, Refusing)
    response = admin_client.post(
        "/admin/accounts/invitation/add/", {"email": "fel@example.org"}, follow=True
    )
    assert "Inbjudan är på väg till fel@example.org." in response.text
    first = Invitation.objects.get().token_hash
    assert actions.send_waiting()["refused"] == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.shift(actions.RETRY_AFTER[0])
    link = link_of(sent_letters()[0])

    assert Invitation.objects.get().token_hash != first
    assert client.get(link).status_code == 200
    assert link.rstrip("/").rsplit("/", 1)[1] not in stored()


def test_invitation_that_was_taken_back_is_not_sent(admin_client):
    admin_client.post("/admin/accounts/invitation/add/", {"email": "ny@example.org"})
    Invitation.objects.all().delete()

    assert sent_letters() == []
    assert not OutgoingMail.objects.exists()


@pytest.fixture
def notice(client):
    """A letter that tells of a changed password, with the network address, in the queue."""
    client.force_login(User.objects.get(email=KNOWN))
    new = "Sommardäck-och-te-8"
    client.post("/konto/losenord/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    return OutgoingMail.objects.get()


def test_notice_is_not_read_in_the_admin_and_its_text_goes_when_it_is_sent(notice, admin_client):
    assert "127.0.0.1" in notice.body
    page = admin_client.get(f"/admin/outbox/outgoingmail/{notice.pk}/change/").text
    assert "Lösenordet är bytt" in page
    assert "Visas inte: brevet har en personlig länk" in page
    assert "127.0.0.1" not in page

    letter = sent_letters()[0]
    notice.refresh_from_db()

    assert "127.0.0.1" in letter.body
    assert (notice.state, notice.body) == ("sent", "")


def test_text_that_could_not_be_sent_is_erased_and_not_tried_again(notice, settings, clock):
    OutgoingMail.objects.update(to="fel@example.org")
    use(settings, Refusing)
    for wait in (*actions.RETRY_AFTER, actions.CLAIM):
        actions.send_waiting()
        clock.shift(wait)
    notice.refresh_from_db()

    assert (notice.state, notice.body) == ("failed", "")
    assert actions.try_again(OutgoingMail.objects.all()) == 0


def test_who_waits_comes_before_reminders(client):
    actions.queue(key="prov", to="anna@example.org", subject="Påminnelse", body="Hej")
    client.post(FORGOTTEN, {"email": KNOWN})
    sent = actions.send_waiting(only_confidential=True)

    assert (sent["sent"], sent["waiting"]) == (1, 1)
