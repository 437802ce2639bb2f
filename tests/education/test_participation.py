"""Totals of participants: in by hand or file, out as counts that tell of nobody."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from education.models import Participation
from education.participation import _safe, shown
from organisation.models import Profession
from tests.factories import make_course, make_unit
from tests.pages import found, main_of, queries_of, words

pytestmark = pytest.mark.django_db
PAGE = "/kompetens/utbildningsstruktur/"
UPLOAD = "/admin/education/participation/las-in/"
HEADER = "År;Utbildning;Yrkesgrupp;HSA-id;Antal\n"


@pytest.fixture
def professions():
    return [*Profession.objects.exclude(code=Profession.EVERYONE)[:2]]


def add(course, profession, count, year=2025, unit=None):
    return Participation.objects.create(
        year=year, course=course, profession=profession, unit=unit, count=count
    )


@pytest.fixture
def signed_in(client):
    user = get_user_model().objects.create_user("k@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="kursansvarig"))
    client.force_login(user)
    return client


def upload(client, text):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(UPLOAD, {"file": SimpleUploadedFile("antal.csv", content)})


@pytest.mark.parametrize(("count", "seen"), [(0, 0), (1, None), (4, None), (5, 5), (900, 900)])
def test_small_count_is_hidden(count, seen):
    assert shown(count) == seen


def test_structure_shows_sums_of_three_years_and_no_small_one(client, professions):
    first, second = professions
    course, small = make_course(title="Intygskurs"), make_course(title="Liten kurs")
    hidden = make_course(title="Dold kurs", is_published=False)
    for year in (2021, 2023, 2024, 2025):
        add(course, first, 10, year)
    add(course, second, 2, unit=make_unit())
    add(small, first, 3)
    add(small, second, 1)
    add(hidden, first, 50)
    table = main_of(client.get(PAGE)).partition('id="deltagare"')[2].partition("</table>")[0]

    assert found(r"<tr>(.*?)</tr>", table) == [
        "Utbildning 2023 2024 2025",
        "Intygskurs 10 10 12",
        "Liten kurs Okänt Okänt Färre än 5",
    ]


def test_structure_without_numbers_has_no_table(client):
    assert 'id="deltagare"' not in main_of(client.get(PAGE))


def test_page_costs_the_same_for_one_course_and_for_ten(client, professions):
    client.get(PAGE)
    add(make_course(), professions[0], 10)
    one = len(queries_of(client, PAGE))
    for _ in range(9):
        add(make_course(), professions[0], 10)

    assert len(queries_of(client, PAGE)) == one


def test_count_stands_once(professions):
    course, unit = make_course(), make_unit()
    add(course, professions[0], 1)
    add(course, professions[0], 1, unit=unit)
    for where in (None, unit):
        with pytest.raises(IntegrityError), transaction.atomic():
            add(course, professions[0], 2, unit=where)


@pytest.mark.parametrize("fields", [{"year": 1999}, {"year": 2062}, {"count": 100_001}])
def test_impossible_numbers_are_refused(professions, fields):
    values = {"year": 2025, "count": 1} | fields
    with pytest.raises(ValidationError):
        Participation(course=make_course(), profession=professions[0], **values).full_clean()


def test_file_is_read_and_replaces_what_is_known(signed_in, professions):
    first, second = professions
    course, unit = make_course(slug="intyg"), make_unit()
    add(course, first, 9)
    text = (
        f"{HEADER}2025;intyg;{first.code};;12\n2025;intyg;{second.code};{unit.hsa_id.lower()};0\n"
    )
    for _ in range(2):  # read twice
        assert upload(signed_in, text).status_code == 302

    assert {*Participation.objects.values_list("profession", "unit", "count")} == {
        (first.pk, None, 12),
        (second.pk, unit.pk, 0),
    }


def test_courses_and_professions_are_known_by_name_unless_two_share_it(signed_in, professions):
    course = make_course(slug="intyg", title="Skriva Ämnesintyg")
    upload(signed_in, f"{HEADER}2025;skriva ämnesintyg;{professions[0].name};;12\n")

    row = Participation.objects.get()
    assert (row.course, row.profession, row.count) == (course, professions[0], 12)

    make_course(slug="intyg-2", title="Skriva ämnesintyg")
    answer = upload(signed_in, f"{HEADER}2024;Skriva ämnesintyg;{professions[0].name};;3\n")
    assert "Ingen utbildning har den titeln eller det adressnamnet." in words(answer.text)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("1999;intyg;{0};;5", "Rad 3, kolumn År: Ska vara minst 2000."),
        ("2062;intyg;{0};;5", "Rad 3, kolumn År: Kan vara högst 2036."),
        (
            "2025;okänd;{0};;5",
            "Rad 3, kolumn Utbildning: Ingen utbildning har den titeln eller det adressnamnet.",
        ),
        (
            "2025;intyg;okänd;;5",
            "Rad 3, kolumn Yrkesgrupp: Ingen yrkesgrupp har det namnet eller den koden.",
        ),
        ("2025;intyg;{0};SE1;5", "Rad 3, kolumn HSA-id: Ingen enhet i portalen har detta HSA-id."),
        ("2025;intyg;{0};;-1", "Rad 3, kolumn Antal: Kan inte vara mindre än noll."),
        ("2025;intyg;{0};;1,5", "Rad 3, kolumn Antal: Ska vara ett helt tal, utan decimaler."),
        ("2025;intyg;{0};;", "Rad 3, kolumn Antal:"),
        ("2024;intyg;{0};;5", "Samma år, utbildning, yrkesgrupp och enhet står på en rad ovanför."),
        ("2025;in\x00tyg;{0};;5", "nolltecken"),
    ],
)
def test_fault_in_one_row_stores_none(signed_in, professions, row, told):
    code = professions[0].code
    make_course(slug="intyg")
    answer = upload(signed_in, f"{HEADER}2024;intyg;{code};;5\n{row.format(code)}\n")

    assert answer.status_code == 200
    assert told in words(answer.content.decode())
    assert not Participation.objects.exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"a;b\n1;2\n", HEADER.encode(), b"\xff\xfe"])
def test_file_of_another_kind_is_refused(signed_in, content):
    answer = upload(signed_in, content)

    assert answer.status_code == 200
    assert "Inget är sparat." in words(answer.content.decode())


def test_who_may_not_write_reads_no_file(client):
    user = get_user_model().objects.create_user("r@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="redaktör"))
    client.force_login(user)

    assert client.get(UPLOAD).status_code == 403


@pytest.mark.parametrize(
    ("totals", "seen"),
    [
        ({1: 10}, {1: 10}),
        ({1: 4}, {}),
        # With one hidden alone, the sum of all would tell it: the next goes too.
        ({1: 3, 2: 10, 3: 20}, {3: 20}),
        ({1: 3, 2: 2, 3: 20}, {3: 20}),
        ({1: 1, 2: 1, 3: 9, 4: 20}, {4: 20}),
        ({1: 0, None: 10}, {1: 0, None: 10}),
        ({1: 0, 2: 3, 3: 10}, {1: 0}),
    ],
)
def test_no_hidden_unit_can_be_reckoned_from_those_shown(totals, seen):
    assert _safe(totals) == seen


def test_unit_page_shows_its_participants_by_year(client, professions):
    unit, other = make_unit(name="Provenheten"), make_unit()
    course, hidden = make_course(), make_course(is_published=False)
    for year, count in ((2021, 50), (2023, 8), (2024, 3), (2025, 12)):
        add(course, professions[0], count, year, unit=unit)
        add(course, professions[0], 20, year, unit=other)
    add(course, professions[1], 5, 2025, unit=unit)
    add(hidden, professions[1], 100, 2025, unit=unit)
    main = main_of(client.get(unit.get_absolute_url()))

    assert "Deltagare i utbildning" in main
    assert found(r"<div><dt>(202[0-9])</dt>", main) == ["2023", "2024", "2025"]
    assert found(r"<dt>202[0-9]</dt>(.*?)</div>", main) == [
        "8 deltagare från enheten", "– För få för att visas", "17 deltagare från enheten",
    ]  # fmt: skip
    quiet = make_unit()
    assert "Deltagare i utbildning" not in main_of(client.get(quiet.get_absolute_url()))
