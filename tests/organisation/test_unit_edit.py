"""The manager's pages: one form for a unit, "allt stämmer", a step back, deputies, my units."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from organisation.models import Appointment, Attestation, Person, Unit, UnitManager
from portal.accounts.models import Invitation
from portal.outbox.models import OutgoingMail
from portal.outbox.reminders import digests
from tests.conftest import TODAY
from tests.factories import (
    make_appointment,
    make_manager,
    make_person,
    make_role,
    make_unit,
    make_unit_kind,
)
from tests.letters import sent_letters
from tests.pages import main_of, words

pytestmark = pytest.mark.django_db

State = Appointment.State
STOCKHOLM = ZoneInfo("Europe/Stockholm")
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def role():
    return make_role(code="prov", title="Provroll", single_seat=True)


@pytest.fixture
def unit(role):
    kind = make_unit_kind(name="Provslag")
    role.required_kinds.add(kind)
    return make_unit(name="Provenheten", hsa_id="SE1-PROV", kind=kind, phone="08-1")


def signed_in(unit, email="chef@example.org", **fields):
    client = Client()
    client.user = get_user_model().objects.create_user(email, "x", **fields)
    client.right = make_manager(unit=unit, user=client.user)
    client.force_login(client.user)
    return client


@pytest.fixture
def chief(unit):
    return signed_in(unit, first_name="Eva", last_name="Chef")


EDIT = "/organisation/enheter/SE1-PROV/redigera/"


def values_of(response):
    """What a browser would send from the form as it stands."""
    form, values = response.context["form"], {"_opened": response.context["token"]}
    for bound in form:
        value = bound.value()
        if value in (None, False, ""):
            continue
        if value is True:
            values[bound.html_name] = "on"
        else:
            values[bound.html_name] = bound.field.widget.format_value(value) or value
        if isinstance(values[bound.html_name], list):
            values[bound.html_name] = values[bound.html_name][0]
    return values


def save(client, **changes):
    """Opens the form, changes some fields, and sends it: save(chief, prov_1_state="held")."""
    values = values_of(client.get(EDIT))
    return client.post(EDIT, changed(values, changes))


def changed(values, changes):
    """{"prov_1_name": "X"} is the field r-prov-1-name."""
    names = {
        name: re.sub(r"^prov_(\d)_", r"r-prov-\1-", name).replace("extra_", "extra-", 1)
        for name in changes
    }
    return {**values, **{names[name]: value for name, value in changes.items()}}


def told(response):
    return [words(str(each)) for each in response.context["messages"]]


def appointments(unit):
    return list(
        unit.appointments.order_by("valid_from", "pk").values_list(
            "state", "person__name", "valid_from", "valid_to"
        )
    )


def test_anonymous_is_led_to_sign_in_and_a_stranger_gets_404(unit, client):
    assert client.get(EDIT).url == f"/konto/logga-in/?next={EDIT}"
    stranger = signed_in(make_unit(), "annan@example.org")

    assert stranger.get(EDIT).status_code == 404
    assert stranger.post(EDIT, {"phone": "x"}).status_code == 404


def test_unit_page_leads_to_the_form_and_sets_no_cookie(unit, client):
    page = client.get(unit.get_absolute_url())

    assert f'href="{EDIT}"' in page.text
    assert "Uppgifterna är inte kontrollerade" in page.text
    assert not page.cookies


def test_form_saves_the_units_contacts_with_history_and_a_receipt(unit, chief):
    response = save(chief, phone="08-2", reason="Ny växel")

    assert response.url == EDIT
    unit.refresh_from_db()
    record = unit.history.latest()
    assert (unit.phone, record.history_user, record.history_change_reason) == (
        "08-2",
        chief.user,
        "Enhetens sida: Ny växel",
    )
    letter = OutgoingMail.objects.get(to="chef@example.org")
    assert letter.subject == "Ändrat: Provenheten"
    assert "- Telefon: 08-1 → 08-2" in letter.body
    page = words(main_of(chief.get(EDIT)))
    assert "Ny växel Telefon: 08-1 → 08-2" in page


@pytest.mark.parametrize("number", ["växeln", "08-abc", "växel 08-1"])
def test_number_that_no_phone_can_dial_is_refused(unit, chief, number):
    response = save(chief, phone=number, prov_1_state="function", prov_1_phone=number)

    message = "Börja med numret, till exempel 08-465 00 19 eller 08-465 00 19, knappval 2."
    assert response.status_code == 422
    assert response.context["form"].errors == {"phone": [message], "r-prov-1-phone": [message]}
    unit.refresh_from_db()
    assert unit.phone == "08-1"


@pytest.mark.parametrize("number", ["08–465 00 19", "+46 (0)8-465 00 19", "08-1, knappval 2", ""])
def test_number_may_be_written_as_people_do(unit, chief, number):
    assert save(chief, phone=number).status_code == 302

    unit.refresh_from_db()
    assert unit.phone == number


def test_older_number_does_not_hinder_other_changes(unit, chief):
    Unit.objects.filter(pk=unit.pk).update(phone="växeln")

    assert save(chief, address="Nygatan 1").status_code == 302


def test_day_that_does_not_exist_is_refused_in_phone_hours(unit, chief):
    response = save(chief, prov_1_state="function", prov_1_phone_hours="Stängt 31/2")

    message = "”31/2” är inget datum. Skriv en dag som finns, till exempel 28/2."
    assert response.status_code == 422
    assert response.context["form"].errors == {"r-prov-1-phone_hours": [message]}


def test_form_sent_as_it_stands_stores_nothing(unit, chief, role):
    make_appointment(unit=unit, role=role, valid_from=date(2020, 1, 1), phone="1")
    before = Appointment.history.count()

    response = save(chief)

    assert told(chief.get(response.url)) == ["Inget var ändrat, så inget har sparats."]
    assert Appointment.history.count() == before
    assert not OutgoingMail.objects.exists()


def test_new_person_gets_a_role_that_nobody_had(unit, chief):
    save(chief, prov_1_state="held", prov_1_name="Åsa Ny", prov_1_hsa_id=" se1-asa ",
         prov_1_title="Kurator", prov_1_phone="070-1", prov_1_phone_hours="Mån 8–9")  # fmt: skip

    assert appointments(unit) == [("held", "Åsa Ny", TODAY, None)]
    person = Person.objects.get(name="Åsa Ny")
    assert (person.hsa_id, person.title) == ("SE1-ASA", "Kurator")
    row = unit.appointments.get()
    assert (row.phone, row.phone_hours, row.confirmed_on) == ("070-1", "Mån 8–9", TODAY)


def test_existing_person_is_found_by_name_without_script(unit, chief):
    known = make_appointment(person=make_person(name="Örjan Känd"))

    save(chief, prov_1_state="held", prov_1_name="örjan känd")

    assert unit.appointments.get().person == known.person


def test_several_with_one_name_are_chosen_among(unit, chief):
    first, second = (make_appointment(person=make_person(name="Bo Dubbel")).person for _ in "ab")

    response = save(chief, prov_1_state="held", prov_1_name="Bo Dubbel")

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "r-prov-1-name": ["Flera heter Bo Dubbel. Välj vem du menar."]
    }
    assert response.text.count('name="r-prov-1-pick"') == 2
    assert "<title>Fel: " in response.text
    values = {**values_of(response), "r-prov-1-pick": str(second.pk)}
    assert chief.post(EDIT, values).status_code == 302
    assert unit.appointments.get().person == second
    assert first != second


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"prov_1_state": "held"}, "name",
         "Skriv vem som har rollen, eller välj ett annat läge."),
        ({"prov_1_state": "held", "prov_1_hsa_id": "SE1-OKÄND"}, "name",
         "Skriv personens namn: HSA-id:t är nytt här."),
        ({"prov_1_name": "Bo"}, "state",
         "Välj ett läge för rollen, eller töm de andra fälten."),
        ({"prov_1_state": "shared"}, "shared_with", "Skriv vilken enhet rollen delas med."),
        ({"prov_1_state": "shared", "prov_1_shared_with": "Finns inte"}, "shared_with",
         "Ingen enhet passar på ”Finns inte”."),
        ({"prov_1_state": "vacant", "prov_1_first_day": "2026-03-02",
          "prov_1_last_day": "2026-03-01"}, "last_day",
         "Sista dagen kan inte komma före den första."),
        ({"prov_1_state": "held", "prov_1_name": "Ny", "prov_1_hsa_id": "å!"}, "hsa_id",
         "Skriv HSA-id med bokstäver A–Z, siffror och bindestreck."),
    ],
)  # fmt: skip
def test_fault_is_told_first_and_leads_to_its_field(unit, chief, typed, field, message):
    response = save(chief, **typed)

    assert response.status_code == 422
    assert response.context["form"].errors == {f"r-prov-1-{field}": [message]}
    label = response.context["form"].fields[f"r-prov-1-{field}"].label
    assert f'<a href="#id_r-prov-1-{field}">Provroll: {label}. {message}</a>' in response.text
    assert not unit.appointments.exists()


def test_protected_person_is_not_named_by_a_guess(unit, chief):
    make_person(name="Hemlig Person", hsa_id="SE1-H", protected=True)

    response = save(chief, prov_1_state="held", prov_1_name="Gissning", prov_1_hsa_id="SE1-H")

    assert "hör till någon annan" in response.text
    assert "Hemlig Person" not in response.text


def test_change_of_person_ends_one_and_begins_the_other(unit, chief, role):
    make_appointment(unit=unit, role=role, person=make_person(name="Gun Gammal"),
                     valid_from=date(2020, 1, 1), phone="1")  # fmt: skip

    save(chief, prov_1_name="Nils Ny", prov_1_hsa_id="SE1-NILS", prov_1_first_day="2026-12-01")

    december = date(2026, 12, 1)
    assert appointments(unit) == [
        ("held", "Gun Gammal", date(2020, 1, 1), december),
        ("held", "Nils Ny", december, None),
    ]
    page = words(main_of(chief.get(EDIT)))
    assert page.count("Gun Gammal till och med 30 november 2026") == 1
    assert page.count("Nils Ny från och med 1 december 2026") == 1
    assert page.count("från och med") == page.count("Nils Ny från och med")


def test_last_day_leaves_a_vacancy_the_day_after_and_taking_it_back_takes_it_away(
    unit, chief, role
):
    make_appointment(unit=unit, role=role, person=make_person(name="Gun"), valid_from=YESTERDAY)

    save(chief, prov_1_last_day="2026-11-30")

    assert appointments(unit) == [
        ("held", "Gun", YESTERDAY, date(2026, 12, 1)),
        ("vacant", None, date(2026, 12, 1), None),
    ]

    save(chief, prov_1_last_day="")

    assert appointments(unit) == [("held", "Gun", YESTERDAY, None)]


@pytest.mark.parametrize(
    ("address", "stays"),
    [("reko.norr@example.org", True), ("gun.gammal@example.org", False), ("gg@example.org", False)],
)
def test_vacancy_has_the_functions_mailbox_and_no_address_of_who_left(
    unit, chief, role, address, stays
):
    gun = make_person(name="Gun Gammal", email="GG@example.org")
    make_appointment(unit=unit, role=role, person=gun, valid_from=YESTERDAY, email=address)

    save(chief, prov_1_last_day="2026-11-30")

    assert unit.appointments.get(state=State.VACANT).email == (address if stays else "")


def test_nobody_is_missed_at_a_unit_that_closes_with_the_last_day(unit, chief, role):
    unit.valid_to = date(2026, 12, 1)
    unit.save()
    make_appointment(unit=unit, role=role, person=make_person(name="Gun"), valid_from=YESTERDAY)

    save(chief, prov_1_last_day="2026-11-30")

    assert appointments(unit) == [("held", "Gun", YESTERDAY, date(2026, 12, 1))]


def test_vacancy_is_filled_and_who_stood_in_ends(unit, chief, role):
    make_appointment(unit=unit, role=role, state=State.VACANT, valid_from=date(2026, 1, 1))
    make_appointment(unit=unit, role=role, acting=True, person=make_person(name="Tove"),
                     valid_from=date(2026, 1, 1))  # fmt: skip

    save(chief, prov_1_state="held", prov_1_name="Ny Nysson", prov_1_hsa_id="SE1-NY")

    assert appointments(unit) == [
        ("vacant", None, date(2026, 1, 1), TODAY),
        ("held", "Tove", date(2026, 1, 1), TODAY),
        ("held", "Ny Nysson", TODAY, None),
    ]


def test_another_appointment_is_added_and_a_taken_seat_is_refused(unit, chief, role):
    other = make_role(title="Annan roll")
    make_appointment(unit=unit, role=role, valid_from=YESTERDAY)

    save(chief, extra_role=str(other.pk), extra_state="function", extra_email="f@example.org")

    assert unit.appointments.get(role=other).email == "f@example.org"

    response = save(chief, extra_role=str(role.pk), extra_state="function")

    assert response.status_code == 422
    assert unit.appointments.filter(role=role).count() == 1


def test_do_not_know_ends_what_was_said(unit, chief, role):
    row = make_appointment(unit=unit, role=role, state=State.FUNCTION, valid_from=YESTERDAY)

    save(chief, prov_1_state="")

    row.refresh_from_db()
    assert row.valid_to == TODAY


def test_two_at_once_meet_and_nothing_is_lost(unit, chief, role):
    make_appointment(unit=unit, role=role, person=make_person(name="Gun"), valid_from=YESTERDAY,
                     phone="1", phone_hours="8–9")  # fmt: skip
    second = signed_in(unit, "bo@example.org", first_name="Bo", last_name="Alm")
    mine = values_of(second.get(EDIT))
    save(chief, prov_1_phone="2", phone="08-2")

    conflict = second.post(EDIT, changed(mine, {"prov_1_phone": "3", "prov_1_phone_hours": "9–10"}))

    assert conflict.status_code == 409
    page = words(main_of(conflict))
    assert "Eva Chef sparade Provenheten 23 november 2026" in page
    assert {
        part: [(each.label, each.base, each.theirs, each.mine) for each in conflict.context[part]]
        for part in ("to_choose", "theirs", "mine")
    } == {
        "to_choose": [("Provroll: Telefon", "1", "2", "3")],
        "theirs": [("Enheten: Telefon", "08-1", "08-2", "08-1")],
        "mine": [("Provroll: Telefontid", "8–9", "8–9", "9–10")],
    }
    again = {
        **changed(mine, {"prov_1_phone": "3", "prov_1_phone_hours": "9–10"}),
        "_opened": conflict.context["token"],
    }
    assert second.post(EDIT, again).status_code == 409
    assert second.post(EDIT, {**again, "_choose:r-prov-1-phone": "mine"}).status_code == 302
    row = unit.appointments.get()
    unit.refresh_from_db()
    assert (row.phone, row.phone_hours, unit.phone) == ("3", "9–10", "08-2")


def test_two_who_name_somebody_else_for_a_vacancy_meet(unit, chief, role):
    make_appointment(unit=unit, role=role, state=State.VACANT, valid_from=date(2026, 1, 1))
    second = signed_in(unit, "bo@example.org")
    mine = values_of(second.get(EDIT))
    save(chief, prov_1_state="held", prov_1_name="Ada", prov_1_hsa_id="SE1-ADA")

    conflict = second.post(
        EDIT,
        changed(mine, {"prov_1_state": "held", "prov_1_name": "Bea", "prov_1_hsa_id": "SE1-BEA"}),
    )

    assert conflict.status_code == 409
    assert ("Provroll: Namn", "tomt", "Ada", "Bea") in [
        (each.label, each.base, each.theirs, each.mine) for each in conflict.context["to_choose"]
    ]
    assert not Person.objects.filter(name="Bea").exists()


def test_form_without_a_true_token_stores_nothing(unit, chief):
    for token in ("", "x", "\x00", "ÅÄÖ" * 500):
        response = chief.post(EDIT, {"phone": "09", "_opened": token})
        assert response.status_code == 409
        assert "Ingenting är sparat" in response.text
    unit.refresh_from_db()
    assert unit.phone == "08-1"


@pytest.mark.parametrize(
    "odd",
    ["\x00", "9" * 100_000, "<script>alert(1)</script>" * 20, "19121212-1212", "-1", "\ud800"],
)
def test_odd_input_is_told_and_stores_nothing(unit, chief, role, odd):
    values = values_of(chief.get(EDIT))
    before = Appointment.objects.count(), Person.objects.count()
    for name in [each for each in values if each != "_opened"] + ["r-prov-1-name", "extra-role"]:
        sent = {**values, "r-prov-1-state": "held", name: odd}
        body = "&".join(f"{key}={_quoted(value)}" for key, value in sent.items())
        response = chief.post(EDIT, body, content_type="application/x-www-form-urlencoded")
        assert response.status_code in {400, 409, 422}, name
    assert (Appointment.objects.count(), Person.objects.count()) == before


def _quoted(value):
    from urllib.parse import quote

    return quote(str(value).encode("utf-8", "surrogatepass"))


# -- allt stämmer, ångra -----------------------------------------------------------------


def test_all_is_right_is_told_to_readers_and_moves_the_next_check(unit, chief, role, client):
    row = make_appointment(unit=unit, role=role, confirmed_on=date(2026, 1, 15))
    assert "kontroll försenad" in client.get(unit.get_absolute_url()).text
    token = chief.get(EDIT).context["token"]

    chief.post(f"{EDIT}stammer/", {"_opened": token})
    chief.post(f"{EDIT}stammer/", {"_opened": token})

    row.refresh_from_db()
    assert row.confirmed_on == TODAY
    page = client.get(unit.get_absolute_url()).text
    assert 'Uppgifterna kontrollerade <time datetime="2026-11-23">' in page
    assert "kontroll försenad" not in page
    assert "nästa kontroll 23 maj 2027" in words(main_of(chief.get(reverse("my_units"))))
    attestation = Attestation.objects.get()
    assert (attestation.unit, attestation.by, attestation.on) == (unit, chief.user, TODAY)


def test_what_was_not_seen_is_not_said_to_be_right(unit, chief):
    token = chief.get(EDIT).context["token"]
    save(chief, phone="08-3")

    response = chief.post(f"{EDIT}stammer/", {"_opened": token})

    assert "har ändrats sedan du öppnade sidan" in told(chief.get(response.url))[-1]
    assert not Attestation.objects.exists()
    assert chief.get(f"{EDIT}stammer/").status_code == 405


def moment_of(response):
    return re.search(r'name="moment" value="([^"]+)"', response.text)[1]


def test_last_save_is_undone_as_a_moment_of_its_own(unit, chief, role):
    make_appointment(unit=unit, role=role, person=make_person(name="Gun"), valid_from=YESTERDAY)
    save(chief, prov_1_name="Nils", prov_1_hsa_id="SE1-NILS", phone="08-9")
    assert len(appointments(unit)) == 2

    response = chief.post(f"{EDIT}angra/", {"moment": moment_of(chief.get(EDIT))})

    assert told(chief.get(response.url))[-1].startswith("Ångrat.")
    unit.refresh_from_db()
    assert unit.phone == "08-1"
    assert appointments(unit) == [("held", "Gun", YESTERDAY, None)]
    assert not Person.objects.filter(name="Nils").exists()
    assert unit.history.latest().history_change_reason == "Ångrat"
    assert "Ångra den sparningen" not in chief.get(EDIT).text


def test_undo_is_refused_when_somebody_has_changed_since(unit, chief):
    save(chief, phone="08-2")
    moment = moment_of(chief.get(EDIT))
    second = signed_in(unit, "bo@example.org")
    save(second, phone="08-3")

    response = chief.post(f"{EDIT}angra/", {"moment": moment})

    assert told(chief.get(response.url))[-1].startswith("Det gick inte att ångra")
    unit.refresh_from_db()
    assert unit.phone == "08-3"


def test_deputy_undoes_only_what_she_saved_herself(unit, chief):
    deputy = signed_in(unit, "bo@example.org")
    UnitManager.objects.filter(pk=deputy.right.pk).update(kind="deputy", deputy_for=chief.right)
    save(chief, phone="08-2")
    moment = moment_of(chief.get(EDIT))
    assert "Ångra den sparningen" not in deputy.get(EDIT).text

    deputy.post(f"{EDIT}angra/", {"moment": moment})

    unit.refresh_from_db()
    assert unit.phone == "08-2"
    save(deputy, phone="08-3")
    deputy.post(f"{EDIT}angra/", {"moment": moment_of(deputy.get(EDIT))})
    unit.refresh_from_db()
    assert unit.phone == "08-2"


# -- deputies ----------------------------------------------------------------------------

DEPUTIES = "/organisation/enheter/SE1-PROV/ersattare/"


def test_deputy_gets_the_same_answer_whether_there_is_an_account(
    unit, chief, django_capture_on_commit_callbacks
):
    get_user_model().objects.create_user("finns@example.org", "x")
    answers = {}
    for who in ("finns@example.org", "saknas@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            response = chief.post(DEPUTIES, {"who": who, "last": "2027-01-31"})
        page = chief.get(DEPUTIES)
        answers[who] = (response.status_code, words(main_of(page)).replace(who, "VEM"))
        chief.post(f"{DEPUTIES}{UnitManager.objects.get(email=who).pk}/avsluta/")
        chief.get(DEPUTIES)  # what was told of the end

    assert answers["finns@example.org"] == answers["saknas@example.org"]
    assert "VEM får rätten." in answers["saknas@example.org"][1]
    assert sorted((*each.to, each.subject) for each in sent_letters()) == [
        ("finns@example.org", "Ersättare för Provenheten"),
        ("saknas@example.org", "Ersättare för Provenheten"),
        ("saknas@example.org", "Inbjudan till Försäkringsmedicin"),
    ]
    invitation = Invitation.objects.get()
    assert (invitation.is_staff, invitation.groups.count()) == (False, 0)


def test_deputy_edits_but_neither_gives_a_deputy_nor_makes_a_manager(unit, chief):
    manages = make_role(code="ledare", title="Ledare", manages_unit=True)
    manages.required_kinds.add(unit.kind)
    make_appointment(unit=unit, role=manages, person=make_person(name="Eva"), valid_from=YESTERDAY)
    chief.post(DEPUTIES, {"who": "bo@example.org", "last": "2027-01-31"})
    deputy = Client()
    deputy.force_login(get_user_model().objects.create_user("bo@example.org", "x"))

    assert save(deputy, phone="08-7").status_code == 302
    assert deputy.get(DEPUTIES).status_code == 404
    save(deputy, **{"r-ledare-1-name": "Bo", "r-ledare-1-hsa_id": "SE1-BO"})
    response = save(deputy, extra_role=str(manages.pk), extra_state="function")

    unit.refresh_from_db()
    assert unit.phone == "08-7"
    assert unit.appointments.get(role=manages).person.name == "Eva"
    assert response.status_code == 422
    assert "Ersättare: ge eller avsluta" not in deputy.get(EDIT).text


def test_manager_ends_a_deputy(unit, chief):
    chief.post(DEPUTIES, {"who": "bo@example.org", "last": "2027-01-31"})
    deputy = UnitManager.objects.get(kind="deputy")
    UnitManager.objects.filter(pk=deputy.pk).update(valid_from=YESTERDAY)

    chief.post(f"{DEPUTIES}{deputy.pk}/avsluta/")

    deputy.refresh_from_db()
    assert deputy.valid_to == TODAY
    assert "Ingen är ersättare nu." in chief.get(DEPUTIES).text


def test_manager_by_appointment_alone_gets_a_row_for_the_deputy_to_rest_on(unit):
    client = Client()
    user = get_user_model().objects.create_user("eva@example.org", "x", hsa_id="SE1-EVA")
    client.force_login(user)
    appointment = make_appointment(
        unit=unit, role=make_role(manages_unit=True), person=make_person(hsa_id="SE1-EVA")
    )

    client.post(DEPUTIES, {"who": "SE1-BO", "last": "2027-01-31"})

    deputy = UnitManager.objects.get(kind="deputy")
    assert (deputy.hsa_id, deputy.deputy_for.user, deputy.deputy_for.appointment) == (
        "SE1-BO",
        user,
        appointment,
    )


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"who": "bo"}, "last", "Skriv rättens sista dag."),
        ({"last": "2027-01-31"}, "who", "Skriv en e-postadress eller ett HSA-id."),
        ({"who": "å@", "last": "2027-01-31"}, "who", "Skriv en e-postadress eller ett HSA-id."),
        ({"who": "chef@example.org", "last": "2027-01-31"}, "who", "Du har redan rätten själv."),
        ({"who": "bo@example.org", "last": "2026-01-01"}, "last",
         "Kontrollera årtalet. Dagen ska ligga mellan 2026-11-23 och 2028-11-01."),
    ],
)  # fmt: skip
def test_faults_of_the_deputy_form(unit, chief, typed, field, message):
    response = chief.post(DEPUTIES, typed)

    assert response.status_code == 422
    assert response.context["form"].errors[field] == [message]
    assert not UnitManager.objects.filter(kind="deputy").exists()


@pytest.mark.parametrize("who", ["bo@example.org", "SE1-BO"])
def test_a_second_press_gives_no_second_right_but_another_time_may(unit, chief, who):
    chief.post(DEPUTIES, {"who": who, "last": "2026-12-24"})
    again = chief.post(DEPUTIES, {"who": who.upper(), "first": "2026-12-24", "last": "2027-01-31"})

    assert again.context["form"].errors["who"] == [
        "Har redan rätten till 24 december 2026. Avsluta den först för att ändra tiden."
    ]
    assert UnitManager.objects.filter(kind="deputy").count() == 1

    chief.post(DEPUTIES, {"who": who, "first": "2026-12-25", "last": "2027-01-31"})
    assert UnitManager.objects.filter(kind="deputy").count() == 2


# -- my units, reminders -----------------------------------------------------------------


def test_sign_in_leads_a_manager_to_her_units_with_what_waits(unit, chief, role):
    response = chief.get(reverse("account_login"))

    assert response.url == "/konto/mina-enheter/"
    page = words(main_of(chief.get(response.url)))
    assert (
        "Provenheten Provslag 2 att göra Ännu inte kontrollerad Inte registrerad: provroll" in page
    )
    assert "Mina enheter" in main_of(chief.get("/konto/"))


def test_stranger_sees_a_clear_page_and_lands_on_her_account(client):
    client.force_login(get_user_model().objects.create_user("x@example.org", "x"))

    assert client.get(reverse("account_login")).url == "/konto/"
    assert "ingen rätt att ändra någon enhet just nu" in client.get("/konto/mina-enheter/").text


def test_my_units_and_the_form_cost_the_same_for_one_and_many(
    unit, chief, role, django_assert_max_num_queries
):
    chief.get("/konto/mina-enheter/")
    for _ in range(2):
        with django_assert_max_num_queries(18):
            chief.get("/konto/mina-enheter/")
        with django_assert_max_num_queries(40):
            chief.get(EDIT)
        for number in range(25):
            child = make_unit(parent=unit, kind=unit.kind)
            make_appointment(unit=child, role=role, valid_from=YESTERDAY)
            make_appointment(unit=unit, role=make_role(), valid_from=YESTERDAY)
            assert number < 25


def lines_to(address):
    found = next((each for each in digests()[0] if each.address == address), None)
    return {} if found is None else found.parts


def test_reminder_goes_to_the_manager_and_after_a_month_to_the_level_above(
    unit, chief, role, clock
):
    above = make_unit(name="Ovanför", kind=make_unit_kind(level="administration"))
    signed_in(above, "ovan@example.org")
    Unit.objects.filter(pk=unit.pk).update(parent=above)
    Attestation.objects.create(unit=unit, on=date(2026, 5, 20))

    line = ("Provenheten, inte kontrollerad sedan 20 maj 2026", EDIT)
    assert lines_to("chef@example.org")["Enheter att kontrollera"] == [line]
    assert "Enheter som ingen har kontrollerat" not in lines_to("ovan@example.org")

    clock.move_to(datetime(2026, 12, 21, 9, tzinfo=STOCKHOLM))
    assert lines_to("ovan@example.org")["Enheter som ingen har kontrollerat"] == [line]

    Attestation.objects.create(unit=unit, on=date(2026, 12, 1))
    assert lines_to("chef@example.org") == {}


def test_many_units_of_one_level_are_one_line(unit):
    above = make_unit(kind=make_unit_kind(level="administration"))
    signed_in(above, "ovan@example.org")
    for _ in range(21):
        make_unit(kind=unit.kind, parent=above)

    assert lines_to("ovan@example.org")["Enheter att kontrollera"] == [
        ("21 enheter under din, se listan", "/konto/mina-enheter/")
    ]


def test_region_without_managers_accounts_is_reminded_of_nothing(unit):
    assert not [each for each in digests()[0] if "Enheter utan någon som kan ändra" in each.parts]
