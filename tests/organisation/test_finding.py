"""Find my coordinator, and a unit's coordinator at an address of its own."""

from datetime import date

import pytest

from organisation.coordinators import WITH_ABOVE, answers_for
from organisation.finding import find_units
from organisation.models import Appointment, Role, Unit
from organisation.presenters import COORDINATOR
from portal.search.index import rebuild
from tests.factories import make_appointment, make_person, make_unit, make_unit_kind
from tests.pages import found, main_of, queries_of, words

State = Appointment.State
FIND = "/organisation/hitta-koordinator/"


@pytest.fixture
def role(db):
    return Role.objects.get(code=COORDINATOR)


def names(text):
    return [unit.name for unit in find_units(text).units]


def answer_in(response):
    """The words of the answer's card, "" without one."""
    cards = found(r'<section [^>]*aria-labelledby="svar">(.*?)</section>', main_of(response))
    return cards[0] if cards else ""


def listed(response):
    [text] = found(r'<ul class="plain-list coordinator-list">(.*?)</ul>', main_of(response))
    return text


@pytest.mark.parametrize(
    "text",
    [
        "Vårdcentralen Skissvik",
        "vc skissvik",
        "skissvik vc",
        "VARDCENTRALEN SKISSVIK",
        "vrdcentralen skisvik",
        "rehabkoordinator vc Skissvik",
        "SE0000000000-E1005",
        "se0000000000 - e1005",
        "e1005",
    ],
)
def test_one_unit_is_found_however_written(db, text):
    found = find_units(text)

    assert (found.units[0].name, found.sure) == ("Vårdcentralen Skissvik", True)


def test_a_town_lists_its_units_and_is_sure_of_none(db):
    assert names("skissvik") == ["Vårdcentralen Skissvik", "Gullvivans läkarmottagning"]
    assert find_units("skissvik").sure is False


def test_letters_inside_a_word_find_too(db):
    assert names("psyk provstad") == [
        "Psykiatriska kliniken",
        "Testpsykiatrins mottagning",
        "Vuxenpsykiatrin Provstad",
    ]


def test_many_are_counted_and_eight_are_shown(db):
    found = find_units("provstad")

    assert (len(found.units), found.total, found.sure) == (8, 13, False)


@pytest.mark.parametrize("text", ["SE0000000000-E1099", "gamla torget"])
def test_an_ended_unit_leads_to_its_successor(db, text):
    found = find_units(text)

    assert found.ended.name == "Vårdcentralen Gamla Torget"
    assert ([unit.name for unit in found.units], found.sure) == (
        ["Vårdcentralen Provstad Söder"],
        True,
    )


@pytest.mark.parametrize("text", ["xyzzy", "i på", "?", "%", "\\", "(", "😀" * 80])
def test_nothing_found(db, text):
    assert (names(text), find_units(text).sure) == ([], False)


def test_units_to_come_and_levels_are_not_found(db):
    make_unit(name="Zebramottagningen", hsa_id="SE1-Z1", valid_from=date(2026, 11, 24))
    make_unit(name="Zebraförvaltningen", kind=make_unit_kind(level="administration"))
    make_unit(name="Zebrakliniken")
    rebuild()

    assert names("zebra") == ["Zebrakliniken"]
    assert names("SE1-Z1") == []


def test_own_coordinator_with_phone_and_hours(client, role):
    unit = make_unit(name="Zebrakliniken")
    person = make_person(name="Anna Annan")
    make_appointment(
        unit=unit,
        role=role,
        person=person,
        phone="08-465 004 12",
        phone_hours="Måndag 8–10",
        email="reko@example.org",
        confirmed_on=date(2026, 11, 1),
    )
    rebuild()

    response = client.get(FIND, {"q": "zebrakliniken"})

    card = answer_in(response)
    assert "Enheten har egen rehabkoordinator. Anna Annan 08-465 004 12 Måndag 8–10" in card
    assert "Telefontid nu, till 10.00" in card
    assert "Uppgifterna kontrollerade 1 november 2026" in card
    assert 'href="tel:+46846500412"' in main_of(response)
    assert response.headers["Cache-Control"] == "no-cache"


def test_vacancy_with_a_stand_in_says_since_when_and_who(client, db):
    card = answer_in(client.get(FIND, {"q": "vc skissvik"}))

    assert "Rollen är vakant sedan 23 september 2026. Olle Testgren täcker så länge." in card
    assert "070-174 06 09" in card
    assert "Fråga i den här ordningen" not in card


def test_vacancy_without_anybody_leads_upwards_to_the_region(client, role):
    parent = Unit.objects.get(hsa_id="SE0000000000-F1")
    unit = make_unit(name="Zebrakliniken", parent=parent, phone="08-465 004 13")
    make_appointment(unit=unit, role=role, state=State.VACANT, valid_from=date(2026, 9, 1))

    card = answer_in(client.get(f"{unit.get_absolute_url()}koordinator/"))

    assert "Rollen är vakant sedan 1 september 2026. Ingen ersättare är registrerad." in card
    order = ["Enheten själv", "08-465 004 13", "Hälso- och sjukvårdsförvaltningen"]
    order += ["08-465 004 01", "Regionens stöd", "Bo Provberg", "08-465 004 22"]
    places = [card.index(part, card.index("Fråga i den här ordningen")) for part in order]
    assert places == sorted(places)


def test_shared_coordinator_is_shown_with_her_own_unit(client, role):
    lender = make_unit(name="Norrgården")
    borrower = make_unit(name="Södergården")
    make_appointment(unit=lender, role=role, person=make_person(name="Anna Annan"))
    make_appointment(unit=borrower, role=role, state=State.SHARED, shared_with=lender)

    card = answer_in(client.get(f"{borrower.get_absolute_url()}koordinator/"))

    assert "Enheten delar rehabkoordinator med Norrgården . Anna Annan" in card


def test_two_units_that_share_with_each_other_have_nobody(client, role):
    one, other = make_unit(name="Ena"), make_unit(name="Andra")
    make_appointment(unit=one, role=role, state=State.SHARED, shared_with=other)
    make_appointment(unit=other, role=role, state=State.SHARED, shared_with=one)

    card = answer_in(client.get(f"{one.get_absolute_url()}koordinator/"))

    assert "Inte heller där finns någon just nu." in card
    assert "Fråga i den här ordningen" in card


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": State.FUNCTION}, "Enheten har en koordinatorsfunktion utan namngiven person."),
        ({"state": State.NOT_APPLICABLE}, "Enheten har inget uppdrag att koordinera."),
        (None, "Enheten har inte lämnat någon uppgift om rehabkoordinator."),
    ],
)
def test_each_state_has_its_sentence(client, role, fields, sentence):
    unit = make_unit()
    unit.kind.required_roles.add(role)
    if fields:
        make_appointment(unit=unit, role=role, **fields)

    assert sentence in answer_in(client.get(f"{unit.get_absolute_url()}koordinator/"))


def test_yesterdays_coordinator_is_not_shown(client, role):
    unit = make_unit()
    unit.kind.required_roles.add(role)
    gone = make_person(name="Borta Nu")
    make_appointment(unit=unit, role=role, person=gone, valid_to=date(2026, 11, 23))

    card = answer_in(client.get(f"{unit.get_absolute_url()}koordinator/"))

    assert "Borta Nu" not in card
    assert "inte lämnat någon uppgift" in card


def test_several_hits_each_show_their_coordinator(client, db):
    response = client.get(FIND, {"q": "skisvik"})

    assert listed(response) == (
        "Vårdcentralen Skissvik Vårdcentral, Skissvik Olle Testgren (tillförordnad) 070-174 06 09 "
        "Gullvivans läkarmottagning Vårdcentral, Skissvik Funktion utan namn 0980-31 92 05"
    )
    assert answer_in(response) == ""
    assert "Stavningen tolkades som Skissvik" in words(main_of(response))


def test_no_hit_says_what_to_do_and_gives_the_region(client, db):
    main = main_of(client.get(FIND, {"q": "xyzzy"}))

    assert found(r'<div class="note">.*?<h2>(.*?)</h2>', main) == ["Ingen enhet passar"]
    [region] = found(r'aria-labelledby="regionen">(.*?)</section>', main)
    assert region.startswith("Eller fråga regionen")
    assert "Bo Provberg" in region


def test_an_identity_number_is_taken_out_of_the_address(client, db):
    for url in (FIND, "/organisation/enheter/"):
        response = client.get(url, {"q": "850709-9805"})

        assert (response.status_code, response.url) == (302, f"{url}?fel=personnummer")
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        told = main_of(client.get(response.url))
        assert "Sök på enheten, aldrig på patienten." in told
        assert "850709" not in told


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 81, "q=%ED%A0%80", "q=", "q=%20", "q=-"])
def test_odd_questions_are_answered(client, db, query):
    response = client.get(f"{FIND}?{query}")

    assert response.status_code == 200
    assert answer_in(response) == ""


def test_lower_case_leads_to_the_address(client, db):
    response = client.get("/organisation/enheter/se0000000000-e1005/koordinator/")

    assert (response.status_code, response.url) == (
        301,
        "/organisation/enheter/SE0000000000-E1005/koordinator/",
    )


def test_a_link_to_an_ended_unit_leads_to_the_successors_coordinator(client, db):
    response = client.get("/organisation/enheter/SE0000000000-E1099/koordinator/", follow=True)

    assert response.status_code == 200
    assert len(response.redirect_chain) == 1
    text = words(main_of(response))
    assert "Vårdcentralen Gamla Torget finns inte längre" in text
    assert "Vårdcentralen Provstad Söder" in answer_in(response)


@pytest.mark.parametrize("former", ["SE0000000000-E1005", "finns-inte", "<b>x", "%00", "x" * 900])
def test_a_forged_former_unit_says_nothing(client, db, former):
    response = client.get(
        f"/organisation/enheter/SE0000000000-E1002/koordinator/?tidigare={former}"
    )

    assert response.status_code == 200
    assert "finns inte längre" not in main_of(response)


def test_ended_without_or_in_a_circle_of_successors_is_gone(client, db):
    one = make_unit(name="Ena", valid_to=date(2026, 1, 1))
    other = make_unit(name="Andra", valid_to=date(2026, 1, 1), successor=one)
    Unit.objects.filter(pk=one.pk).update(successor=other)
    alone = make_unit(valid_to=date(2026, 1, 1))

    for unit in (one, alone):
        assert client.get(f"{unit.get_absolute_url()}koordinator/").status_code == 410


def test_unknown_future_and_level_units_have_no_coordinator_page(client, db):
    future = make_unit(valid_from=date(2026, 11, 24))
    for hsa_id in (future.hsa_id, "SE0000000000-F1", "FINNS-INTE"):
        url = f"/organisation/enheter/{hsa_id}/koordinator/"
        assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ({"state": State.VACANT}, "Vakant"),
        ({"person": "Bo Ek", "valid_to": date(2027, 1, 1)}, "Till och med 31 december 2026"),
    ],
)
def test_successor_that_is_decided_is_told(client, role, today, told):
    unit = make_unit(name="Norrgården", town="Norrby")
    leaving = today.get("person")
    make_appointment(
        unit=unit, role=role, **{**today, "person": make_person(name=leaving) if leaving else None}
    )
    make_appointment(
        unit=unit, role=role, person=make_person(name="Eva Lind"), valid_from=date(2027, 1, 1)
    )

    card = answer_in(client.get(f"{unit.get_absolute_url()}koordinator/"))

    assert told in card
    assert "Eva Lind från 1 januari 2027" in card


def test_unit_that_need_not_coordinate_is_not_told_to_owe_an_answer(client, role):
    unit = make_unit(name="Zebrastaben", kind=make_unit_kind(name="Stab"))
    address = f"{unit.get_absolute_url()}koordinator/"

    told = "Enheten hör inte till dem som ska ha en rehabkoordinator."
    assert told in answer_in(client.get(address))
    unit.kind.required_roles.add(role)
    told = "Enheten har inte lämnat någon uppgift om rehabkoordinator."
    assert told in answer_in(client.get(address))


def test_who_comes_at_the_lender_is_told_at_the_unit_that_shares(client, role):
    lender = make_unit(name="Zebralånaren")
    unit = make_unit(name="Zebradelaren")
    ends, begins = date(2027, 3, 1), date(2027, 1, 1)
    make_appointment(unit=unit, role=role, state=State.SHARED, shared_with=lender, valid_to=ends)
    make_appointment(unit=lender, role=role, valid_to=begins, person=make_person(name="Bo Ek"))
    make_appointment(unit=lender, role=role, valid_from=begins, person=make_person(name="Eva Lind"))
    make_appointment(unit=lender, role=role, valid_from=ends, person=make_person(name="Sen Are"))
    secret = make_person(name="Hemlig Provsson", protected=True)
    make_appointment(unit=lender, role=role, valid_from=begins, person=secret)

    for address in (unit.get_absolute_url(), f"{unit.get_absolute_url()}koordinator/"):
        page = words(main_of(client.get(address)))
        assert "Eva Lind på Zebralånaren från 1 januari 2027" in page
        assert "Funktion utan namn på Zebralånaren från 1 januari 2027" in page
        assert "Sen Are" not in page
        assert "Hemlig" not in page


def test_vacancy_at_the_lender_is_told_at_the_unit_that_shares(client, role):
    lender, unit = make_unit(name="Zebralånaren"), make_unit(name="Zebradelaren")
    make_appointment(unit=unit, role=role, state=State.SHARED, shared_with=lender)
    held = make_appointment(unit=lender, role=role)
    vacant = "Vakant på Zebralånaren sedan 1 oktober 2026 Vik Arie är tillförordnad där"
    assert "Vakant" not in words(main_of(client.get(unit.get_absolute_url())))

    held.delete()
    since = date(2026, 10, 1)
    make_appointment(unit=lender, role=role, state=State.VACANT, valid_from=since)
    make_appointment(unit=lender, role=role, acting=True, person=make_person(name="Vik Arie"))
    assert vacant in words(main_of(client.get(unit.get_absolute_url())))


def test_answers_cost_the_same_for_one_and_many(role, django_assert_num_queries):
    for _ in range(3):
        parent = make_unit(kind=make_unit_kind(level="administration"))
        unit = make_unit(name="Zebra", parent=parent, caregiver=parent)
        make_appointment(unit=unit, role=role, state=State.SHARED, shared_with=make_unit())
    units = Unit.objects.filter(name="Zebra").select_related(*WITH_ABOVE)

    for count in (1, 3):
        with django_assert_num_queries(7):
            answers = answers_for(units[:count])
            assert [each.unit.kind.name for each in answers]
            assert [above.kind.name for each in answers for above, _ in each.above]


def test_find_page_costs_the_same_for_many_hits(client, role):
    make_appointment(unit=make_unit(name="Zebra ett", town="Zebraby"), role=role)
    make_appointment(unit=make_unit(name="Zebra två", town="Zebraby"), role=role)
    rebuild()
    queries_of(client, f"{FIND}?q=zebra")
    few = len(queries_of(client, f"{FIND}?q=zebra"))
    for number in range(5):
        make_appointment(unit=make_unit(name=f"Zebra {number}", town="Zebraby"), role=role)
    rebuild()

    assert len(queries_of(client, f"{FIND}?q=zebra")) == few


def test_start_and_coordination_pages_ask_for_the_unit(client, db):
    for url in ("/", "/rehabkoordinering/", "/rehabkoordinering/koordinering-steg-for-steg/"):
        assert f'<form class="finder" action="{FIND}"' in main_of(client.get(url))
    assert 'class="finder"' not in main_of(client.get("/intyg/skriva-bra-intyg/"))


def test_directory_shows_what_is_chosen_and_what_to_loosen(client, db):
    main = main_of(client.get("/organisation/enheter/", {"q": "skisvik", "drift": "private"}))

    assert found(r'<a class="chip removable"[^>]*>(.*?)</a>', main) == [
        "Ta bort filter: skisvik",
        "Ta bort filter: privat",
    ]
    [note] = found(r'<div class="note">(.*?)</div></div>', main)
    assert "visa utan ”skisvik” visa utan ”privat”" in note
    assert "Menade du någon av de här? Vårdcentralen Skissvik Gullvivans läkarmottagning" in note


def test_pager_of_a_long_directory_is_short_and_keeps_the_filters(client, db):
    kind = make_unit_kind()
    for _ in range(501):
        make_unit(kind=kind, town="Zebraby")

    main = main_of(client.get("/organisation/enheter/", {"ort": "Zebraby", "page": 6}))

    assert found(r'<ul class="pager">(.*?)</ul>', main) == [
        "Föregående Sida 1 … Sida 4 Sida 5 Sida 6 Sida 7 Sida 8 … Sida 11 Nästa"
    ]
    assert main.count("?ort=Zebraby&amp;page=") == 9


def test_unit_page_says_when_all_was_checked_and_how_to_tell_of_faults(client, db):
    unit = make_unit(name="Zebra & Co")
    make_appointment(unit=unit, confirmed_on=date(2026, 3, 1))
    make_appointment(unit=unit, confirmed_on=date(2026, 10, 1))
    main = main_of(client.get(unit.get_absolute_url()))

    header, _, _ = main.partition("</header>")
    assert found(r"Uppgifterna kontrollerade (.*?)</time>", header) == ["1 mars 2026"]
    assert (
        'href="mailto:strateg@exempelland.example.org?subject=Fel%20uppgift%3A%20'
        f'Zebra%20%26%20Co%20({unit.hsa_id})"'
    ) in main
    make_appointment(unit=unit)
    header, _, _ = main_of(client.get(unit.get_absolute_url())).partition("</header>")
    assert "Uppgifterna är inte kontrollerade" in header
