import re
from datetime import date

import pytest

from organisation.models import Appointment, Responsibility, Role
from organisation.presenters import COORDINATOR
from tests.factories import (
    make_appointment,
    make_page,
    make_person,
    make_role,
    make_unit,
    make_unit_kind,
)
from tests.pages import found, main_of, queries_of, words

State = Appointment.State
DIRECTORY = "/organisation/enheter/"
TOWN = "Provköping"  # no town of the demo region


def listed(client, **query):
    response = client.get(DIRECTORY, query)
    assert response.status_code == 200
    return found(r"<h3><a [^>]*>(.*?)</a></h3>", main_of(response))


def card_of(client, unit):
    """The words of a unit's card in the directory."""
    response = client.get(DIRECTORY, {"q": unit.hsa_id})
    [card] = found(r"<article (?:.*?)>(.*?)</article>", main_of(response))
    return card


def section_of(response, role):
    """The words of a role's card on a unit page."""
    pattern = rf'<section [^>]*aria-labelledby="roll-{role.code}">(.*?)</section>'
    [card] = found(pattern, main_of(response))
    return card


@pytest.fixture
def kind(db):
    return make_unit_kind(name="Provmottagning")


@pytest.fixture
def norr(kind):
    return make_unit(name="Norrgården", town=TOWN, kind=kind, hsa_id="SE0000000099-E0001")


@pytest.fixture
def soder(db):
    return make_unit(name="Södergården", town=TOWN, ownership="private")


@pytest.mark.parametrize(
    "text",
    [
        "norrgården",
        "NORRGÅRDEN",
        "gården norr",
        "SE0000000099-E0001",
        "se0000000099-e0001",
        "  se0000000099-e0001 ",
        "se0000000099 - e0001",
        "99-e0001",
    ],
)
def test_search_finds_name_and_hsa_id_however_typed(client, norr, soder, text):
    assert listed(client, q=text) == ["Norrgården"]


def test_search_finds_town(client, norr, soder):
    assert listed(client, q="provKÖPing") == ["Norrgården", "Södergården"]


def test_kind_filter(client, norr, soder, kind):
    assert listed(client, typ=kind.code) == ["Norrgården"]


def test_ownership_filter(client, norr, soder):
    assert listed(client, drift="private", ort=TOWN) == ["Södergården"]
    assert listed(client, drift="public", ort=TOWN) == ["Norrgården"]


def test_town_filter(client, norr, soder):
    assert listed(client, ort=TOWN) == ["Norrgården", "Södergården"]


def test_filter_for_units_without_named_coordinator(client, norr, soder):
    role = Role.objects.get(code=COORDINATOR)
    make_appointment(unit=norr, role=role)
    make_appointment(unit=soder, role=role, state=State.VACANT)
    make_appointment(unit=soder, role=role, acting=True)
    ended = make_unit(name="Östergården", town=TOWN)
    make_appointment(unit=ended, role=role, valid_to=date(2026, 11, 23))

    assert listed(client, utan="on", ort=TOWN) == ["Södergården", "Östergården"]
    assert listed(client, ort=TOWN) == ["Norrgården", "Södergården", "Östergården"]


def test_closed_future_and_level_units_are_not_listed(client, norr):
    make_unit(town=TOWN, valid_to=date(2026, 11, 23))
    make_unit(town=TOWN, valid_from=date(2026, 11, 24))
    make_unit(town=TOWN, kind=make_unit_kind(level="region"))

    assert listed(client, q=TOWN) == ["Norrgården"]


def test_result_is_counted_in_words(client, norr):
    def count():
        return found(r'"result-count">(.*?)</h2>', main_of(client.get(DIRECTORY, {"ort": TOWN})))

    assert count() == ["1 enhet"]
    make_unit(town=TOWN)
    assert count() == ["2 enheter"]


def test_empty_result_says_how_to_go_on(client, norr):
    main = main_of(client.get(DIRECTORY, {"q": "finns-inte-alls"}))

    assert listed(client, q="finns-inte-alls") == []
    assert found(r'"result-count">(.*?)</h2>', main) == ["0 enheter"]
    assert found(r'<div class="note">.*?<h3>(.*?)</h3>', main) == ["Ingen enhet passar"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("typ", "finns-inte", "Välj en typ av enhet i listan."),
        ("drift", "kooperativ", "Välj en driftform i listan."),
        ("ort", "Atlantis", "Välj en ort i listan."),
        ("page", "sju", "Fyll i ett heltal."),
        ("q", "x" * 81, "Säkerställ att detta värde har som mest 80 tecken (den har 81)."),
    ],
)
def test_odd_choice_gets_a_swedish_message_and_the_whole_list(client, norr, field, value, message):
    response = client.get(DIRECTORY, {field: value})

    assert response.status_code == 200
    assert found(r'role="status">.*?<ul>(.*?)</ul>', main_of(response)) == [message]
    assert "Norrgården" in main_of(response)


def test_odd_text_is_escaped(client, db):
    body = client.get(DIRECTORY, {"q": "<script>x"}).content.decode()

    assert "<script>x" not in body
    assert "&lt;script&gt;x" in body


def test_directory_costs_the_same_whatever_it_holds(client, db):
    role = Role.objects.get(code=COORDINATOR)

    def add(count):
        for _ in range(count):
            caregiver = make_unit()
            make_appointment(unit=make_unit(caregiver=caregiver), role=role)

    queries_of(client, DIRECTORY)
    before = len(queries_of(client, DIRECTORY))
    counts = []
    for more in (1, 2, 57):
        add(more)
        counts.append(len(queries_of(client, DIRECTORY)))

    assert counts == [before] * 3


def test_directory_is_paged_by_fifty(client, db):
    for number in range(60):
        make_unit(name=f"Enhet {number:02}", town=TOWN)

    first, second = listed(client, ort=TOWN), listed(client, ort=TOWN, page=2)

    assert first == [f"Enhet {number:02}" for number in range(50)]
    assert second == [f"Enhet {number:02}" for number in range(50, 60)]
    pager = re.findall(
        r'<a href="\?([^"]*)" aria-current',
        main_of(client.get(DIRECTORY, {"ort": TOWN, "page": 2})),
    )
    assert pager == ["ort=Provk%C3%B6ping&amp;page=2"]
    assert listed(client, ort=TOWN, page=99) == second


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"state": State.FUNCTION}, "Funktion finns"),
        ({"state": State.VACANT}, "Koordinator vakant"),
        ({"state": State.NOT_APPLICABLE}, "Koordinering inte aktuellt"),
        ({}, "Egen koordinator"),
    ],
)
def test_card_tells_who_coordinates(client, norr, fields, text):
    make_appointment(unit=norr, role=Role.objects.get(code=COORDINATOR), **fields)

    assert card_of(client, norr).endswith(text)


def test_card_names_stand_in_and_shared_unit(client, norr, soder):
    role = Role.objects.get(code=COORDINATOR)
    make_appointment(unit=norr, role=role, state=State.VACANT)
    make_appointment(unit=norr, role=role, acting=True, person=make_person(name="Vik Arie"))
    make_appointment(unit=soder, role=role, state=State.SHARED, shared_with=norr)

    assert card_of(client, norr).endswith("Koordinator vakant Vik Arie tillförordnad")
    assert "Koordinator delas med Norrgården" in card_of(client, soder)


def test_card_without_appointment_says_so_where_there_must_be_one(client, norr):
    assert card_of(client, norr).endswith("Provköping")

    norr.kind.required_roles.add(Role.objects.get(code=COORDINATOR))
    assert card_of(client, norr).endswith("Koordinering: uppgift saknas")


def test_unit_page_shows_each_state(client, norr, soder, kind):
    held, function, shared, vacant, unknown, irrelevant = roles = [make_role() for _ in range(6)]
    kind.required_roles.set([vacant, unknown])
    make_appointment(
        unit=norr, role=held, person=make_person(name="Anna Annan"), phone="08-465 004 12"
    )
    make_appointment(unit=norr, role=function, state=State.FUNCTION)
    make_appointment(unit=norr, role=shared, state=State.SHARED, shared_with=soder)
    make_appointment(unit=norr, role=vacant, state=State.VACANT, valid_from=date(2026, 9, 1))
    make_appointment(unit=norr, role=vacant, acting=True, person=make_person(name="Vik Arie"))
    make_appointment(unit=norr, role=irrelevant, state=State.NOT_APPLICABLE)
    make_appointment(
        unit=norr, role=held, valid_to=date(2026, 11, 1), person=make_person(name="Borta Nu")
    )
    make_appointment(unit=soder, role=held, person=make_person(name="Annan Enhet"))

    response = client.get(norr.get_absolute_url())

    cards = [
        section_of(response, role).removeprefix(f"{role.title} ").partition(" Spara som")[0]
        for role in roles
    ]
    assert cards == [
        "Anna Annan 08-465 004 12",
        "Funktion finns utan namngiven person",
        "Delad med Södergården",
        "Vakant sedan 1 september 2026 Vik Arie Tillförordnad",
        "Inte registrerad Enheten har inte lämnat någon uppgift.",
        "Inte aktuellt",
    ]
    assert "Borta Nu" not in main_of(response)
    assert "Annan Enhet" not in main_of(response)
    assert 'href="tel:+46846500412"' in main_of(response)


def test_unit_page_points_to_the_region_only_where_someone_is_missing(client, norr, kind):
    assert "När ingen på enheten svarar" not in main_of(client.get(norr.get_absolute_url()))
    kind.required_roles.add(make_role())

    assert "När ingen på enheten svarar" in main_of(client.get(norr.get_absolute_url()))


def test_unit_page_costs_the_same_whatever_it_holds(client, norr):
    # What is shared asks how it stands at the others, once for all of them.
    make_appointment(unit=norr, state=State.SHARED, shared_with=make_unit())
    queries_of(client, norr.get_absolute_url())
    before = len(queries_of(client, norr.get_absolute_url()))
    for _ in range(5):
        make_appointment(unit=norr, state=State.SHARED, shared_with=make_unit())
        make_appointment(unit=norr)

    assert len(queries_of(client, norr.get_absolute_url())) == before


def test_lower_case_hsa_id_leads_to_the_unit(client, norr):
    response = client.get("/organisation/enheter/se0000000099-e0001/")

    assert (response.status_code, response.url) == (301, norr.get_absolute_url())


def test_closed_unit_is_gone_and_names_its_successor(client, norr, soder):
    soder.valid_to, soder.successor = date(2026, 11, 23), norr
    soder.save()

    response = client.get(soder.get_absolute_url())

    assert response.status_code == 410
    text = words(main_of(response))
    assert "Södergården finns inte längre som enhet." in text
    assert f'<a href="{norr.get_absolute_url()}">Norrgården</a>' in main_of(response)


def test_unit_answers_on_its_last_day(client, norr):
    norr.valid_to = date(2026, 11, 24)
    norr.save()

    assert client.get(norr.get_absolute_url()).status_code == 200


def test_unit_that_has_not_opened_is_unknown(client, db, clock):
    """Never public yet, so not gone: 404 until its first day."""
    unit = make_unit(valid_from=date(2026, 11, 24))

    assert client.get(unit.get_absolute_url()).status_code == 404
    clock.move_to("2026-11-24T08:00:00+00:00")
    assert client.get(unit.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("path", ["SE0000000099-FINNS-EJ/", "x/", "å/", f"{'A' * 32}/"])
def test_unknown_unit_is_not_found(client, db, path):
    assert client.get(f"{DIRECTORY}{path}").status_code == 404


def test_level_has_no_unit_page(client, db):
    region = make_unit(kind=make_unit_kind(level="region"))

    assert client.get(region.get_absolute_url()).status_code == 404


def test_role_page_shows_responsibilities_and_holders(client, norr, soder):
    role = make_role(title="Provroll", mandate="Provar allt.", time_and_competence="Halvtid.")
    Responsibility.objects.create(role=role, text="Gör det här")
    Responsibility.objects.create(role=role, text="Gör andra", kind="others")
    Responsibility.objects.create(role=make_role(), text="Någon annans roll")
    make_appointment(role=role, unit=soder, state=State.VACANT)
    make_appointment(role=role, unit=norr, person=make_person(name="Anna Annan"), phone_hours="8–9")
    make_appointment(role=role, unit=make_unit(valid_to=date(2026, 11, 1), name="Stängd"))

    response = client.get(role.get_absolute_url())

    main = main_of(response)
    assert found(r"<h1>(.*?)</h1>", main) == ["Provroll"]
    assert found(r'id="gor-du".*?<ul>(.*?)</ul>', main) == ["Gör det här"]
    assert found(r'id="gor-andra".*?<ul>(.*?)</ul>', main) == ["Gör andra"]
    assert found(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", main) == [
        "Norrgården Anna Annan 8–9",
        "Södergården Vakant",
    ]
    assert "Någon annans roll" not in main
    assert "Stängd" not in main


def test_role_page_costs_the_same_whatever_it_holds(client, db):
    role = make_role()
    queries_of(client, role.get_absolute_url())
    make_appointment(role=role)
    one = len(queries_of(client, role.get_absolute_url()))
    for _ in range(3):
        make_appointment(role=role)
        make_appointment(role=role, state=State.SHARED, shared_with=make_unit())

    assert len(queries_of(client, role.get_absolute_url())) == one


def test_holders_of_a_role_are_paged_by_fifty(client, db):
    role = make_role()
    for number in range(53):
        make_appointment(role=role, unit=make_unit(name=f"Enhet {number:02}"))

    def units(query):
        main = main_of(client.get(f"{role.get_absolute_url()}{query}"))
        return found(r'<th scope="row">(.*?)</th>', main), re.findall(r'<a href="(\?[^"]*)"', main)

    first, links = units("")
    assert first == [f"Enhet {number:02}" for number in range(50)]
    assert links == ["?page=1", "?page=2", "?page=2"]
    assert units("?page=2")[0] == ["Enhet 50", "Enhet 51", "Enhet 52"]
    assert units("?page=9") == units("?page=2")
    # An appointment is from today on.
    assert units("?datum=2026-11-24&page=2")[1][0] == "?datum=2026-11-24&amp;page=1"


def test_unknown_role_is_not_found(client, db):
    assert client.get("/organisation/roller-och-ansvar/finns-inte/").status_code == 404


def test_role_list_shows_all_roles_at_a_fixed_cost(client, db):
    url = "/organisation/roller-och-ansvar/"
    queries_of(client, url)
    before = len(queries_of(client, url))
    role = make_role(title="Provroll", level="regional")
    make_appointment(role=role, person=make_person(name="Anna Annan"))
    make_appointment(role=role, person=make_person(name="Vik Arie"), acting=True)
    unit_role = make_role(title="Enhetsroll")
    make_appointment(role=unit_role, person=make_person(name="Syns Ej"))

    main = main_of(client.get(url))

    cards = {
        card.split(" ")[0]: card
        for card in found(r'<section class="card flow"[^>]*>(.*?)</section>', main)
    }
    assert cards["Provroll"] == "Provroll Regional Anna Annan Provar."
    assert cards["Enhetsroll"] == "Enhetsroll På enheten Provar."
    assert len(queries_of(client, url)) == before


def test_page_of_a_missing_list_text_is_not_found(client, db):
    """The directory needs its own published page; a page with another slug does not help."""
    from guidance.models import PageVersion

    make_page()
    PageVersion.objects.filter(page__slug="enheter").update(state="draft")

    assert client.get(DIRECTORY).status_code == 404
