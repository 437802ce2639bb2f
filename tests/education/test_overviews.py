"""What the catalogue comes to, on the pages of structure and of competence areas."""

import re
from datetime import timedelta

import pytest

from education.models import CompetenceArea, Course, Occasion, Organiser
from organisation.models import Profession
from tests.conftest import NOW, TODAY
from tests.factories import make_course, make_occasion
from tests.pages import found, main_of, queries_of, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AREAS = "/kompetens/kompetensomraden/"
STRUCTURE = "/kompetens/utbildningsstruktur/"


@pytest.fixture
def empty(db):
    Occasion.objects.all().delete()
    Course.objects.all().delete()
    CompetenceArea.objects.all().delete()


def profession(code):
    return Profession.objects.get(code=code)


def area(name, *needed_by):
    made = CompetenceArea.objects.create(code=name.lower(), name=name)
    made.needed_by.set(map(profession, needed_by))
    return made


def course(title, *, areas=(), audiences=(), **fields):
    made = make_course(title=title, **fields)
    made.areas.set(areas)
    made.audiences.set(map(profession, audiences))
    return made


def table_of(client, url, caption):
    """{row's heading: its cells as words}"""
    main = main_of(client.get(url))
    [table] = re.findall(rf'<caption id="{caption}">.*?</table>', main, re.S)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)
    return {
        found(r'<th scope="row">(.*?)</th>', row)[0]: found(r"<td [^>]*>(.*?)</td>", row)
        for row in rows
        if 'scope="row"' in row
    }


def test_matrix_shows_courses_and_what_is_missing(client, empty):
    talk, care = area("Samtal", "kurator", "psykolog"), area("Vård", "kurator")
    course("Samtalskurs", areas=[talk], audiences=["kurator", "alla"])
    course("Läkarkurs", areas=[care], audiences=["lakare"])
    course("Dold kurs", areas=[care], audiences=["kurator"], is_published=False)
    course("För ingen", areas=[care])
    main = words(main_of(client.get(AREAS)))
    rows = table_of(client, AREAS, "omraden-och-yrken")

    assert len(rows) == Profession.objects.exclude(code=Profession.EVERYONE).count()
    assert rows["Kurator"] == ["1 kurs i Samtal för Kurator Samtalskurs", "Ingen kurs"]
    assert rows["Psykolog"] == ["1 kurs i Samtal för Psykolog Samtalskurs", "Behövs inte"]
    assert rows["Läkare"] == [
        "1 kurs i Samtal för Läkare Samtalskurs", "1 kurs i Vård för Läkare Läkarkurs",
    ]  # fmt: skip
    assert "Här saknas en kurs Vård: Kurator Yrkesgrupper nedåt" in main
    assert "Utan angiven målgrupp, och därför inte i tabellen: För ingen ." in main
    assert "Dold kurs" not in main


def test_matrix_says_when_nothing_is_missing_or_nothing_is_told(client, empty):
    talk = area("Samtal")
    course("Samtalskurs", areas=[talk], audiences=["kurator"])
    untold = words(main_of(client.get(AREAS)))
    talk.needed_by.add(profession("kurator"))
    full = words(main_of(client.get(AREAS)))

    assert "inte angivet, så inga luckor kan visas" in untold
    assert "Varje yrkesgrupp har minst en kurs i de områden som den behöver." in full
    assert "Här saknas en kurs" not in full + untold


def test_structure_tells_who_arranges_what_how_often_and_when(client, empty):
    region = Organiser.objects.create(code="prov", name="Provregionen")
    other = Organiser.objects.create(code="annan", name="Annan anordnare")
    first = course(
        "Kurs A", slug="a", organiser=region, frequency="Två gånger om året",
        audiences=["kurator", "psykolog"], position=1,
    )  # fmt: skip
    course("Kurs B", organiser=region, audience_note="Nya kuratorer", position=2)
    course("Webbkurs", organiser=other, format="web", frequency="När som helst")
    course("Dold", organiser=other, is_published=False)
    make_occasion(course=first, starts=NOW - 400 * DAY)
    make_occasion(course=first, starts=NOW - 300 * DAY)
    make_occasion(course=first, starts=NOW - 30 * DAY)
    cancelled = {"cancelled_on": TODAY, "cancel_reason": "Sjuk"}
    make_occasion(course=first, starts=NOW - 20 * DAY, **cancelled)
    make_occasion(course=first, starts=NOW + 5 * DAY, **cancelled)
    make_occasion(course=first, uid="nasta", starts=NOW + 9 * DAY, seats_left=0)
    main = main_of(client.get(STRUCTURE))

    assert table_of(client, STRUCTURE, "ordnas") == {
        "Webbkurs Webbutbildning": ["Inte angivet", "När som helst", "När du vill"],
        "Kurs A På plats": [
            "Kurator, Psykolog", "Två gånger om året 2 tillfällen det senaste året",
            "2 december 2026 Fullbokad",
        ],
        "Kurs B På plats": ["Nya kuratorer", "Okänd", "Inget datum bestämt"],
    }  # fmt: skip
    assert found(r'<th scope="rowgroup" colspan="4">(.*?)</th>', main) == [
        "Annan anordnare", "Provregionen",
    ]  # fmt: skip
    assert 'href="/kompetens/kurser/a/?tillfalle=nasta#nasta"' in main


def test_structure_without_courses_says_so(client, empty):
    assert "Ingen utbildning finns i katalogen ännu." in words(main_of(client.get(STRUCTURE)))


@pytest.mark.parametrize("url", [AREAS, STRUCTURE])
def test_queries_do_not_grow(client, empty, url):
    def add(name):
        made = course(name, areas=[area(name, "kurator")], audiences=["kurator", "lakare"])
        make_occasion(course=made, starts=NOW + 9 * DAY)
        make_occasion(course=made, starts=NOW - 9 * DAY)

    add("Ett")
    few = len(queries_of(client, url))
    for name in ("Två", "Tre", "Fyra"):
        add(name)

    assert len(queries_of(client, url)) == few <= 16
