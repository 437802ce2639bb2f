import csv
import io
import os
import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organisation.coverage import Share, Standing, coverage_on
from organisation.models import Appointment, Role, Unit
from tests.admin.crowd import FULL, SMALL, appointments, persons, units
from tests.conftest import TODAY
from tests.factories import make_appointment, make_person, make_role, make_unit, make_unit_kind
from tests.pages import found, main_of, words

State = Appointment.State
MATRIX, FILE = "/organisation/tackning/", "/organisation/tackning.csv"
IN_FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"


@pytest.fixture
def kind(db):
    return make_unit_kind(code="provmottagning", name="Provmottagning")


@pytest.fixture
def role(kind):
    role = make_role(code="provfunktion", title="Provfunktion")
    role.required_kinds.add(kind)
    return role


@pytest.fixture
def unit(kind):
    return make_unit(kind=kind, name="Provgården", town="Provköping")


def standing_of(unit, role, day=None):
    coverage = coverage_on(day, Unit.objects.filter(pk=unit.pk), [role])
    # The same when everything is asked for.
    everywhere = coverage_on(day, roles=[role])
    assert coverage.standings[unit.pk, role.pk] == everywhere.standings[unit.pk, role.pk]
    return coverage.standings[unit.pk, role.pk]


def shares(unit, role, lender, **fields):
    return make_appointment(unit=unit, role=role, state=State.SHARED, shared_with=lender, **fields)


def cells(response):
    """The words of the matrix' cells, after the share table's."""
    matrix = main_of(response).partition("coverage-matrix")[2].partition("</table>")[0]
    return found(r"<td [^>]*>(.*?)</td>", matrix)


# -- the standing of one function at one unit ------------------------------------------------


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (State.HELD, Standing.OWN),
        (State.FUNCTION, Standing.FUNCTION),
        (State.VACANT, Standing.VACANT),
        (State.NOT_APPLICABLE, Standing.NOT_APPLICABLE),
    ],
)
def test_stored_state_becomes_standing(unit, role, state, standing):
    make_appointment(unit=unit, role=role, state=state)

    assert standing_of(unit, role) == standing


def test_nothing_said_is_unknown(unit, role):
    assert standing_of(unit, role) == Standing.UNKNOWN


def test_who_acts_does_not_fill_a_vacancy(unit, role):
    make_appointment(unit=unit, role=role, acting=True)

    assert standing_of(unit, role) == Standing.VACANT
    make_appointment(unit=unit, role=role, state=State.VACANT)
    assert standing_of(unit, role) == Standing.VACANT


def test_one_holder_of_two_seats_is_the_function(unit, role):
    make_appointment(unit=unit, role=role, state=State.VACANT)
    make_appointment(unit=unit, role=role)

    assert standing_of(unit, role) == Standing.OWN


@pytest.mark.parametrize(
    ("lender_state", "standing"),
    [
        (State.HELD, Standing.SHARED),
        (State.FUNCTION, Standing.SHARED),
        (None, Standing.SHARED),
        (State.VACANT, Standing.VACANT),
        (State.NOT_APPLICABLE, Standing.VACANT),
    ],
)
def test_share_counts_unless_the_other_unit_says_it_has_none(unit, role, lender_state, standing):
    lender = make_unit()
    shares(unit, role, lender)
    if lender_state:
        make_appointment(unit=lender, role=role, state=lender_state)

    assert standing_of(unit, role) == standing


def test_two_units_that_share_with_each_other_have_nobody(unit, role, kind):
    other = make_unit(kind=kind)
    shares(unit, role, other)
    shares(other, role, unit)

    assert standing_of(unit, role) == standing_of(other, role) == Standing.VACANT


def test_share_ends_with_the_other_unit(unit, role):
    lender = make_unit(valid_to=TODAY)
    shares(unit, role, lender)

    assert standing_of(unit, role) == Standing.VACANT
    assert standing_of(unit, role, TODAY - timedelta(days=1)) == Standing.SHARED


def test_past_and_decided_future_are_read_from_the_periods(unit, role):
    make_appointment(unit=unit, role=role, valid_from=date(2026, 1, 1), valid_to=date(2026, 6, 1))
    make_appointment(
        unit=unit,
        role=role,
        state=State.VACANT,
        valid_from=date(2026, 6, 1),
        valid_to=date(2027, 1, 1),
    )
    make_appointment(unit=unit, role=role, valid_from=date(2027, 1, 1))

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31), TODAY, date(2027, 1, 1)]
    assert [standing_of(unit, role, day) for day in days] == [
        Standing.UNKNOWN,
        Standing.OWN,
        Standing.OWN,
        Standing.VACANT,
        Standing.OWN,
    ]


# -- shares ----------------------------------------------------------------------------------


def test_share_leaves_out_what_does_not_apply_and_who_need_not_have_it(kind, role):
    for state in (State.HELD, State.FUNCTION, State.VACANT, State.NOT_APPLICABLE):
        make_appointment(unit=make_unit(kind=kind), role=role, state=state)
    make_unit(kind=kind)
    make_unit(kind=kind, valid_to=TODAY)
    make_appointment(role=role)  # a unit of another kind
    coverage = coverage_on(roles=[role])

    share = coverage.share(role)
    assert (share.covered, share.counted, share.percent) == (2, 4, 50)
    assert coverage.share(role, kind.pk) == share
    assert len(coverage.units) == 5


@pytest.mark.parametrize(
    ("covered", "vacant", "percent"),
    [(0, 0, None), (0, 3, 0), (3, 0, 100), (2, 1, 67), (999, 1, 99), (1, 999, 1)],
)
def test_per_cent_is_0_and_100_only_for_none_and_all(covered, vacant, percent):
    share = Share()
    share.states.update({Standing.OWN: covered, Standing.VACANT: vacant})

    assert share.percent == percent


# -- the page --------------------------------------------------------------------------------


def test_page_says_share_and_why(client, unit, role, kind):
    person = make_person(name="Åsa Provare")
    make_appointment(
        unit=unit,
        role=role,
        person=person,
        valid_from=date(2024, 3, 1),
        email="prov@example.org",
        confirmed_on=date(2026, 10, 3),
    )
    neighbour = make_unit(kind=kind, name="Sydgården")
    shares(neighbour, role, unit, valid_from=date(2026, 2, 1))
    empty = make_unit(kind=kind, name="Tomgården")
    make_appointment(unit=empty, role=role, state=State.VACANT, valid_from=date(2026, 9, 23))
    make_appointment(unit=empty, role=role, acting=True, person=make_person(name="Bo Vikarie"))
    make_unit(kind=kind, name="Ytgården")
    response = client.get(MATRIX, {"roll": role.code})

    assert (
        "Provfunktion: 2 av 4 enheter har funktionen (50 %). 1 av dem delar den med en annan "
        "enhet. Vakant: 1. Uppgift saknas: 1."
    ) in words(main_of(response))
    assert cells(response) == [
        "Egen Åsa Provare sedan 1 mars 2024. prov@ example .org Kontrollerat 3 oktober 2026. "
        "Till enhetens sida",
        "Delas Delas med Provgården sedan 1 februari 2026. Till enhetens sida",
        "Vakant Vakant sedan 23 september 2026. Bo Vikarie är tillförordnad. Det räknas ändå "
        "som vakant. Till enhetens sida",
        "Uppgift saknas Ingen uppgift är registrerad den dagen. Till enhetens sida",
    ]
    assert f'href="{unit.get_absolute_url()}#roll-provfunktion"' in main_of(response)
    assert 'id="roll-provfunktion"' in main_of(client.get(unit.get_absolute_url()))


def test_hollow_share_is_told(client, unit, role):
    lender = make_unit(name="Långården")
    make_appointment(unit=lender, role=role, state=State.VACANT)
    shares(unit, role, lender)

    assert cells(client.get(MATRIX, {"roll": role.code})) == [
        "Vakant Delas med Långården . Den enheten har själv ingen att dela med sig av den dagen. "
        "Till enhetens sida"
    ]


def test_name_stands_only_on_who_has_the_function_today(client, unit, role):
    make_appointment(
        unit=unit, role=role, person=make_person(name="Förre Hållaren"), valid_to=date(2026, 6, 1)
    )
    make_appointment(
        unit=unit, role=role, person=make_person(name="Nye Hållaren"), valid_from=date(2027, 1, 1)
    )
    for day in ("2026-05-31", "2027-01-01"):
        for url in (MATRIX, FILE):
            text = client.get(url, {"roll": role.code, "datum": day}).content.decode()
            assert "Hållaren" not in text
            assert "Provgården" in text


def test_kind_that_need_not_have_it(client, unit, role):
    other_kind = make_unit_kind(name="Annat slag")
    second = make_role(code="andra", title="Andra")
    second.required_kinds.add(other_kind)
    make_appointment(unit=unit, role=second, person=make_person(name="Extra Person"))
    make_appointment(unit=unit, role=role)
    row = next(row for row in csv_rows(client, typ="provmottagning") if row["Funktion"] == "Andra")

    assert (row["Krävs"], row["Läge"]) == ("nej", "Egen")
    assert row["Räknas som att funktionen finns"] == "räknas inte"
    assert "Enhetstypen behöver inte ha funktionen, så den räknas inte." in " ".join(
        cells(client.get(MATRIX, {"typ": "provmottagning"}))
    )


def test_filters_and_only_gaps(client, role, kind):
    covered = make_unit(kind=kind, name="Fullgården", town="Provköping")
    make_appointment(unit=covered, role=role)
    make_unit(kind=kind, name="Luckan", town="Provköping", ownership="private")
    make_unit(kind=kind, name="Annan ort", town="Testhamn")

    def listed(**query):
        return [row["Enhet"] for row in csv_rows(client, roll=role.code, **query)]

    assert listed() == ["Annan ort", "Fullgården", "Luckan"]
    assert listed(ort="Provköping") == ["Fullgården", "Luckan"]
    assert listed(drift="private") == ["Luckan"]
    assert listed(luckor="on", ort="Provköping") == ["Luckan"]
    assert listed(typ="vardcentral") == []
    response = client.get(MATRIX, {"roll": role.code, "luckor": "on", "ort": "Provköping"})
    # The share is of all, whatever rows are shown.
    assert "Provfunktion: 1 av 2 enheter har funktionen (50 %)." in words(main_of(response))
    assert "1 enhet med luckor" in words(main_of(response))


def test_no_gaps_and_no_units_are_told(client, unit, role):
    make_appointment(unit=unit, role=role)

    full = client.get(MATRIX, {"roll": role.code, "luckor": "on"})
    assert "Alla enheter i urvalet har de funktioner som de ska ha." in words(main_of(full))
    none = client.get(MATRIX, {"roll": role.code, "typ": "vardcentral"})
    assert "Ingen enhet passar" in words(main_of(none))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"datum": "31 februari 2026"}, "Dagen finns inte i kalendern."),
        ({"datum": "1850-01-01"}, "Kontrollera årtalet."),
        ({"datum": "2026-01-01\x00"}, "Skriv dagen som 2026-01-15 eller 15 januari 2026."),
        ({"roll": "finns\x00inte"}, "Null-tecken är inte tillåtna."),
        ({"typ": "nation"}, "Välj en typ av enhet i listan."),
        ({"drift": "'; --"}, "Välj en driftform i listan."),
        ({"ort": "Ö" * 5000}, "Välj en ort i listan."),
        ({"page": "-1"}, "Kontrollera att detta värde är större än eller lika med 1."),
    ],
)
def test_odd_input_is_told_and_filters_nothing(client, db, query, message):
    response = client.get(MATRIX, query)

    assert response.status_code == 200
    assert message in words(main_of(response))
    as_file = client.get(FILE, query)
    assert as_file.status_code == 400
    assert message in as_file.content.decode()


@pytest.mark.parametrize("name", ["datum", "ort", "annat"])
def test_identity_number_leaves_the_address(client, db, name):
    query = {name: "19900101-1234"}
    response = client.get(MATRIX, query, follow=True)

    assert response.redirect_chain == [(f"{MATRIX}?fel=personnummer", 302)]
    assert "Det ser ut som ett personnummer" in words(main_of(response))
    assert "19900101" not in response.content.decode()
    sent_on = client.get(MATRIX, query)
    assert sent_on.headers["Cache-Control"] == "private, no-store"
    assert sent_on.headers["Referrer-Policy"] == "no-referrer"


def test_matrix_is_only_read(client, db):
    assert client.post(MATRIX).status_code == client.post(FILE).status_code == 405


def test_demo_region_has_each_standing_of_coordination(client, db):
    role = Role.objects.get(code="rehabkoordinator")
    share = coverage_on(roles=[role]).share(role)

    assert {state for state, number in share.states.items() if number} >= {
        Standing.OWN,
        Standing.SHARED,
        Standing.FUNCTION,
        Standing.VACANT,
        Standing.NOT_APPLICABLE,
    }


# -- the file --------------------------------------------------------------------------------


def csv_rows(client, **query):
    response = client.get(FILE, query)
    assert response.status_code == 200
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")]


def test_file_has_a_row_a_unit_and_function(client, unit, role):
    unit.name = "=HYPERLINK(1)"
    unit.save()
    make_appointment(
        unit=unit,
        role=role,
        person=make_person(name="Åsa Provare"),
        email="prov@example.org",
        valid_from=date(2024, 3, 1),
        valid_to=date(2027, 1, 1),
        confirmed_on=date(2026, 10, 3),
    )

    assert csv_rows(client, roll=role.code) == [
        {
            "Dag": "2026-11-23",
            "Enhet": "'=HYPERLINK(1)",
            "HSA-id": unit.hsa_id,
            "Typ": "Provmottagning",
            "Driftform": "offentlig",
            "Ort": "Provköping",
            "Förvaltning eller vårdgivare": "",
            "Funktion": "Provfunktion",
            "Krävs": "ja",
            "Läge": "Egen",
            "Räknas som att funktionen finns": "ja",
            "Innehavare": "Åsa Provare",
            "Delas med": "",
            "Tillförordnad": "",
            "Funktionsbrevlåda": "prov@example.org",
            "Gäller från och med": "2024-03-01",
            "Gäller till och med": "2026-12-31",
            "Kontrollerad": "2026-10-03",
        }
    ]


# -- size ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [MATRIX, f"{MATRIX}?luckor=on&datum=2025-06-01", FILE])
def test_queries_do_not_follow_the_rows(client, unit, role, django_assert_num_queries, url):
    make_appointment(unit=unit, role=role)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    for _ in range(60):
        made = make_unit(kind=unit.kind)
        make_appointment(unit=made, role=role)
        shares(made, role, unit)

    assert len(before) <= 16
    with django_assert_num_queries(len(before)):
        client.get(url)


def test_large_region_is_shown_in_a_second(client, db):
    """5,000 units and 20,000 appointments with PORTAL_FULL_SCALE=1; fewer in the suite."""
    sizes = FULL if IN_FULL else SMALL
    units(sizes["units"])
    persons(sizes["persons"])
    appointments(sizes["appointments"])
    clock = time.thread_time if connection.vendor == "sqlite" else time.perf_counter
    pages = [{}, {"luckor": "on"}, {"page": "9999"}, {"datum": "2025-01-01", "ort": "Åkerby"}]
    for query in pages:
        client.get(MATRIX, query)
        started = clock()
        response = client.get(MATRIX, query)
        seconds = clock() - started

        assert response.status_code == 200
        assert len(cells(response)) <= 50 * len(coverage_on().roles)
        if IN_FULL:
            assert seconds < 1, query
