"""A unit answers to its figures of the year; the region sees who has."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from followup.models import Release, UnitReview
from followup.reviews import latest_year
from organisation.models import Unit
from portal.accounts.models import User
from portal.outbox import reminders
from tests.conftest import NOW, TODAY
from tests.factories import make_manager
from tests.pages import main_of, queries_of, words

pytestmark = pytest.mark.django_db

YEAR = 2025
FIELDS = {
    "comment": "Vi ligger över medianen.",
    "cause": "Många nya läkare.",
    "action": "Kollegial granskning varje månad.",
    "owner": "Medicinskt ansvarig läkare",
    "due": "2027-03-01",
}


@pytest.fixture
def unit():
    return Unit.objects.get(hsa_id="SE0000000000-E1001")


@pytest.fixture
def chief(unit, client):
    row = make_manager(unit=unit)
    client.force_login(row.user)
    return row.user


def address(unit, year=YEAR):
    return f"/uppfoljning/enheter/{unit.hsa_id}/kommentar/{year}/"


def post(client, unit, *, opened=None, year=YEAR, **changes):
    page = opened or client.get(address(unit, year))
    fields = {**FIELDS, "opened_as": page.context["token"], **changes}
    return client.post(address(unit, year), fields)


def in_group(name):
    user = User.objects.create_user(f"{name}@example.org", "x")
    user.groups.add(Group.objects.get(name=name))
    return user


def test_latest_year_is_the_packs():
    assert latest_year() == YEAR


def test_manager_answers_and_reads_it_again(client, chief, unit):
    before = client.get(address(unit))
    response = post(client, unit, opened=before)
    shown = client.get(response.url)
    row = UnitReview.objects.get()

    assert before.status_code == 200
    assert "Kompletteringar" in words(main_of(before))
    assert response.url == address(unit)
    assert (row.unit, row.year, row.comment, row.due) == (
        unit, YEAR, FIELDS["comment"], date(2027, 3, 1),
    )  # fmt: skip
    assert (row.saved_by, row.history.get().history_user) == (chief, chief)
    assert "Sparat. Den som ansvarar för uppföljningen ser kommentaren." in words(main_of(shown))
    assert shown.context["form"]["action"].value() == FIELDS["action"]


def test_starred_figures_are_explained_where_there_are_any(client, chief, unit):
    star = "Tal med * ser bara ni och den som ansvarar för uppföljningen. Sprid dem inte."
    hidden = Unit.objects.get(hsa_id="SE0000000000-E1005")
    make_manager(unit=hidden, user=chief)

    with_stars, without = (words(main_of(client.get(address(each)))) for each in (hidden, unit))

    assert ("3,4 %*" in with_stars, star in with_stars) == (True, True)
    assert ("%*" in without, star in without) == (False, False)


def test_next_year_asks_how_it_went(client, chief, unit):
    post(client, unit, year=YEAR - 1, action="Boka möten.")
    page = client.get(address(unit))
    shown = words(main_of(page))
    post(client, unit, opened=page, outcome="Mötena hölls.")

    assert f"Det ni bestämde efter {YEAR - 1}" in shown
    assert "Boka möten." in shown
    assert UnitReview.objects.get(year=YEAR - 1).outcome == "Mötena hölls."
    assert UnitReview.objects.get(year=YEAR).outcome == ""


def test_first_year_has_nothing_to_look_back_at(client, chief, unit):
    assert "outcome" not in client.get(address(unit)).context["form"].fields


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("comment", " ", "Skriv vad ni ser i siffrorna."),
        ("cause", "", "Skriv er förklaring, eller att ni inte vet."),
        ("due", "", "Skriv till när det ska vara gjort."),
        ("due", "2031-01-01", None),
        ("due", "i vår", None),
        ("action", "Ring 19121212-1212", None),
        ("owner", "x" * 121, None),
        ("comment", "x" * 2001, None),
        ("comment", "nolla\x00", None),
    ],
)
def test_faults_are_told_and_nothing_is_stored(client, chief, unit, field, typed, message):
    response = post(client, unit, **{field: typed})
    faults = response.context["form"].errors

    assert response.status_code == 422
    assert list(faults) == [field]
    assert message is None or faults[field] == [message]
    assert "En uppgift behöver rättas" in words(main_of(response))
    assert not UnitReview.objects.exists()


def test_second_of_two_sees_what_the_first_saved_and_loses_nothing(client, chief, unit):
    opened = client.get(address(unit))
    post(client, unit, opened=opened, comment="Den första.")
    response = post(client, unit, opened=opened, comment="Den andra.")
    shown = words(main_of(response))

    assert response.status_code == 409
    assert UnitReview.objects.get().comment == "Den första."
    assert "Någon annan har sparat medan du skrev" in shown
    assert "Sparat nu: Den första." in shown
    assert response.context["form"]["comment"].value() == "Den andra."

    again = post(client, unit, opened=response, comment="Båda.")
    assert again.status_code == 302
    assert UnitReview.objects.get().comment == "Båda."


def test_forged_token_is_a_conflict_not_a_fault(client, chief, unit):
    assert post(client, unit, opened_as="x").status_code == 409
    assert not UnitReview.objects.exists()


def test_other_units_and_years_do_not_exist(client, chief, unit):
    other = Unit.objects.get(hsa_id="SE0000000000-E1005")

    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), FIELDS).status_code == 404
    assert client.get(address(unit, 1999)).status_code == 404
    assert not UnitReview.objects.exists()


def test_reader_is_asked_to_sign_in_and_sees_no_comment(client, unit, chief):
    post(client, unit)
    client.logout()
    report = client.get(f"/uppfoljning/enheter/{unit.hsa_id}/")

    assert client.get(address(unit)).status_code == 302
    assert FIELDS["comment"] not in words(main_of(report))
    assert address(unit) in report.content.decode()


def test_region_sees_who_has_answered(client, unit, chief):
    post(client, unit, comment="=SUMMA(A1)", due="2026-11-01")
    client.force_login(in_group("uppföljningsansvarig"))
    page = client.get("/uppfoljning/kommentarer/")
    told = client.get(f"/uppfoljning/kommentarer/{YEAR}.csv").content.decode("utf-8-sig")
    count = page.context["count"]

    assert f"1 av {count} enheter har svarat." in words(main_of(page))
    assert count > 5
    assert len(page.context["silent"]) == count - 1
    assert "tiden har gått ut" in words(main_of(page))
    assert len(told.splitlines()) == count + 1
    assert ";'=SUMMA(A1);" in told


def test_only_the_region_sees_the_list(client, chief):
    assert client.get("/uppfoljning/kommentarer/").status_code == 403
    assert client.get(f"/uppfoljning/kommentarer/{YEAR}.csv").status_code == 403
    client.force_login(in_group("uppföljningsansvarig"))
    assert client.get("/uppfoljning/kommentarer/1999/").status_code == 404


def test_list_costs_the_same_whatever_has_been_said(client):
    client.force_login(in_group("uppföljningsansvarig"))
    units = list(Unit.objects.public().filter(kind__indicators__isnull=False).distinct()[:4])

    def answer(unit):
        fields = {**FIELDS, "due": TODAY}
        UnitReview.objects.create(unit=unit, year=YEAR, **fields)

    def number():
        return len(queries_of(client, "/uppfoljning/kommentarer/"))

    answer(units[0])
    one = number()
    for each in units[1:]:
        answer(each)
    assert number() == one


def test_my_units_lead_to_the_comment_until_it_is_there(client, chief, unit):
    before = words(main_of(client.get("/konto/mina-enheter/")))
    post(client, unit)
    after = words(main_of(client.get("/konto/mina-enheter/")))

    assert f"Kommentera siffrorna för {YEAR}" in before
    assert f"Kommentera siffrorna för {YEAR}" not in after


def lines_for(address):
    return {
        heading: lines
        for digest in reminders.digests()[0]
        if digest.address == address
        for heading, lines in digest.parts.items()
    }


def test_unit_is_reminded_two_weeks_after_the_release(client, chief, unit):
    Release.objects.update(released_at=NOW - timedelta(days=13))
    assert "Siffror att kommentera" not in lines_for(chief.email)

    Release.objects.update(released_at=NOW - timedelta(days=15))
    line = (f"{unit.name}, {YEAR}", address(unit))
    assert lines_for(chief.email)["Siffror att kommentera"] == [line]

    post(client, unit)
    assert "Siffror att kommentera" not in lines_for(chief.email)


def test_task_is_told_in_its_month(clock):
    def told():
        return {
            line[0]
            for digest in reminders.digests()[0]
            for line in digest.parts.get("Årshjulet den här månaden", [])
        }

    assert "Lägg fast årets kurser" not in told()
    clock.move_to(datetime(2027, 1, 4, 9, tzinfo=NOW.tzinfo))
    assert "Lägg fast årets kurser" in told()
