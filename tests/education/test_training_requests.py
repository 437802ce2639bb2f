"""Training on request: from a unit's form to the day that the row is deleted."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.models import RequestStatus, TrainingRequest
from portal.outbox.models import OutgoingMail
from portal.web.form_token import form_token
from portal.web.personal_data import Subject, forget
from tests.factories import make_training_request, make_unit
from tests.pages import main_of, words

pytestmark = pytest.mark.django_db
PATH = "/kompetens/bestall-utbildning/"
THANKS = f"{PATH}tack/"
RESPONSIBLE = "utbildning@exempelland.example.org"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def send(client, **more):
    data = {
        "innehall": "Intyg vid smärta.",
        "for_vem": "Läkare och koordinatorer",
        "antal": "12",
        "nar": "En onsdag i februari",
        "enhet": "Fjällmottagningen",
        "namn": "Test Testsson",
        "epost": "Test@region.example",
        "telefon": "070-174 06 05",
        "webbplats": "",
        "kod": form_token("bestall-utbildning"),
    }
    return client.post(PATH, data | more)


def member(group):
    user = get_user_model().objects.create_user(f"{group}@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def test_form_is_linked_from_the_structure_and_an_empty_calendar(client):
    for path in ("/kompetens/utbildningsstruktur/", "/kompetens/kalender/?manad=2099-01"):
        assert f'href="{PATH}"' in main_of(client.get(path))


def test_wish_is_stored_and_both_get_letters(client):
    answer = send(client)

    assert (answer.status_code, answer.url) == (302, THANKS)
    assert client.get(THANKS).cookies == {}
    row = TrainingRequest.objects.get()
    assert (row.what, row.audience, row.number) == (
        "Intyg vid smärta.",
        "Läkare och koordinatorer",
        12,
    )
    assert (row.unit_name, row.unit, row.status) == ("Fjällmottagningen", None, "new")
    assert (row.contact_name, row.email, row.phone) == (
        "Test Testsson",
        "test@region.example",
        "070-174 06 05",
    )
    call_command("send_outbox", verbosity=0)
    letters = {letter.to[0]: letter.body for letter in mail.outbox}
    assert set(letters) == {"test@region.example", RESPONSIBLE}
    assert f"/admin/education/trainingrequest/{row.pk}/change/" in letters[RESPONSIBLE]
    for body in letters.values():
        assert "smärta" not in body
        assert "Testsson" not in body


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"innehall": ""}, "Skriv vad utbildningen ska handla om."),
        ({"innehall": "Om 19811218-9876"}, "Det ser ut att stå ett personnummer i texten."),
        ({"for_vem": "Ring 0701740605"}, "Det ser ut att stå ett telefonnummer i texten."),
        ({"nar": "Mejla a@b.se"}, "Det ser ut att stå en e-postadress i texten."),
        ({"innehall": "x" * 2001}, "Texten är för lång: 2001 tecken. Korta den till 2000."),
        ({"for_vem": "x" * 201}, "Texten är för lång. Korta den till 200 tecken."),
        ({"antal": "-1"}, "Skriv antalet som en siffra mellan 1 och 1000."),
        ({"antal": "9" * 400}, "Skriv antalet som en siffra mellan 1 och 1000."),
        ({"antal": "många"}, "Skriv antalet som en siffra mellan 1 och 1000."),
        ({"enhet": "\x00"}, "Skriv enhetens namn"),
        ({"enhet": "19811218-9876"}, "Det ser ut att stå ett personnummer här."),
        ({"namn": "811218-9876"}, "Det ser ut att stå ett personnummer här."),
        ({"epost": "a@b.se\r\nBcc: c@d.se"}, "Skriv hela e-postadressen"),
        ({"telefon": "<script>"}, "Skriv telefonnumret med siffror"),
        ({"telefon": "811218-9876"}, "Det ser ut att stå ett personnummer här."),
        ({"kod": "x"}, "Sidan hade legat öppen för länge."),
    ],
)
def test_bad_form_is_told_and_stores_nothing(client, sent, message):
    answer = send(client, **sent)

    assert answer.status_code == 200
    assert message in words(main_of(answer))
    assert not TrainingRequest.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_line_breaks_and_signs_that_nobody_sees_are_taken_out(client):
    send(client, namn="Test\r\nTestsson\x1b", innehall="Ett\r\nTvå\x07")
    row = TrainingRequest.objects.get()

    assert (row.contact_name, row.what) == ("Test Testsson", "Ett\nTvå")


def test_program_gets_the_same_answer_and_stores_nothing(client):
    assert send(client, webbplats="x").url == THANKS
    assert not TrainingRequest.objects.exists()


def test_button_pressed_twice_stores_one(client):
    for _ in range(2):
        assert send(client).url == THANKS
    assert TrainingRequest.objects.count() == 1


def test_network_is_limited_and_an_address_gets_three_receipts(client):
    for number in range(20):
        assert send(client, antal=str(number + 1)).url == THANKS
    answer = send(client, antal="99")

    assert answer.status_code == 429
    assert TrainingRequest.objects.count() == 20
    assert OutgoingMail.objects.filter(to="").count() == 3


@pytest.mark.parametrize("text", ["Ödemottagningen", "ÖDEMOTTAGNINGEN", "SE0000000000-Ö1X"])
def test_exact_unit_is_found_without_a_question(client, text):
    unit = make_unit(name="Ödemottagningen", hsa_id="SE0000000000-O1X")
    make_unit(name="Ödemottagningen norr")
    send(client, enhet=text.replace("Ö1X", "O1x"))

    assert [*TrainingRequest.objects.values_list("unit", "unit_name")] == [
        (unit.pk, "Ödemottagningen")
    ]


def test_several_units_are_asked_about(client):
    one, other = make_unit(name="Ödemottagningen syd"), make_unit(name="Ödemottagningen norr")
    answer = send(client, enhet="ödemott")
    text = words(main_of(answer))
    assert "Välj i listan eller skriv mer." in text
    assert all(f"{unit.name} ({unit.hsa_id})" in text for unit in (one, other))
    assert not TrainingRequest.objects.exists()

    send(client, enhet="ödemott", enhet_val=other.hsa_id)
    send(client, enhet="ödemott", enhet_val="ingen")
    assert [*TrainingRequest.objects.order_by("pk").values_list("unit", "unit_name")] == [
        (other.pk, "Ödemottagningen norr"),
        (None, "ödemott"),
    ]


def test_forged_choice_is_asked_again(client):
    make_unit(name="Ödemottagningen syd")
    make_unit(name="Annan", hsa_id="SE0000000000-ANNAN")
    answer = send(client, enhet="ödemott", enhet_val="SE0000000000-ANNAN")

    assert "Välj i listan eller skriv mer." in words(main_of(answer))
    assert not TrainingRequest.objects.exists()


def test_responsible_handles_it_and_the_queue_says_what_waits(client):
    row = make_training_request()
    client.force_login(user := member("kursansvarig"))
    assert "Nya beställningar" in words(client.get("/admin/").content.decode())
    path = reverse("admin:education_trainingrequest_change", args=[row.pk])
    page = client.get(path)
    data = {
        name: page.context["adminform"].form.get_initial_for_field(field, name) or ""
        for name, field in page.context["adminform"].form.fields.items()
    }
    [opened] = re.findall(r'name="_opened" value="([^"]*)"', page.content.decode())
    data |= {"_opened": html.unescape(opened)}
    answer = client.post(path, data | {"status": "done", "note": "Den 3 mars."})
    assert answer.status_code == 302
    row.refresh_from_db()

    assert (row.status, row.note, row.handler) == ("done", "Den 3 mars.", user)
    assert row.closed_at is not None
    assert [*row.history.values_list("status", flat=True)] == ["done", "new"]
    assert "Nya beställningar" not in words(client.get("/admin/").content.decode())


def test_closed_goes_with_its_history_when_its_time_is_over(clock, settings):
    settings.TRAINING_REQUEST_DAYS = 10
    now = timezone.now()
    old = make_training_request(status=RequestStatus.DECLINED, closed_at=now - 11 * DAY)
    kept = make_training_request(status=RequestStatus.DONE, closed_at=now - 9 * DAY)
    waiting = make_training_request(created_at=now - 1000 * DAY)
    call_command("purge_training_requests", "--dry-run", verbosity=0)
    assert TrainingRequest.objects.count() == 3
    call_command("purge_training_requests", verbosity=0)

    assert {*TrainingRequest.objects.all()} == {kept, waiting}
    assert not TrainingRequest.history.filter(id=old.pk).exists()


def test_erased_person_leaves_the_wish_without_a_name():
    row = make_training_request()
    other = make_training_request(email="annan@region.example")
    gone = forget(Subject("SE0-1", addresses={"Test@region.example"})).gone
    row.refresh_from_db()
    other.refresh_from_db()

    assert "Kontaktuppgifter i beställda utbildningar: 1." in gone
    assert (row.contact_name, row.email, row.phone, row.what) == ("", "", "", "Intyg.")
    assert [*row.history.values_list("contact_name", "email", "phone")] == [("", "", "")]
    assert other.contact_name == "Test Testsson"
