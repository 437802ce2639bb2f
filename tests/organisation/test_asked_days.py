"""Who was responsible on a day: the unit's and the role's page as of it."""

from datetime import date

import pytest

from organisation.models import Appointment, Person
from portal.web.models import SiteSettings
from tests.factories import make_appointment, make_person, make_role, make_unit
from tests.pages import found, main_of, queries_of, words

State = Appointment.State
NORMAL = "Skriv dagen som 2026-01-15 eller 15 januari 2026."


@pytest.fixture
def role(db):
    return make_role(title="Provroll", single_seat=True)


@pytest.fixture
def unit(role):
    """Anna until June, a vacancy with Vik through August, Bo from September, Cia from 2027."""
    unit = make_unit(name="Norrgården", valid_from=date(2020, 1, 1))

    def appoint(name, first, end, **fields):
        person = make_person(name=name, email=f"{name[:3].lower()}@example.org")
        make_appointment(
            unit=unit, role=role, person=person, valid_from=first, valid_to=end, **fields
        )

    appoint("Anna Annan", date(2025, 1, 1), date(2026, 7, 1), phone="08-465 004 12")
    make_appointment(
        unit=unit,
        role=role,
        state=State.VACANT,
        valid_from=date(2026, 7, 1),
        valid_to=date(2026, 9, 1),
    )
    appoint("Vik Arie", date(2026, 7, 1), date(2026, 9, 1), acting=True)
    appoint("Bo Berg", date(2026, 9, 1), date(2027, 1, 1), phone="08-465 004 13")
    appoint("Cia Ceder", date(2027, 1, 1), None, phone="08-465 004 14")
    return unit


def on(client, row, day):
    return client.get(row.get_absolute_url(), {"datum": day})


def standing(response, role):
    markup = main_of(response).partition(f'id="roll-{role.code}"')[2].partition("</section>")[0]
    return words(markup.partition("</h3>")[2])


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-06-30", "Anna Annan Till och med 30 juni 2026"),
        (
            "1 juli 2026",
            "Vakant sedan 1 juli 2026 Till och med 31 augusti 2026 "
            "Vik Arie Tillförordnad Till och med 31 augusti 2026",
        ),
        ("20260901", "Bo Berg Till och med 31 december 2026"),
        ("2027-01-01", "Cia Ceder 08-465 004 14"),
    ],
)
def test_unit_page_tells_who_was_responsible_on_a_day(client, unit, role, day, shown):
    assert standing(on(client, unit, day), role) == shown


def test_day_without_any_row_says_so(client, unit, role):
    unit.kind.required_roles.add(role)

    assert standing(on(client, unit, "2024-12-31"), role) == (
        "Inte registrerad Enheten har ingen uppgift om den dagen."
    )


@pytest.mark.parametrize("day", ["", "2026-11-23"])
def test_today_is_the_ordinary_page(client, unit, role, day):
    response = on(client, unit, day)

    assert standing(response, role) == (
        "Bo Berg 08-465 004 13 Till och med 31 december 2026 Cia Ceder från 1 januari 2027 "
        "Spara som kontakt : Provroll"
    )
    assert found(r'<div class="note" role="status">(.*?)</div>', main_of(response)) == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.FUNCTION, "Funktion utan namn från 1 februari 2027"),
        (State.SHARED, "Delas med Sörgården från 1 februari 2027"),
        (State.VACANT, "Vakant från 1 februari 2027"),
    ],
)
def test_ordinary_page_tells_what_is_decided_to_come(client, role, state, said):
    unit = make_unit(name="Norrgården")
    make_appointment(unit=unit, role=role, state=State.VACANT, valid_to=date(2027, 1, 1))
    shared_with = make_unit(name="Sörgården") if state == State.SHARED else None
    first = {"unit": unit, "role": role, "valid_from": date(2027, 2, 1)}
    make_appointment(**first, state=state, shared_with=shared_with, phone="08-465 004 19")

    vacant = "Vakant Till och med 31 december 2026"
    assert standing(on(client, unit, ""), role) == f"{vacant} {said}"
    assert standing(on(client, unit, "2026-12-01"), role) == vacant


def test_who_comes_stands_by_a_role_that_nobody_has_yet(client, unit, role):
    role.required_kinds.add(unit.kind)
    Appointment.objects.exclude(person__name="Cia Ceder").delete()

    assert standing(on(client, unit, ""), role) == (
        "Inte registrerad Enheten har inte lämnat någon uppgift. Cia Ceder från 1 januari 2027"
    )


def test_protected_person_is_not_named_before_she_comes(client, unit, role):
    Person.objects.filter(name="Cia Ceder").update(protected=True)

    response = on(client, unit, "")

    assert "Funktion utan namn från 1 januari 2027" in standing(response, role)
    assert "Cia" not in response.content.decode()


def test_nobody_comes_to_a_unit_that_has_ended_by_then(client, unit, role):
    unit.valid_to = date(2027, 1, 1)
    unit.save()

    shown = standing(on(client, unit, ""), role)
    assert shown.startswith("Bo Berg")
    assert "Cia Ceder" not in shown


def test_bar_says_which_day_it_is_and_leads_back(client, unit):
    bars = {
        day: found(r'<div class="note" role="status">.*?<div>(.*?)</div>', main_of(response))
        for day in ("2026-06-30", "2027-01-01")
        if (response := on(client, unit, day))
    }

    assert bars == {
        "2026-06-30": [
            "Så var det tisdag 30 juni 2026. Enhetens namn, adress och telefon är dagens. Telefon "
            "och brevlådor visas inte, för de kan ha bytt innehavare. Namn tas bort en tid efter "
            "att ett uppdrag har slutat. Visa hur det är i dag"
        ],
        "2027-01-01": [
            "Så är det bestämt för fredag 1 januari 2027. Enhetens namn, adress och telefon är "
            "dagens. Visa hur det är i dag"
        ],
    }


def test_page_as_of_a_day_names_its_canonical_address_and_is_not_indexed(client, unit, role):
    SiteSettings.objects.update(noindex=False)
    for row in (unit, role):
        plain, asked = client.get(row.get_absolute_url()), on(client, row, "2026-06-30")
        head = asked.content.decode().partition("</head>")[0]

        canonical = f"http://testserver{row.get_absolute_url()}"
        assert f'<link rel="canonical" href="{canonical}">' in head
        assert '<meta name="robots" content="noindex">' in head
        assert asked.headers["X-Robots-Tag"] == "noindex"
        assert "X-Robots-Tag" not in plain.headers
        assert "canonical" not in plain.content.decode()


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("i går", NORMAL),
        ("2026-02-30", "Dagen finns inte i kalendern. Kontrollera dag och månad."),
        ("1/2/2026", f"Datumet kan läsas på två sätt. {NORMAL}"),
        ("1989-12-31", "Kontrollera årtalet. Dagen ska ligga mellan 1990-01-01 och 2031-11-23."),
        ("9999-12-31", "Kontrollera årtalet. Dagen ska ligga mellan 1990-01-01 och 2031-11-23."),
        ("2019-12-31", "Enheten fanns inte den dagen. Den öppnade 1 januari 2020."),
        ("x" * 5000, NORMAL),
        ("\x00", NORMAL),
        ("\ud800", NORMAL),
    ],
)
def test_odd_day_gets_a_message_and_todays_page(client, unit, role, day, message):
    response = client.get(unit.get_absolute_url(), QUERY_STRING=f"datum={quoted(day)}")

    assert response.status_code == 200
    main = main_of(response)
    assert found(r'<p class="field-error"[^>]*>(.*?)</p>', main) == [f"Fel: {message}"]
    assert "Bo Berg" in standing(response, role)
    assert 'aria-invalid="true"' in main


def quoted(text):
    from urllib.parse import quote

    return quote(text.encode("utf-8", "surrogatepass"))


def test_name_out_of_time_is_not_shown_before_it_has_been_purged(client, unit, role, settings):
    settings.NAME_DAYS = 145  # 1 July to 23 November
    assert "Anna Annan" not in standing(on(client, unit, "2026-06-30"), role)
    assert standing(on(client, unit, "2026-06-30"), role) == (
        "Namnet är gallrat Till och med 30 juni 2026"
    )

    settings.NAME_DAYS = 146
    assert "Anna Annan" in standing(on(client, unit, "2026-06-30"), role)


def test_closed_unit_answers_for_the_days_when_it_existed(client, unit, role):
    unit.valid_to = date(2026, 8, 1)
    unit.save()

    gone = client.get(unit.get_absolute_url())
    assert gone.status_code == 410
    assert 'name="datum"' in main_of(gone)
    then = on(client, unit, "2026-06-30")
    assert then.status_code == 200
    assert "Anna Annan" in standing(then, role)
    after = on(client, unit, "2026-08-01")
    assert after.status_code == 410
    assert found(r'<p class="field-error"[^>]*>(.*?)</p>', main_of(after)) == [
        "Fel: Enheten finns inte den dagen. Dess sista dag är 31 juli 2026."
    ]


def test_role_page_tells_who_had_it_on_a_day(client, unit, role):
    def rows(day):
        return found(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", main_of(on(client, role, day)))

    assert rows("2026-06-30") == ["Norrgården Anna Annan"]
    assert rows("2026-08-01") == [
        "Norrgården Vakant",
        "Norrgården Vik Arie (tillförordnad)",
    ]
    assert rows("2027-01-01") == ["Norrgården Cia Ceder 08-465 004 14"]
    assert rows("2024-12-31") == []
    assert "Ingen enhet har någon uppgift om rollen den dagen." in words(
        main_of(on(client, role, "2024-12-31"))
    )


def test_those_who_come_cost_the_same_whatever_they_are(client, unit, role):
    def add(number):
        for day in range(1, number + 1):
            fields = {"unit": unit, "role": make_role(), "valid_from": date(2027, 3, day)}
            make_appointment(**fields, state=State.SHARED, shared_with=make_unit())

    add(1)
    queries_of(client, unit.get_absolute_url())
    one = len(queries_of(client, unit.get_absolute_url()))
    add(3)

    assert len(queries_of(client, unit.get_absolute_url())) == one


@pytest.mark.parametrize("which", ["unit", "role"])
def test_page_as_of_a_day_costs_the_same_whatever_it_holds(client, unit, role, which):
    other = make_role()
    url = f"{(unit if which == 'unit' else other).get_absolute_url()}?datum=2026-06-30"

    def add(number):
        for _ in range(number):
            place = unit if which == "unit" else make_unit()
            make_appointment(unit=place, role=other)
            make_appointment(unit=place, role=other, state=State.SHARED, shared_with=make_unit())

    add(1)
    queries_of(client, url)
    one = len(queries_of(client, url))
    add(3)

    assert len(queries_of(client, url)) == one
