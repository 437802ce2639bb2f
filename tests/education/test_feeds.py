import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from education.models import CompetenceArea, ExternalCalendar, Occasion, Organiser, Session
from organisation.models import Profession
from tests.conftest import NOW
from tests.factories import make_course, make_imported_event, make_occasion
from tests.pages import main_of, queries_of

CALENDAR, ICS, JSON = (f"/kompetens/kalender{ending}" for ending in ("/", ".ics", ".json"))
STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)


@pytest.fixture
def empty(db):
    Session.objects.all().delete()
    Occasion.objects.all().delete()


def events_of(response):
    """The feed's events, as a library that did not write it reads them."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content).walk("VEVENT")


def only_event(client, query=""):
    [event] = events_of(client.get(f"{ICS}?{query}"))
    return event


def test_an_event_tells_all_of_an_occasion(client, empty):
    organiser = Organiser.objects.create(
        code="prov", name='Provarna; "Väst", AB', email="prov@example.org"
    )
    course = make_course(slug="prova", title="Prova, på riktigt", organiser=organiser, aim="Öva.")
    course.audiences.add(Profession.objects.get(code="lakare"))
    course.areas.add(CompetenceArea.objects.create(code="omr", name="Ett, område"))
    make_occasion(
        uid="prova-1",
        course=course,
        place="Sal A; plan 2",
        town="Åkerö",
        link="https://example.org/anmalan",
        registration_closes=date(2026, 12, 1),
        starts=datetime(2026, 12, 8, 9, 30, tzinfo=STOCKHOLM),
    )
    event = only_event(client)

    assert event["UID"] == "prova-1@localhost"
    assert event["SUMMARY"] == "Prova, på riktigt"
    assert event["DTSTART"].dt == datetime(2026, 12, 8, 9, 30, tzinfo=STOCKHOLM)
    assert event["DTEND"].dt == datetime(2026, 12, 8, 11, 30, tzinfo=STOCKHOLM)
    assert event["DTSTART"].params["TZID"] == "Europe/Stockholm"
    assert event["LOCATION"] == "Sal A; plan 2, Åkerö"
    assert [str(each) for each in event["CATEGORIES"].cats] == ["Ett, område", "Läkare"]
    assert event["URL"] == "http://testserver/kompetens/kurser/prova/?tillfalle=prova-1#prova-1"
    assert event["ORGANIZER"] == "mailto:prov@example.org"
    assert event["ORGANIZER"].params["CN"] == "Provarna; 'Väst', AB"
    assert event["STATUS"] == "CONFIRMED"
    assert event["DESCRIPTION"].splitlines() == [
        "Öva.",
        "Sista anmälningsdag: 2026-12-01",
        "Så bokar du: Mejla.",
        "Länk: https://example.org/anmalan",
        'Anordnare: Provarna; "Väst", AB',
    ]


def test_calendar_says_its_name_zone_and_how_often_to_ask(client, db):
    response = client.get(f"{ICS}?malgrupp=lakare&form=digital")
    calendar = Calendar.from_ical(response.content)

    assert calendar["X-WR-CALNAME"] == "Försäkringsmedicin: Läkare · Digitalt"
    assert calendar["NAME"] == calendar["X-WR-CALNAME"]
    assert calendar["SOURCE"] == "http://testserver" + response.request["PATH_INFO"] + (
        "?malgrupp=lakare&form=digital"
    )
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=6)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Stockholm"]


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ((2027, 3, 27, 9), (2027, 3, 27, 8)),
        ((2027, 3, 29, 9), (2027, 3, 29, 7)),
        ((2026, 10, 24, 9), (2026, 10, 24, 7)),
        ((2026, 10, 26, 9), (2026, 10, 26, 8)),
        # The night when three o'clock comes twice: the first of the two is still summer time.
        ((2026, 10, 25, 2), (2026, 10, 25, 0)),
    ],
)
def test_both_clock_changes_are_right_by_the_files_own_rules(client, empty, wall, utc):
    starts = datetime(*wall, tzinfo=STOCKHOLM)
    make_occasion(starts=starts, hours=1)
    response = client.get(f"{ICS}?manad={starts:%Y-%m}")
    [event] = events_of(response)
    # The zone as the file itself defines it, not as this machine knows it.
    [zone] = Calendar.from_ical(response.content).walk("VTIMEZONE")

    assert event["DTSTART"].dt.astimezone(UTC) == datetime(*utc, tzinfo=UTC)
    naive = event["DTSTART"].dt.replace(tzinfo=zone.to_tz())
    assert naive.utcoffset() == starts.utcoffset()


def test_lines_are_folded_and_ended_as_the_format_demands(client, empty):
    make_occasion(course=make_course(title="Åäö " * 20, aim="Ett 😀 långt ord: " + "å" * 300))
    content = client.get(ICS).content

    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode() is not None for line in lines)  # no character is cut in two
    assert only_event(client)["SUMMARY"] == "Åäö " * 20


def test_sessions_are_events_of_their_own_and_the_first_keeps_the_identity(client, empty):
    occasion = make_occasion(uid="flera", starts=NOW + 3 * DAY)
    later = Session.objects.create(
        occasion=occasion, starts=NOW + 2 * DAY, ends=NOW + 2 * DAY + timedelta(hours=1), title="Ö"
    )
    found = {str(event["UID"]): str(event["SUMMARY"]) for event in events_of(client.get(ICS))}

    assert found == {
        f"flera.{later.pk}@localhost": f"{occasion.title}: Ö",
        "flera@localhost": occasion.title,
    }


def test_change_moves_sequence_and_moment_and_keeps_the_identity(client, empty):
    occasion = make_occasion(uid="andras")
    before = only_event(client)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        session = occasion.sessions.get()
        session.starts -= timedelta(hours=1)
        session.save()
        after = only_event(client)

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["LAST-MODIFIED"].dt == (NOW + timedelta(minutes=5)).astimezone(UTC)
    assert before["LAST-MODIFIED"].dt < after["LAST-MODIFIED"].dt


def test_course_that_changes_its_title_is_a_change_of_its_occasions(client, empty):
    occasion = make_occasion()
    before = only_event(client)
    occasion.course.title = "Nytt namn"
    occasion.course.save()
    after = only_event(client)

    assert (after["SUMMARY"], after["SEQUENCE"]) == ("Nytt namn", before["SEQUENCE"] + 1)


def test_cancelled_stands_sixty_days_as_cancelled(client, empty):
    make_occasion(
        uid="installd",
        course=make_course(title="Kurs"),
        starts=NOW + 90 * DAY,
        cancelled_on=NOW.date(),
        cancel_reason="Läraren är sjuk.",
        registration_closes=date(2026, 12, 24),
    )
    event = only_event(client, "anmalan=on")

    assert (event["STATUS"], event["SUMMARY"]) == ("CANCELLED", "INSTÄLLT: Kurs")
    assert event["DESCRIPTION"].startswith("Inställt: Läraren är sjuk.")
    with time_machine.travel(NOW + 59 * DAY, tick=False):
        assert only_event(client)["UID"] == "installd@localhost"
        assert "Inställt: " in main_of(client.get(CALENDAR))
    with time_machine.travel(NOW + 60 * DAY, tick=False):
        assert events_of(client.get(ICS)) == []
        assert client.get(JSON).json()["items"] == []
        assert "installd" not in main_of(client.get(CALENDAR))


def test_preliminary_is_tentative_and_cannot_be_booked(client, empty):
    make_occasion(uid="kanske", is_preliminary=True)

    assert only_event(client)["STATUS"] == "TENTATIVE"
    assert client.get(JSON).json()["items"][0]["state"] == "planned"
    assert '<span class="tag plain">Planerad</span>' in main_of(client.get(CALENDAR))
    assert events_of(client.get(f"{ICS}?oppna=on")) == []


def test_deadlines_are_entries_of_their_own_when_asked_for(client, empty):
    make_occasion(
        uid="med", course=make_course(title="Kurs"), registration_closes=date(2026, 12, 1)
    )
    make_occasion(uid="utan")
    [deadline] = [e for e in events_of(client.get(f"{ICS}?anmalan=on")) if "DTSTART" in e
                  and not isinstance(e["DTSTART"].dt, datetime)]  # fmt: skip

    assert deadline["UID"] == "med.anmalan@localhost"
    assert deadline["SUMMARY"] == "Sista anmälningsdag: Kurs"
    assert (deadline["DTSTART"].dt, deadline["DTEND"].dt) == (date(2026, 12, 1), date(2026, 12, 2))
    items = client.get(f"{JSON}?anmalan=on").json()["items"]
    assert [item["uid"] for item in items if item["kind"] == "deadline"] == [deadline["UID"]]
    assert len(events_of(client.get(ICS))) == 2


@pytest.mark.parametrize("address", [ICS, JSON])
def test_unchanged_feed_is_not_sent_again(client, empty, address):
    occasion = make_occasion()
    with time_machine.travel(NOW, tick=False):
        tag = client.get(address).headers["ETag"]
        same = client.get(address, headers={"If-None-Match": tag})
        occasion.place = "Ny sal"
        occasion.save()
        other = client.get(address, headers={"If-None-Match": tag})

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200
    assert "Ny sal" in other.content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("malgrupp=finnsinte", "Välj en målgrupp i listan."),
        ("manad=2026-13", "Skriv månaden som år och månad, till exempel 2026-12."),
        ("manad=9999-99", "Skriv månaden som år och månad, till exempel 2026-12."),
        ("form=%00", "Välj en form i listan."),
        ("period=evigt", "Välj en period i listan."),
    ],
)
@pytest.mark.parametrize("address", [ICS, JSON])
def test_wrong_filter_is_refused_and_not_answered_with_everything(client, db, address, query, said):
    response = client.get(f"{address}?{query}")

    assert response.status_code == 400
    assert said in response.content.decode()
    assert "Gör om urvalet i kalendern" in response.content.decode()


def test_feed_holds_every_page_of_the_list(client, empty):
    course = make_course()
    for number in range(45):
        make_occasion(uid=f"m-{number}", course=course, starts=NOW + number * DAY + DAY)

    assert len(events_of(client.get(ICS))) == 45
    assert len(client.get(f"{JSON}?page=2").json()["items"]) == 45


@pytest.mark.parametrize("address", [ICS, JSON])
def test_queries_of_feed_do_not_grow(client, empty, address):
    make_occasion()
    of_one = len(queries_of(client, address))
    for _ in range(3):
        course = make_course()
        course.audiences.add(Profession.objects.first())
        make_occasion(course=course)

    assert len(queries_of(client, address)) == of_one
    assert of_one <= 8


# -- one selection in three forms --------------------------------------------------------

PERIODS = ["", "90", "tidigare"]


def choices(name):
    found = {
        "malgrupp": ["", "lakare", "kurator", "rehabkoordinator"],
        "omrade": ["", *CompetenceArea.objects.values_list("code", flat=True)],
        "form": ["", "onsite", "digital", "hybrid", "web"],
        "ort": ["", *Occasion.objects.exclude(town="").values_list("town", flat=True).distinct()],
        "arrangor": ["", *Organiser.objects.values_list("code", flat=True)],
        "period": PERIODS,
        "oppna": ["", "on"],
        "vy": ["", "manad"],
        "manad": ["", "2026-11", "2026-12", "2027-01", "2026-05"],
        "anmalan": ["", "on"],
        "page": ["", "1", "2"],
    }
    return found[name]


NAMES = ("malgrupp", "omrade", "form", "ort", "arrangor", "period", "oppna", "vy", "manad",
         "anmalan", "page")  # fmt: skip


def shown_on_page(client, query):
    """The occasions that the page shows with an address, over all pages of the list."""
    query = {name: value for name, value in query.items() if name != "page"}
    found, number = set(), 1
    while True:
        main = main_of(client.get(CALENDAR, {**query, "page": number}))
        anchors = re.findall(r'<li class="event[^"]*" id="([^"]+)">', main)
        anchors += re.findall(r'<a href="/kompetens/kurser/[^"#]+#([^"]+)">', main)
        anchors += re.findall(r'<span data-event="([^"]+)">', main)
        found |= set(anchors)
        number += 1
        if f"page={number}" not in main:
            return found


@pytest.fixture
def others(db):
    """Events of another organiser: coming, past, cancelled, whole days, and some not shown."""
    organiser = Organiser.objects.create(code="forbundet", name="Förbundet")
    calendar = ExternalCalendar.objects.create(code="f", name="F", organiser=organiser)
    town = Occasion.objects.exclude(town="").values_list("town", flat=True)[0]
    for number in range(-40, 60, 4):
        event = make_imported_event(
            calendar=calendar,
            starts=NOW + number * DAY,
            is_all_day=number % 8 == 0,
            town=town if number % 3 else "Annanstans",
            gone_on=NOW.date() if number % 5 == 0 else None,
            state="new" if number % 7 == 0 else "approved",
        )
        if number % 12 == 0:
            event.audiences.add(Profession.objects.get(code="lakare"))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_same_query_gives_the_same_occasions_in_all_three(others, data):
    client = Client()
    chosen = data.draw(st.sets(st.sampled_from(NAMES), max_size=5))
    query = {name: data.draw(st.sampled_from(choices(name)), label=name) for name in chosen}
    events = events_of(client.get(ICS, query))
    items = client.get(JSON, query).json()["items"]

    assert [str(event["UID"]) for event in events] == [item["uid"] for item in items]
    assert {item["occasion"] for item in items} == shown_on_page(client, query)
    assert len({item["uid"] for item in items}) == len(items)


def test_others_events_are_found_by_the_filters_that_can_be_told_of_them(client, others):
    def found(**query):
        items = client.get(JSON, query).json()["items"]
        return [item["occasion"] for item in items if item["kind"] == "imported"]

    everything = found()
    assert len(everything) == 12
    assert found(arrangor="forbundet") == everything
    assert 0 < len(found(ort="Annanstans")) < len(everything)
    assert 0 < len(found(malgrupp="lakare")) < len(everything)
    assert found(omrade=CompetenceArea.objects.first().code) == []
    assert found(form="digital") == found(oppna="on") == []
    assert found(malgrupp="kurator") == []
    assert len(found(period="tidigare")) > 0


def test_event_of_another_organiser_tells_whose_it_is(client, empty):
    organiser = Organiser.objects.create(code="f", name="Förbundet", url="https://example.org/")
    calendar = ExternalCalendar.objects.create(code="f", name="F", organiser=organiser)
    event = make_imported_event(
        calendar=calendar, uid="a", title="Möte <b>", place="Sal A", description="Välkommen",
        url="https://example.org/mote", starts=datetime(2026, 12, 8, 9, tzinfo=STOCKHOLM),
    )  # fmt: skip
    main = main_of(client.get(CALENDAR))
    feed = only_event(client)

    assert "Möte &lt;b&gt;" in main
    assert "Från Förbundet" in main
    assert '<a href="https://example.org/mote" rel="nofollow">Läs mer hos Förbundet</a>' in main
    assert feed["UID"] == f"{event.anchor}@localhost"
    assert event.anchor == "extern.f.ffe9aaeaa2a2d5048174"
    assert feed["DTSTART"].dt == datetime(2026, 12, 8, 9, tzinfo=STOCKHOLM)
    assert feed["DESCRIPTION"] == "Välkommen\nAnordnare: Förbundet"
    assert (feed["URL"], feed["STATUS"]) == ("https://example.org/mote", "CONFIRMED")


@pytest.mark.parametrize(
    "fields",
    [{"state": "new"}, {"state": "hidden"}, {"fault": "Fel."},
     {"gone_on": date(2026, 9, 1)}],
)  # fmt: skip
def test_what_nobody_has_approved_is_shown_nowhere(client, empty, fields):
    make_imported_event(title="Hemligt", **fields)

    assert events_of(client.get(ICS)) == []
    assert client.get(JSON).json()["items"] == []
    assert "Hemligt" not in main_of(client.get(CALENDAR))


def test_calendar_out_of_use_or_outside_its_days_is_not_shown(client, empty):
    event = make_imported_event(starts=NOW + 10 * DAY)
    calendar = event.calendar
    assert len(events_of(client.get(ICS))) == 1

    calendar.shown_until = (NOW + 9 * DAY).date()
    calendar.save()
    assert events_of(client.get(ICS)) == []
    calendar.shown_until, calendar.is_active = None, False
    calendar.save()
    assert events_of(client.get(ICS)) == []


def test_gone_event_stands_sixty_days_as_cancelled(client, empty):
    make_imported_event(title="Möte", starts=NOW + 90 * DAY, gone_on=NOW.date())

    assert (only_event(client)["STATUS"], only_event(client)["SUMMARY"]) == (
        "CANCELLED", "INSTÄLLT: Möte",
    )  # fmt: skip
    with time_machine.travel(NOW + 60 * DAY, tick=False):
        assert events_of(client.get(ICS)) == []


@pytest.mark.parametrize("address", [ICS, JSON, CALENDAR, f"{CALENDAR}?vy=manad&manad=2026-12"])
def test_queries_do_not_grow_with_others_events(client, empty, address):
    make_occasion()
    make_imported_event()
    of_one = len(queries_of(client, address))
    for _ in range(3):
        make_imported_event().audiences.add(Profession.objects.first())

    assert len(queries_of(client, address)) == of_one


def test_the_property_has_something_to_find(client, db):
    """The demo region has occasions for many of the combinations tried above."""
    found = [
        len(client.get(JSON, {"period": period, "malgrupp": who}).json()["items"])
        for period, who in product(PERIODS, choices("malgrupp"))
    ]

    assert sum(number > 0 for number in found) >= 8


# -- the month -----------------------------------------------------------------------------


def month_cells(client, month):
    """{day's words: the titles in its cell}, and the week numbers, of a month's table."""
    main = main_of(client.get(CALENDAR, {"vy": "manad", "manad": month}))
    weeks = re.findall(r'<th scope="row"[^>]*>.*?</span>(\d+)</th>', main)
    cells = re.findall(r'<td role="cell".*?</td>', main, re.S)
    return main, [int(week) for week in weeks], cells


def test_month_has_the_weeks_of_new_year(client, empty):
    _, weeks, cells = month_cells(client, "2027-01")

    assert weeks == [53, 1, 2, 3, 4]
    assert len(cells) == 35


def test_month_shows_a_session_on_its_day_and_a_long_one_on_both(client, empty):
    make_occasion(uid="en", course=make_course(title="En dag"),
                  starts=datetime(2026, 12, 8, 9, tzinfo=STOCKHOLM))  # fmt: skip
    make_occasion(uid="natt", course=make_course(title="Över natten"), hours=30,
                  starts=datetime(2026, 12, 10, 8, tzinfo=STOCKHOLM))  # fmt: skip
    make_occasion(uid="midnatt", course=make_course(title="Till midnatt"), hours=4,
                  starts=datetime(2026, 12, 15, 20, tzinfo=STOCKHOLM))  # fmt: skip
    _, _, cells = month_cells(client, "2026-12")
    of_day = {
        int(re.search(r"</span>(\d+)", cell)[1]): re.findall(r'#([^"]+)">', cell)
        for cell in cells
        if "other-month" not in cell
    }

    assert {day: found for day, found in of_day.items() if found} == {
        8: ["en"], 10: ["natt"], 11: ["natt"], 15: ["midnatt"],
    }  # fmt: skip


def test_month_leads_to_its_neighbours_and_keeps_the_filters(client, db):
    main = main_of(client.get(f"{CALENDAR}?vy=manad&malgrupp=lakare&manad=2027-01"))

    assert "?vy=manad&amp;malgrupp=lakare&amp;manad=2026-12" in main
    assert "?vy=manad&amp;malgrupp=lakare&amp;manad=2027-02" in main


def test_queries_of_month_do_not_grow(client, empty):
    url = f"{CALENDAR}?vy=manad&manad=2026-12"
    make_occasion(starts=NOW + 20 * DAY)
    of_one = len(queries_of(client, url))
    for number in range(3):
        make_occasion(starts=NOW + (20 + number) * DAY)

    assert len(queries_of(client, url)) == of_one


# -- ways to take it along ------------------------------------------------------------------


def test_page_offers_the_selection_and_not_the_view_of_it(client, db):
    main = main_of(client.get(f"{CALENDAR}?malgrupp=lakare&vy=manad&manad=2026-12"))

    assert 'href="webcal://testserver/kompetens/kalender.ics?malgrupp=lakare"' in main
    assert "webcal://testserver/kompetens/kalender.ics?malgrupp=lakare&amp;anmalan=on" in main
    assert 'href="/kompetens/kalender.ics?malgrupp=lakare&amp;vy=manad&amp;manad=2026-12"' in main
    assert 'src="/kompetens/kalender.svg?malgrupp=lakare"' in main


def test_code_is_a_drawing_of_the_address(client, db):
    response = client.get("/kompetens/kalender.svg?malgrupp=lakare")

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<?xml")
    assert b"<svg" in response.content
    assert b"style=" not in response.content
    assert response.content != client.get("/kompetens/kalender.svg").content


# -- for search engines ---------------------------------------------------------------------


def test_course_tells_of_itself_as_linked_data(client, empty):
    course = make_course(slug="prova", title="Prova </script><b>", aim="Öva & pröva.")
    make_occasion(uid="p-1", course=course, format="hybrid", town="Åkerö",
                  starts=datetime(2026, 12, 8, 9, tzinfo=STOCKHOLM))  # fmt: skip
    make_occasion(uid="p-2", course=course, format="digital", cancelled_on=NOW.date(),
                  cancel_reason="Sjukdom", link="https://example.org/m")  # fmt: skip
    make_occasion(uid="p-3", course=course, format="digital",
                  starts=datetime(2026, 12, 9, 9, tzinfo=STOCKHOLM))  # fmt: skip
    page = client.get("/kompetens/kurser/prova/").content.decode()
    [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    data = json.loads(script)
    second, first, third = data["hasCourseInstance"]

    assert page.count("<script") == 1
    assert (data["@type"], data["name"], data["description"]) == (
        "Course", "Prova </script><b>", "Öva & pröva.",
    )  # fmt: skip
    assert first["startDate"] == "2026-12-08T09:00:00+01:00"
    assert first["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert first["location"] == {"@type": "Place", "name": "Åkerö", "address": "Åkerö"}
    assert second["eventStatus"] == "https://schema.org/EventCancelled"
    assert second["location"] == {"@type": "VirtualLocation", "url": "https://example.org/m"}
    assert third["location"]["url"] == (
        "http://testserver/kompetens/kurser/prova/?tillfalle=p-3#p-3"
    )
