"""Min enhet: a cookie after a press, what pages show with it, and nothing without it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from organisation.models import Appointment, Role, Unit
from organisation.presenters import COORDINATOR
from portal.web.choices import way_back
from portal.web.form_token import form_token
from tests.factories import make_appointment, make_occasion, make_person, make_unit
from tests.pages import found, main_of, queries_of, words

CHOOSE = "/organisation/min-enhet/"
GUIDELINE = "/rehabkoordinering/koordinering-steg-for-steg/"
PROCESS = "/rehabkoordinering/vem-gor-vad-i-koordineringen/"
SKISSVIK = "SE0000000000-E1005"
ENDED = "SE0000000000-E1099"
INDICATORS = "/uppfoljning/indikatorer/"
PAGES = ["/", GUIDELINE, PROCESS, "/kompetens/kalender/", "/kompetens/kurser/", INDICATORS]


def choose(client, **fields):
    return client.post(CHOOSE, {"kod": form_token("min-enhet"), "sida": "/intyg/", **fields})


def with_unit(client, code=SKISSVIK):
    client.cookies["enhet"] = code
    return client


def card_of(response):
    cards = found(r'<section [^>]*aria-labelledby="min-enhet">(.*?)</section>', main_of(response))
    return cards[0] if cards else ""


def test_a_press_gives_a_cookie_with_the_hsa_id_alone(client, db):
    response = choose(client, enhet=SKISSVIK.lower())
    cookie = response.cookies["enhet"]

    assert (response.status_code, response.url) == (302, "/intyg/")
    assert cookie.value == SKISSVIK
    assert cookie["max-age"] == 31_536_000
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert list(response.cookies) == ["enhet"]


def test_cookie_is_secure_with_https(client, db):
    fields = {"kod": form_token("min-enhet"), "enhet": SKISSVIK}

    assert client.post(CHOOSE, fields, secure=True).cookies["enhet"]["secure"] is True


def test_forgetting_takes_the_cookie_away(client, db):
    choose(client, enhet=SKISSVIK)
    response = choose(client, enhet="")

    assert (response.cookies["enhet"].value, response.cookies["enhet"]["max-age"]) == ("", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"kod": ""},
        {"kod": "min-enhet|2026-11-23"},
        {"kod": "another form's"},
        {"enhet": "å"},
        {"enhet": "x" * 99},
        {"enhet": "SE1\0"},
        {"enhet": "<script>"},
    ],
)
def test_forged_presses_are_refused_in_swedish(client, db, fields):
    if fields.get("kod") == "another form's":
        fields = {"kod": form_token("utseende")}
    response = choose(client, **{"enhet": SKISSVIK, **fields})

    assert response.status_code == 400
    assert response.content.decode().startswith("Din enhet kunde inte ändras.")
    assert "enhet" not in response.cookies


@pytest.mark.parametrize("hsa_id", ["FINNS-INTE", ENDED, "SE0000000000-F1"])
def test_only_units_of_today_can_be_chosen(client, db, hsa_id):
    response = choose(client, enhet=hsa_id)

    assert response.status_code == 404
    assert "enhet" not in response.cookies


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_nobody_is_sent_elsewhere(client, db, back):
    assert choose(client, enhet=SKISSVIK, sida=back).url == "/"


def test_choosing_is_a_post(client, db):
    assert client.get(CHOOSE).status_code == 405


@pytest.mark.parametrize("url", PAGES)
def test_without_the_cookie_nothing_is_set_and_nothing_is_shown(client, db, url):
    response = client.get(url)

    assert not response.cookies
    assert "Glöm min enhet" not in response.content.decode()
    assert response.headers["Vary"] == "Cookie, Accept-Encoding"


@pytest.mark.parametrize("url", PAGES)
def test_the_cookie_costs_at_most_two_queries(client, db, url):
    queries_of(client, url)
    without = len(queries_of(client, url))

    assert len(queries_of(with_unit(client), url)) <= without + 2


@pytest.mark.parametrize("url", PAGES)
def test_every_page_where_it_acts_can_forget_it(client, db, url):
    main = main_of(with_unit(client).get(url))

    assert main.count("Glöm min enhet") == 1


@pytest.mark.parametrize("url", ["/", GUIDELINE])
def test_the_units_coordinator_stands_beside_the_text(client, db, url):
    card = card_of(with_unit(client).get(url))

    assert card.startswith("Vid din enhet Vårdcentralen Skissvik Olle Testgren")
    assert "070-174 06 09" in card


def test_process_names_the_units_own_holder(client, db):
    text = words(main_of(with_unit(client).get(PROCESS)))

    assert "Olle Testgren (tillförordnad), 070-174 06 09 , Vårdcentralen Skissvik." in text


def test_indicators_of_the_region_lead_to_the_units_own(client, db):
    report = (
        f'<a href="/uppfoljning/enheter/{SKISSVIK}/">årsrapporten för Vårdcentralen Skissvik</a>'
    )
    directory = '<a href="/organisation/enheter/">välj enhet</a>'

    assert directory in main_of(client.get(INDICATORS))
    with_mine = main_of(with_unit(client).get(INDICATORS))
    assert report in with_mine
    assert directory not in with_mine
    assert directory in main_of(with_unit(client, ENDED).get(INDICATORS))


def test_vacancy_leads_to_whom_to_ask(client, db):
    unit = make_unit(name="Zebrakliniken")
    role = Role.objects.get(code=COORDINATOR)
    make_appointment(unit=unit, role=role, state=Appointment.State.VACANT)

    response = with_unit(client, unit.hsa_id).get(GUIDELINE)

    assert "Vakant Rehabkoordinator saknas. Se vem du frågar i stället" in card_of(response)
    assert f'href="{unit.get_absolute_url()}koordinator/"' in main_of(response)


def test_find_page_answers_for_the_own_unit_at_once(client, db):
    main = words(main_of(with_unit(client).get("/organisation/hitta-koordinator/")))

    assert "Du har valt den här som din enhet." in main
    assert "Olle Testgren täcker så länge." in main


def test_courses_near_the_unit_come_first(client, db):
    now = timezone.now()
    make_occasion(town="Zebraby", title_suffix="nära", starts=now + timedelta(days=300))
    unit = make_unit(town="Zebraby")
    with_unit(client, unit.hsa_id)

    calendar = main_of(client.get("/kompetens/kalender/"))
    [near] = found(r'<section aria-labelledby="nara">(.*?)</section>', calendar)
    assert near.startswith("Vid din enhet: i Zebraby")
    assert "nära" in near
    filtered = main_of(client.get("/kompetens/kalender/", {"ort": "Zebraby"}))
    assert 'aria-labelledby="nara"' not in filtered
    start = main_of(client.get("/"))
    assert "Först det som hålls i Zebraby, där din enhet finns." in words(start)
    first = found(
        r"<article class=\"card link-card\">(.*?)</article>",
        main_of(client.get("/kompetens/kurser/")),
    )[0]
    assert "I Zebraby, nära din enhet" in first


def test_an_ended_unit_says_so_and_offers_the_successor(client, db):
    response = with_unit(client, ENDED).get(GUIDELINE)

    assert "Vårdcentralen Gamla Torget finns inte längre." in card_of(response)
    assert "Byt till Vårdcentralen Provstad Söder" in card_of(response)
    assert 'name="enhet" value="SE0000000000-E1002"' in main_of(response)
    assert "enhet" not in response.cookies


@pytest.mark.parametrize("forged", ["FINNS-INTE", "x" * 4000, "' OR 1", "SE0000000000-F1", '"'])
@pytest.mark.parametrize("url", PAGES)
def test_a_forged_cookie_is_ignored_and_removed(client, db, url, forged):
    response = with_unit(client, forged).get(url)

    assert response.status_code == 200
    assert card_of(response) == ""
    assert response.cookies["enhet"]["max-age"] == 0


def test_a_unit_to_come_is_nobodys_yet(client, db):
    unit = make_unit(valid_from=date(2026, 11, 24))

    assert card_of(with_unit(client, unit.hsa_id).get("/")) == ""


def test_unit_page_offers_the_press_and_then_the_way_back(client, db):
    unit = Unit.objects.get(hsa_id=SKISSVIK)
    make_appointment(unit=unit, person=make_person())

    before = words(main_of(client.get(unit.get_absolute_url())))
    after = words(main_of(with_unit(client).get(unit.get_absolute_url())))

    assert ("Gör till min enhet" in before, "Glöm min enhet" in before) == (True, False)
    assert ("Gör till min enhet" in after, "Glöm min enhet" in after) == (False, True)
    assert after.count("Det här är din enhet.") == 1


def test_press_comes_back_to_where_it_was_made(client, db):
    unit = Unit.objects.get(hsa_id=SKISSVIK)
    page = client.get(unit.get_absolute_url())
    place = f"{unit.get_absolute_url()}#min-enhet-val"

    assert f'name="sida" value="{place}"' in page.text
    assert page.text.count('id="min-enhet-val"') == 1
    assert way_back(place) == place
