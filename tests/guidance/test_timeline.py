"""Worked cases of the rehabilitation chain, written from the law's text before the code."""

import re
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from guidance.models import Milestone, Occupation
from guidance.timeline import Period, case_day, counted_periods, timeline
from tests.pages import found, main_of, queries_of, words

NEW_YEAR = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "on"),
    [
        (1, date(2026, 1, 1)),
        (8, date(2026, 1, 8)),
        (15, date(2026, 1, 15)),
        (30, date(2026, 1, 30)),
        (90, date(2026, 3, 31)),
        (91, date(2026, 4, 1)),
        (180, date(2026, 6, 29)),
        (181, date(2026, 6, 30)),
        (365, date(2026, 12, 31)),
        (366, date(2027, 1, 1)),
        (550, date(2027, 7, 4)),
    ],
)
def test_days_of_a_case_that_began_on_new_years_day(day, on):
    assert case_day(day, NEW_YEAR) == on


@pytest.mark.parametrize(
    ("day", "on"),
    [(59, date(2028, 2, 28)), (60, date(2028, 2, 29)), (61, date(2028, 3, 1)),
     (90, date(2028, 3, 30)), (365, date(2028, 12, 30)), (366, date(2028, 12, 31))],
)  # fmt: skip
def test_days_of_a_case_over_leap_day(day, on):
    assert case_day(day, date(2028, 1, 1)) == on


def test_next_monday_is_day_eight_when_monday_is_day_one():
    assert case_day(8, date(2026, 3, 23)) == date(2026, 3, 30)  # over the change to summer time


# The example of the page on the chain: 70 days ill, 40 days at work, ill again: day 90 is
# the new period's twentieth day.
SEVENTY = Period(date(2026, 1, 1), date(2026, 3, 11))
ILL_AGAIN = date(2026, 4, 21)


def test_seventy_days_before_are_counted():
    counted = counted_periods(ILL_AGAIN, [SEVENTY])

    assert SEVENTY.days == 70
    assert counted == [SEVENTY]
    assert case_day(90, ILL_AGAIN, counted) == ILL_AGAIN + timedelta(days=19)
    assert case_day(70, ILL_AGAIN, counted) == date(2026, 3, 11)
    assert case_day(71, ILL_AGAIN, counted) == ILL_AGAIN


@pytest.mark.parametrize(("between", "is_counted"), [(0, True), (89, True), (90, False)])
def test_periods_are_added_when_fewer_than_ninety_days_lie_between(between, is_counted):
    first_day = SEVENTY.last + timedelta(days=between + 1)

    assert counted_periods(first_day, [SEVENTY]) == ([SEVENTY] if is_counted else [])


def test_chain_breaks_at_the_first_long_gap_and_order_typed_does_not_matter():
    old = Period(date(2025, 1, 1), date(2025, 1, 31))
    near = Period(date(2025, 12, 1), date(2025, 12, 10))
    nearest = Period(date(2026, 2, 1), date(2026, 2, 10))

    assert counted_periods(date(2026, 3, 1), [near, old, nearest]) == [near, nearest]


def days_and_codes(occupation, *, earlier=(), first_day=NEW_YEAR, today=NEW_YEAR):
    made = timeline(
        Milestone.objects.all(),
        first_day=first_day,
        occupation=occupation,
        earlier=earlier,
        today=today,
    )
    return [(row.day, row.on.isoformat(), [m.code for m in row.milestones]) for row in made.rows]


EMPLOYED = [
    (1, "2026-01-01", ["sjukanmalan-arbetsgivaren", "sjuklon"]),
    (8, "2026-01-08", ["intyg-arbetsgivaren"]),
    (15, "2026-01-15", ["arbetsgivaren-anmaler", "ansok-sjukpenning", "intyg-dag-15"]),
    (30, "2026-01-30", ["plan-for-atergang"]),
    (90, "2026-03-31", ["fore-dag-90"]),
    (91, "2026-04-01", ["omplacering"]),
    (180, "2026-06-29", ["fore-dag-180"]),
    (181, "2026-06-30", ["arbetsmarknaden"]),
    (365, "2026-12-31", ["fore-dag-365"]),
    (366, "2027-01-01", ["farre-undantag"]),
    (550, "2027-07-04", ["dag-550"]),
]
OTHERS = {
    Occupation.SELF_EMPLOYED: [
        (1, "2026-01-01", ["sjukanmalan-fk", "karens-egenforetagare"]),
        (8, "2026-01-08", ["intyg-fk-dag-8"]),
        (180, "2026-06-29", ["fore-dag-180-egen"]),
        (181, "2026-06-30", ["arbetsmarknaden-egen"]),
    ],
    Occupation.JOB_SEEKER: [
        (1, "2026-01-01", ["sjukanmalan-fk", "arbetsmarknaden-dag-1"]),
        (8, "2026-01-08", ["intyg-fk-dag-8", "intyg-af"]),
    ],
    Occupation.STUDENT: [
        (1, "2026-01-01", ["sjukanmalan-studerande"]),
        (15, "2026-01-15", ["intyg-studerande"]),
    ],
    Occupation.PARENTAL_LEAVE: [
        (1, "2026-01-01", ["sjukanmalan-fk", "varda-barnet"]),
        (8, "2026-01-08", ["intyg-fk-dag-8"]),
    ],
}


def test_employed_has_every_day_of_the_chain(db):
    assert days_and_codes(Occupation.EMPLOYED) == EMPLOYED


@pytest.mark.parametrize("occupation", OTHERS)
def test_others_have_only_their_own_days(db, occupation):
    assert days_and_codes(occupation) == OTHERS[occupation]


def test_earlier_periods_move_the_chain_and_leave_the_first_month(db):
    rows = days_and_codes(Occupation.EMPLOYED, earlier=[SEVENTY], first_day=ILL_AGAIN)
    on = {code: (day, date_) for day, date_, codes in rows for code in codes}

    assert on["arbetsgivaren-anmaler"] == (15, "2026-05-05")
    assert on["plan-for-atergang"] == (30, "2026-05-20")
    assert on["fore-dag-90"] == (90, "2026-05-10")
    assert on["omplacering"] == (91, "2026-05-11")
    assert [date_ for _, date_, _ in rows] == sorted(date_ for _, date_, _ in rows)


def test_says_where_today_stands_and_what_comes_next(db):
    made = timeline(
        Milestone.objects.all(),
        first_day=NEW_YEAR,
        occupation=Occupation.EMPLOYED,
        earlier=[],
        today=date(2026, 3, 30),
    )

    assert made.today_is == 89
    assert (made.next.day, made.next.days_left) == (90, 1)
    assert [row.state for row in made.rows][:6] == ["passed"] * 4 + ["coming"] * 2


def test_every_milestone_names_actor_and_law_or_what_is_to_be_reviewed(db):
    rows = [*Milestone.objects.select_related("page")]

    assert len(rows) == 24
    for row in rows:
        assert row.who
        assert row.text
        assert row.law_text or row.review_note, row.code
        assert row.page is None or row.anchor, row.code


ADDRESS = "/sjukskrivningsprocessen/tidslinje/"
CASE = {"forsta_dag": "2026-10-01", "sysselsattning": "anstalld"}


def headings(response):
    return found(r'<h3 id="svar"[^>]*>(.*?)</h3>', main_of(response))


def test_page_without_a_question_shows_the_form_and_the_guidance(client, db):
    response = client.get(ADDRESS)

    assert headings(response) == []
    assert found(r"<legend[^>]*>(.*?)</legend>", main_of(response)) == [
        "Period 1",
        "Period 2",
        "Period 3",
        "Hjälpte sidan dig?",
    ]
    assert "Sjukperioden för den som är anställd" in response.text
    assert response.headers.get("Cache-Control") is None
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_answer_stands_at_its_anchor_with_dates_actors_laws_and_links(client, db):
    response = client.get(ADDRESS, CASE)
    main = main_of(response)
    row = next(
        part for part in main.split('<li class="milestone') if 'datetime="2026-12-30"' in part
    )

    assert headings(response) == ["Tidslinje från torsdag 1 oktober 2026"]
    assert found(r"<title>(.*?)</title>", response.text)[0].startswith("Tidslinje från 2026-10-01")
    assert "I dag är dag 54. Närmast: dag 90, tisdag 29 december 2026 (om 36 dagar)." in words(main)
    assert "Dag 91 onsdag 30 december 2026" in words(row)
    assert "Vem: Försäkringskassan prövar, arbetsgivaren ser" in words(row)
    assert '<a href="/lagar-och-regler/#sfb-27">27 kap. 47 § socialförsäkringsbalken</a>' in row
    assert '<a href="/sjukskrivningsprocessen/rehabiliteringskedjan/#dag-91-180">' in row
    assert "Ska granskas" not in row


def test_unsure_rule_says_so_where_it_stands(client, db):
    response = client.get(ADDRESS, {**CASE, "sysselsattning": "egenforetagare"})
    text = words(main_of(response))

    assert "Ska granskas. Reglerna om karens för egenföretagare" in text
    assert "Dag 15: Sjukfallet anmäls till Försäkringskassan" in text
    assert "Sjuklön dag 1–14" in text.partition("Gäller inte här")[2]
    assert "Sjuklön dag 1–14" not in text.partition("Gäller inte här")[0]


def test_answer_is_kept_nowhere_on_the_way(client, db):
    for response in (client.get(ADDRESS, CASE), client.get(f"{ADDRESS[:-1]}.ics", CASE)):
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.cookies == {}


def test_earlier_periods_are_told_as_counted_or_not(client, db):
    response = client.get(
        ADDRESS,
        {
            "forsta_dag": "2026-04-21",
            "sysselsattning": "anstalld",
            "fran1": "1 januari 2026",
            "till1": "20260311",
            "fran3": "2025-01-01",
            "till3": "2025-01-31",
        },
    )
    text = words(main_of(response))

    assert "70 tidigare sjukdagar räknas med i rehabiliteringskedjan: 1 januari 2026–" in text
    assert "minst 90 dagar till nästa period: 1 januari 2025–31 januari 2025" in text
    assert "inte granskat: fråga Försäkringskassan" not in text
    assert '<details class="accordion" open>' in main_of(response)


def test_new_period_within_five_days_says_that_the_count_is_in_doubt(client, db):
    query = {**CASE, "fran1": "2026-09-01", "till1": "2026-09-25"}

    assert "Hur dag 1–30 då räknas är inte granskat" in client.get(ADDRESS, query).text
    query["till1"] = "2026-09-24"
    assert "Hur dag 1–30 då räknas är inte granskat" not in client.get(ADDRESS, query).text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"forsta_dag": ""}, "Skriv den första sjukdagen."),
        ({"forsta_dag": "31 feb 2026"}, "Dagen finns inte i kalendern."),
        ({"forsta_dag": "1900-01-01"}, "mellan 2000-01-01 och 2031-11-23"),
        ({"forsta_dag": "9999-12-31"}, "mellan 2000-01-01 och 2031-11-23"),
        ({"forsta_dag": "\x00"}, "Skriv dagen som"),
        ({"sysselsattning": ""}, "Välj vad patienten är"),
        ({"sysselsattning": "astronaut"}, "Välj i listan vad patienten är."),
        ({"fran1": "2026-01-01"}, "Skriv både första och sista dagen"),
        ({"till2": "2026-01-01"}, "Skriv både första och sista dagen"),
        ({"fran1": "2026-02-01", "till1": "2026-01-01"}, "kan inte ligga före den första"),
        ({"fran1": "2026-09-01", "till1": "2026-10-01"}, "ska sluta före den första sjukdagen"),
        (
            {"fran1": "2026-01-01", "till1": "2026-02-01", "fran2": "1 feb 2026",
             "till2": "20260301"},
            "går in i varandra",
        ),
    ],
)  # fmt: skip
def test_fault_is_told_first_and_no_date_is_shown(client, db, changes, message):
    response = client.get(ADDRESS, {**CASE, **changes})

    assert response.status_code == 200
    assert headings(response) == ["Rätta det här för att få ett svar"]
    assert message in words(main_of(response).partition("</ul>")[0] + main_of(response))
    assert found(r"<title>(.*?)</title>", response.text)[0].startswith("Fel – ")
    assert 'class="milestone' not in response.text
    assert client.get(f"{ADDRESS[:-1]}.ics", {**CASE, **changes}).status_code == 400


def test_first_day_to_come_is_answered(client, db):
    response = client.get(ADDRESS, {**CASE, "forsta_dag": "2028-02-01"})

    assert "Första sjukdagen ligger framåt i tiden." in response.text
    assert 'datetime="2028-02-15"' in response.text


@pytest.mark.parametrize("name", ["forsta_dag", "till3", "sysselsattning", "namn"])
def test_identity_number_leaves_the_address_and_is_never_shown(client, db, name):
    number = "19121212-1212"
    response = client.get(ADDRESS, {**CASE, name: number})
    shown = client.get(response.headers["Location"].partition("#")[0])

    assert response.status_code == 302
    assert response.headers["Location"] == f"{ADDRESS}?fel=personnummer#svar"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert headings(shown) == ["Det såg ut som ett personnummer"]
    assert "1212" not in shown.text
    file = client.get(f"{ADDRESS[:-1]}.ics", {**CASE, name: number})
    assert (file.status_code, "1212" in file.text) == (400, False)


def test_timeline_costs_no_more_queries_than_a_list_page(client, db):
    client.get(ADDRESS, CASE)

    assert len(queries_of(client, ADDRESS)) <= 7
    assert len(queries_of(client, f"{ADDRESS}?forsta_dag=20261001&sysselsattning=anstalld")) <= 8


# -- the calendar file -------------------------------------------------------------------


def events(response):
    return Calendar.from_ical(response.content).walk("VEVENT")


def calendar(client, **changes):
    return client.get(f"{ADDRESS[:-1]}.ics", {**CASE, **changes})


def test_calendar_holds_the_pages_days_as_whole_days(client, db):
    response = calendar(client)
    by_day = {event["summary"].split(":")[0]: event for event in events(response)}

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="tidslinje.ics"'
    assert [*by_day] == [f"Dag {day}" for day, _, _ in EMPLOYED]
    assert by_day["Dag 90"].decoded("dtstart") == date(2026, 12, 29)
    assert by_day["Dag 90"]["summary"] == "Dag 90: Sista dagen mot det vanliga arbetet"
    assert b"DTSTART;VALUE=DATE:20261229\r\n" in response.content


def test_calendar_is_right_to_the_letter(client, db):
    content = calendar(client).content
    lines = content.split(b"\r\n")

    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines)
    for wanted in (b"VERSION:2.0", b"PRODID:-//Forsakringsmedicin//Tidslinje//SV"):
        assert wanted in lines
    assert len([line for line in lines if line.startswith(b"DTSTAMP:20261123T08")]) == 11


def test_calendar_ids_are_stable_and_say_nothing_of_the_case(client, db):
    first, again = ([event["uid"] for event in events(calendar(client))] for _ in range(2))
    moved = [event["uid"] for event in events(calendar(client, forsta_dag="2026-10-02"))]

    assert first == again
    assert len({*first}) == len(first)
    assert not {*first} & {*moved}
    assert all(re.fullmatch(r"[0-9a-f-]{36}", uid) for uid in first)
    assert b"forsta_dag" not in calendar(client).content


@pytest.mark.parametrize(
    "path",
    ["/intyg/tidslinje.ics", "/sjukskrivningsprocessen/deltid-och-alternativ.ics", "/a/b.ics"],
)
def test_only_a_timelines_own_address_has_a_calendar(client, db, path):
    assert client.get(path, CASE).status_code == 404
