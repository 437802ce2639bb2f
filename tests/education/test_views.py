import re
from datetime import date, datetime, timedelta

import pytest

from education.models import CompetenceArea, Course, Occasion, Organiser, Session
from organisation.models import Profession
from tests.conftest import NOW
from tests.factories import make_course, make_occasion, make_role
from tests.pages import found, main_of, queries_of, words

CALENDAR = "/kompetens/kalender/"
COURSES = "/kompetens/kurser/"
DAY = timedelta(days=1)


@pytest.fixture
def empty(db):
    """A calendar without the demo region's occasions."""
    Session.objects.all().delete()
    Occasion.objects.all().delete()


def occasion(title, *, audience=None, area=None, organiser=None, **fields):
    course = make_course(title=title, **({"organiser": organiser} if organiser else {}))
    if audience:
        course.audiences.add(Profession.objects.get(code=audience))
    if area:
        course.areas.add(area)
    return make_occasion(course=course, **fields)


def shown(client, **query):
    """The titles in the calendar, in order."""
    response = client.get(CALENDAR, query)
    assert response.status_code == 200
    return found(r"<h3>(.*?)</h3>", events_of(response))


def events_of(response):
    """The markup of the calendar's events, one after the other."""
    pattern = r'<li class="event.*?(?=<li class="event|</ol>)'
    return "".join(re.findall(pattern, main_of(response), re.S))


def count_of(client, **query):
    [count] = found(r'"result-count">(.*?)</h2>', main_of(client.get(CALENDAR, query)))
    return count


def chips_of(client, query):
    """{label: the query string that the chip leads to}"""
    main = main_of(client.get(f"{CALENDAR}?{query}"))
    chips = re.findall(r'<a class="chip removable" href="\?([^"]*)">(.*?)</a>', main, re.S)
    return {
        words(label).removeprefix("Ta bort filter: "): rest.replace("&amp;", "&")
        for rest, label in chips
    }


def test_calendar_shows_what_is_coming_in_order(client, empty):
    occasion("Senare", starts=NOW + 20 * DAY)
    occasion("Snart", starts=NOW + DAY)
    occasion("Pågår", starts=NOW - DAY, hours=48)
    occasion("Förbi", starts=NOW - DAY)
    hidden = occasion("Dold", starts=NOW + DAY).course
    hidden.is_published = False
    hidden.save()

    assert shown(client) == ["Pågår", "Snart", "Senare"]
    assert count_of(client) == "3 tillfällen"


def test_past_occasions_stand_newest_first(client, empty):
    occasion("Länge sedan", starts=NOW - 90 * DAY)
    occasion("Nyss", starts=NOW - DAY)
    occasion("Kommer", starts=NOW + DAY)

    assert shown(client, period="tidigare") == ["Nyss", "Länge sedan"]
    assert count_of(client, period="tidigare") == "2 tillfällen"


def test_period_of_three_months(client, empty):
    occasion("Inom", starts=NOW + 90 * DAY - timedelta(minutes=1))
    occasion("Bortom", starts=NOW + 90 * DAY + timedelta(minutes=1))

    assert shown(client, period="90") == ["Inom"]


def test_profession_filter_keeps_what_is_for_all(client, empty):
    occasion("För läkare", audience="lakare", starts=NOW + DAY)
    occasion("För alla", audience="alla", starts=NOW + 2 * DAY)
    occasion("För kuratorer", audience="kurator")
    occasion("För ingen")

    assert shown(client, malgrupp="lakare") == ["För läkare", "För alla"]


def test_occasion_for_two_fitting_groups_is_shown_once(client, empty):
    row = occasion("För läkare och alla", audience="lakare")
    row.course.audiences.add(Profession.objects.get(code="alla"))

    assert shown(client, malgrupp="lakare") == ["För läkare och alla"]
    assert count_of(client, malgrupp="lakare") == "1 tillfälle"


def test_area_filter(client, empty):
    area = CompetenceArea.objects.create(code="provomrade", name="Provområde")
    occasion("Inom området", area=area)
    occasion("Utanför", area=CompetenceArea.objects.exclude(pk=area.pk).first())

    assert shown(client, omrade="provomrade") == ["Inom området"]


def test_format_filter(client, empty):
    occasion("Digital", format="digital")
    occasion("På plats")

    assert shown(client, form="digital") == ["Digital"]


def test_town_filter(client, empty):
    occasion("I Åkerö", town="Åkerö")
    occasion("I Provstad", town="Provstad")

    assert shown(client, ort="Åkerö") == ["I Åkerö"]


def test_organiser_filter(client, empty):
    organiser = Organiser.objects.create(code="provarna", name="Provarna")
    occasion("Deras", organiser=organiser)
    occasion("Andras")

    assert shown(client, arrangor="provarna") == ["Deras"]


def test_filter_for_open_registration(client, empty):
    occasion("Öppen", starts=NOW + 9 * DAY)
    occasion("Få platser", starts=NOW + 10 * DAY, seats_left=1)
    occasion("Full", seats_left=0)
    occasion("Stängd", registration_closes=date(2026, 11, 22))
    occasion("Öppnar", registration_opens=date(2026, 11, 24))
    occasion("Inställd", cancelled_on=date(2026, 11, 1), cancel_reason="Sjukdom")

    assert shown(client, oppna="on") == ["Öppen", "Få platser"]


def test_filters_work_together(client, empty):
    occasion("Båda", town="Åkerö", format="digital")
    occasion("Fel form", town="Åkerö")
    occasion("Fel ort", format="digital")

    assert shown(client, ort="Åkerö", form="digital") == ["Båda"]


def test_each_chip_removes_its_filter_and_keeps_the_rest(client, empty):
    organiser = Organiser.objects.create(code="provarna", name="Provarna")
    area = CompetenceArea.objects.create(code="provomrade", name="Provområde")
    occasion("Kurs", town="Skissvik", organiser=organiser, area=area)
    profession = Profession.objects.get(code="lakare")
    filters = {
        profession.name: "malgrupp=lakare",
        "Provområde": "omrade=provomrade",
        "På plats": "form=onsite",
        "Skissvik": "ort=Skissvik",
        "Provarna": "arrangor=provarna",
        "Närmaste tre månaderna": "period=90",
        "Bara öppna för anmälan": "oppna=on",
    }

    chips = chips_of(client, "&".join([*filters.values(), "page=1"]))

    assert chips == {
        label: "&".join(part for part in filters.values() if part != own)
        for label, own in filters.items()
    }


def test_calendar_without_filter_has_no_chips(client, empty):
    assert chips_of(client, "malgrupp=&ort=&page=1") == {}
    assert chips_of(client, "ort=&form=onsite") == {"På plats": "ort="}


def test_months_are_headed_and_counted(client, empty):
    occasion("A", starts=datetime(2026, 11, 30, 23, 30, tzinfo=NOW.tzinfo), hours=0.25)
    occasion("B", starts=datetime(2026, 12, 1, 0, 30, tzinfo=NOW.tzinfo))
    occasion("C", starts=datetime(2026, 12, 20, 9, tzinfo=NOW.tzinfo))

    main = main_of(client.get(CALENDAR))

    assert found(r'<h2 class="month-heading"[^>]*>(.*?)</h2>', main) == [
        "November 2026 1 tillfälle",
        "December 2026 2 tillfällen",
    ]


def test_empty_selection_says_which_filter_to_drop(client, empty):
    occasion("Kurs", format="onsite")
    main = main_of(client.get(CALENDAR, {"form": "digital", "oppna": "on"}))

    assert count_of(client, form="digital") == "0 tillfällen"
    assert found(r'<div class="note">.*?<h3>(.*?)</h3>', main) == ["Inget tillfälle passar urvalet"]
    assert '<a href="?oppna=on">visa utan digitalt</a>' in main


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("malgrupp", "Välj en målgrupp i listan."),
        ("omrade", "Välj ett kunskapsområde i listan."),
        ("form", "Välj en form i listan."),
        ("ort", "Välj en ort i listan."),
        ("arrangor", "Välj en anordnare i listan."),
        ("period", "Välj en period i listan."),
        ("page", "Fyll i ett heltal."),
    ],
)
def test_odd_choice_gets_a_swedish_message_and_all_that_is_coming(client, empty, field, message):
    occasion("Kommer")
    occasion("Förbi", starts=NOW - DAY)
    response = client.get(CALENDAR, {field: "finns-inte", "oppna": "on"})

    assert response.status_code == 200
    assert found(r'role="status">.*?<ul>(.*?)</ul>', main_of(response)) == [message]
    assert shown(client, **{field: "finns-inte"}) == ["Kommer"]


def test_calendar_is_paged_by_forty(client, empty):
    course = make_course(title="Kurs")
    for number in range(43):
        make_occasion(course=course, starts=NOW + number * DAY, title_suffix=str(number))

    assert len(shown(client)) == 40
    assert shown(client, page=2) == ["Kurs, 40", "Kurs, 41", "Kurs, 42"]
    assert count_of(client, page=2) == "43 tillfällen"


def test_calendar_costs_the_same_whatever_it_holds(client, empty):
    occasion("Kurs")
    queries_of(client, CALENDAR)
    one = len(queries_of(client, CALENDAR))
    counts = []
    for more in (2, 60):
        for number in range(more):
            occasion(f"Kurs {number}", audience="lakare")
        counts.append(len(queries_of(client, CALENDAR)))

    assert counts == [one, one]


@pytest.mark.parametrize(
    ("fields", "tag"),
    [
        ({}, "Öppen"),
        ({"seats_left": 41}, "41 platser kvar"),
        ({"seats_left": 3}, "3 platser kvar"),
        ({"seats_left": 1}, "1 plats kvar"),
        ({"seats_left": 0}, "Fullbokad"),
        ({"registration_closes": date(2026, 11, 22)}, "Anmälan stängd"),
        ({"registration_opens": date(2027, 1, 7)}, "Öppnar 7 jan"),
        ({"cancelled_on": date(2026, 11, 1), "cancel_reason": "Sjukdom"}, "Inställd"),
        ({"starts": NOW - DAY}, "Genomförd"),
    ],
)
def test_occasion_tells_its_state(client, empty, fields, tag):
    occasion("Kurs", **fields)
    period = "tidigare" if "starts" in fields else ""

    events = events_of(client.get(CALENDAR, {"period": period}))

    assert found(r'<p class="event-state">(.*?)</p>', events) == [tag]


def test_cancelled_occasion_stays_in_the_calendar_with_its_reason(client, empty):
    occasion("Kurs", cancelled_on=date(2026, 11, 1), cancel_reason="Läraren är sjuk")

    events = events_of(client.get(CALENDAR))

    assert found(r"<h3>(.*?)</h3>", events) == ["Inställt: Kurs"]
    assert "Läraren är sjuk" in words(events)


def test_times_are_swedish_wall_time_on_both_sides_of_the_clock_change(client, empty):
    """On 25 October 2026 at 3 the clocks go back to 2; nine o'clock is nine before and after."""
    for starts in ("2026-10-24T07:00:00+00:00", "2026-10-26T08:00:00+00:00"):
        occasion("Kurs", starts=datetime.fromisoformat(starts))
    occasion("Natt", starts=datetime.fromisoformat("2026-10-24T22:30:00+00:00"), hours=3)

    events = events_of(client.get(CALENDAR, {"period": "tidigare"}))

    assert found(r'<p class="event-date">(.*?)</p>', events) == [
        "mån 26 okt v. 44",
        "sön 25 okt v. 43",
        "lör 24 okt v. 43",
    ]
    assert re.findall(r"\d\d\.\d\d–\d\d\.\d\d", events) == [
        "09.00–11.00",
        "00.30–02.30",  # three hours by the clock's two: the hour from 2 comes twice
        "09.00–11.00",
    ]


def test_occasion_over_several_days_tells_first_and_last(client, empty):
    row = occasion("Kurs", starts=datetime(2026, 12, 1, 9, tzinfo=NOW.tzinfo))
    starts = datetime(2026, 12, 3, 9, tzinfo=NOW.tzinfo)
    Session.objects.create(occasion=row, starts=starts, ends=starts + timedelta(hours=2))

    assert "1 dec–3 dec, första dagen 09.00" in words(events_of(client.get(CALENDAR)))


# Courses


def cards(client, **query):
    main = main_of(client.get(COURSES, query))
    return found(r"<h3>(.*?)</h3>", "".join(re.findall(r"<article.*?</article>", main, re.S)))


@pytest.fixture
def no_courses(empty):
    Course.objects.all().delete()


def test_course_list_shows_published_courses(client, no_courses):
    make_course(title="Syns")
    make_course(title="Dold", is_published=False)

    assert cards(client) == ["Syns"]


def test_course_list_tells_the_next_occasion_that_is_held(client, no_courses):
    course = make_course(title="Kurs", audience_note="Alla")
    cancelled = {"cancelled_on": date(2026, 11, 1), "cancel_reason": "Sjukdom"}
    make_occasion(course=course, starts=NOW - DAY)
    make_occasion(course=course, starts=NOW + DAY, **cancelled)
    make_occasion(course=course, starts=NOW + 16 * DAY, seats_left=2)
    make_occasion(course=course, starts=NOW + 50 * DAY)
    make_course(title="Utan datum")
    make_course(title="På webben", format="web")

    main = main_of(client.get(COURSES))

    articles = found(r"<article[^>]*>(.*?)</article>", main)
    assert articles[0].endswith("Nästa: 9 december 2026 2 platser kvar")
    assert articles[1].endswith("Inget datum bestämt")
    assert articles[2].endswith("När du vill")


def test_course_list_tells_the_first_occasion_that_may_be_booked(client, no_courses):
    course = make_course(title="Kurs", audience_note="Alla")
    make_occasion(course=course, starts=NOW + DAY, seats_left=0)
    opens = (NOW + 10 * DAY).date()
    make_occasion(course=course, starts=NOW + 16 * DAY, registration_opens=opens)
    make_occasion(course=course, starts=NOW + 50 * DAY)
    make_occasion(course=make_course(title="Öppen"), starts=NOW + DAY)
    make_occasion(course=make_course(title="Fullsatt"), starts=NOW + DAY, seats_left=0)

    articles = found(r"<article[^>]*>(.*?)</article>", main_of(client.get(COURSES)))

    told = {each.split()[0]: each.partition("Nästa: ")[2] for each in articles}
    assert told == {
        "Kurs": "24 november 2026 Nästa öppna: 12 januari 2027 Fullbokad",
        "Öppen": "24 november 2026 Öppen",
        "Fullsatt": "24 november 2026 Fullbokad",
    }


def test_course_list_by_profession_keeps_what_is_for_all(client, no_courses):
    for title, codes in {
        "Läkarkurs": ["lakare"],
        "För alla": ["alla"],
        "Båda": ["lakare", "alla"],
        "Kuratorskurs": ["kurator"],
    }.items():
        make_course(title=title).audiences.set(Profession.objects.filter(code__in=codes))

    assert sorted(cards(client, malgrupp="lakare")) == ["Båda", "För alla", "Läkarkurs"]
    assert found(
        r'"result-count">(.*?)</h2>', main_of(client.get(COURSES, {"malgrupp": "lakare"}))
    ) == ["3 kurser"]


def test_course_list_with_nothing_to_show_says_so(client, no_courses):
    make_course().audiences.set(Profession.objects.filter(code="kurator"))

    main = main_of(client.get(COURSES, {"malgrupp": "lakare"}))

    assert found(r'<div class="note">.*?<h3>(.*?)</h3>', main) == ["Ingen kurs för målgruppen"]


def test_course_list_with_odd_profession_says_so_and_shows_all(client, no_courses):
    make_course(title="Syns")
    response = client.get(COURSES, {"malgrupp": "finns-inte"})

    assert response.status_code == 200
    assert found(r'role="status">.*?<ul>(.*?)</ul>', main_of(response)) == [
        "Välj en målgrupp i listan."
    ]
    assert cards(client, malgrupp="finns-inte") == ["Syns"]


def test_course_list_costs_the_same_whatever_it_holds(client, no_courses):
    occasion("Kurs", audience="lakare")
    queries_of(client, COURSES)
    one = len(queries_of(client, COURSES))
    for number in range(3):
        make_occasion(course=occasion(f"Kurs {number}", audience="lakare").course)

    assert len(queries_of(client, COURSES)) == one


def test_course_page_shows_coming_and_past_occasions_of_its_own(client, empty):
    role = make_role(title="Kursledare")
    course = make_course(slug="provkurs", title="Provkurs", aim="Prova.", contact_role=role)
    course.audiences.set(Profession.objects.filter(code="lakare"))
    for suffix, days in (("gammal", -30), ("nyss", -3), ("snart", 3), ("sedan", 30)):
        make_occasion(course=course, title_suffix=suffix, starts=NOW + days * DAY)
    occasion("Annan kurs")

    response = client.get("/kompetens/kurser/provkurs/")

    assert response.status_code == 200
    main = main_of(response)
    assert found(r"<h1>(.*?)</h1>", main) == ["Provkurs"]
    assert found(r"<h3>(.*?)</h3>", main) == [
        "Provkurs, snart , torsdag 26 november 2026",
        "Provkurs, sedan , onsdag 23 december 2026",
        "Provkurs, nyss , fredag 20 november 2026",
        "Provkurs, gammal , lördag 24 oktober 2026",
    ]
    assert found(r'"event-date">(.*?)</p>', main)[0] == "tors 26 nov 2026 v. 48"
    # Who tabs through the page is not stopped at each of them.
    assert f'href="{course.get_absolute_url()}' not in main
    assert "Tidigare tillfällen (2)" in words(main)
    assert f'<a href="{role.get_absolute_url()}">Kursledare</a>' in main
    assert "Annan kurs" not in main


def titles(markup):
    return found(r"<h3><span>(.*?)</span>", markup)


@pytest.fixture
def long_course(empty):
    """23 occasions to come, a day apart, and 45 past ones."""
    course = make_course(slug="provkurs", title="Kurs")
    for number in range(1, 24):
        make_occasion(course=course, title_suffix=f"om {number}", starts=NOW + number * DAY)
    for number in range(1, 46):
        make_occasion(course=course, title_suffix=f"för {number}", starts=NOW - number * DAY)
    return course


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", [f"Kurs, om {number}" for number in range(1, 21)]),
        ("?page=2", [f"Kurs, om {number}" for number in (21, 22, 23)]),
        ("?period=tidigare", [f"Kurs, för {number}" for number in range(1, 21)]),
        ("?period=tidigare&page=3", [f"Kurs, för {number}" for number in range(41, 46)]),
        ("?period=tidigare&page=99", [f"Kurs, för {number}" for number in range(41, 46)]),
        # An odd address lists what is to come.
        ("?period=f%C3%B6rr", [f"Kurs, om {number}" for number in range(1, 21)]),
        ("?page=%00", [f"Kurs, om {number}" for number in range(1, 21)]),
        ("?page=-1", [f"Kurs, om {number}" for number in range(1, 21)]),
    ],
)
def test_course_page_lists_some_occasions_at_a_time(client, long_course, query, listed):
    response = client.get(f"{long_course.get_absolute_url()}{query}")

    assert response.status_code == 200
    assert titles(main_of(response).partition("<details")[0]) == listed


@pytest.mark.parametrize("suffix", ["om 1", "om 21", "för 3", "för 41"])
def test_occasions_address_leads_to_the_page_that_lists_it(client, long_course, suffix):
    occasion = Occasion.objects.get(course=long_course, title_suffix=suffix)

    address = occasion.get_absolute_url()
    response = client.get(address)

    listed, anchor = main_of(response).partition("<details")[0], address.partition("#")[2]
    assert f'id="{anchor}"' in listed
    assert f"Kurs, {suffix}" in titles(listed)
    assert f'rel="canonical" href="http://testserver{long_course.get_absolute_url()}"' in (
        response.text
    )


def test_pages_are_turned_from_where_an_occasion_stands(client, long_course):
    uid = Occasion.objects.get(course=long_course, title_suffix="för 41").uid
    url = long_course.get_absolute_url()

    listed = titles(main_of(client.get(f"{url}?tillfalle={uid}&page=2")))
    assert listed == [f"Kurs, för {number}" for number in range(21, 41)]

    unknown = main_of(client.get(f"{url}?tillfalle=okant")).partition("<details")[0]
    assert titles(unknown)[0] == "Kurs, om 1"


def test_course_page_keeps_the_latest_past_occasions_at_hand(client, long_course):
    url = long_course.get_absolute_url()
    main = main_of(client.get(url))

    past = main.partition("<summary>Tidigare tillfällen (45)</summary>")[2]
    assert titles(past) == [f"Kurs, för {number}" for number in range(1, 21)]
    assert '<a href="?period=tidigare&amp;page=2">Äldre tillfällen</a>' in past

    older = main_of(client.get(f"{url}?period=tidigare&page=2"))
    assert found(r'<h2 id="datum">(.*?)</h2>', older) == ["Tidigare tillfällen (45)"]
    assert f'<a href="{url}">Kommande tillfällen</a>' in older
    assert "<summary>Tidigare" not in older
    assert "om 1<" not in older


def test_course_page_costs_the_same_whatever_it_lists(client, empty):
    course = make_course()
    make_occasion(course=course)
    url = course.get_absolute_url()
    queries_of(client, url)
    one = len(queries_of(client, url))
    for days in (-3, -2, -1, 1, 2, 3):
        make_occasion(course=course, starts=NOW + days * DAY)

    assert len(queries_of(client, url)) == one


def test_learning_goals_are_a_list(client, db):
    course = make_course(learning_goals="Bedöma <arbete>.\n\nPlanera.")

    main = main_of(client.get(course.get_absolute_url()))

    assert "<ul><li>Bedöma &lt;arbete&gt;.</li><li>Planera.</li></ul>" in main
    assert "Lärandemål" not in main_of(client.get(make_course().get_absolute_url()))


def test_course_page_without_dates_says_so(client, db):
    main = main_of(client.get(make_course().get_absolute_url()))
    web = main_of(client.get(make_course(format="web").get_absolute_url()))

    assert "Inget datum är bestämt." in main
    assert "Kursen är en webbutbildning som du går när du vill." in web


def test_course_page_leads_to_training_at_a_unit_of_its_own(client, db):
    link = '<a href="/kompetens/bestall-utbildning/">Beställ utbildning till er enhet</a>'

    assert link in main_of(client.get(make_course().get_absolute_url()))
    assert link not in main_of(client.get(make_course(format="web").get_absolute_url()))


def test_course_page_costs_the_same_whatever_it_holds(client, db):
    course = occasion("Kurs", audience="lakare").course
    url = course.get_absolute_url()
    queries_of(client, url)
    one = len(queries_of(client, url))
    for _ in range(3):
        make_occasion(course=course)

    assert len(queries_of(client, url)) == one


@pytest.mark.parametrize("slug", ["finns-inte", "dold"])
def test_unknown_or_unpublished_course_is_not_found(client, db, slug):
    make_course(slug="dold", is_published=False)

    assert client.get(f"{COURSES}{slug}/").status_code == 404


def test_unpublished_course_stands_on_no_others_page(client, db):
    """Neither on its role's page, its page's, nor under its area."""
    from guidance.models import Page

    role, area = make_role(), CompetenceArea.objects.first()
    page = Page.objects.get(slug="samtycke")
    for title, is_published in (("Öppen provkurs", True), ("Dold provkurs", False)):
        course = make_course(title=title, is_published=is_published)
        course.roles.add(role)
        course.pages.add(page)
        course.areas.add(area)

    for url in (
        role.get_absolute_url(),
        page.get_absolute_url(),
        "/kompetens/kompetensomraden/",
    ):
        main = main_of(client.get(url))
        assert ("Öppen provkurs" in main, "Dold provkurs" in main) == (True, False)
