from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organisation.models import Forum, Level, Role, Unit, UnitKind
from organisation.structure import MOST_NAMED, structure_today
from organisation.structure_drawing import COLUMNS, MOST_BOXES, Note, draw
from tests.conftest import TODAY
from tests.factories import make_appointment, make_person, make_role, make_unit, make_unit_kind
from tests.pages import found, main_of, words

PAGE, FILE = "/organisation/", "/organisation/struktur.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def region(db):
    return Unit.objects.get(kind__level=Level.REGION)


def administration(region, **fields):
    kind = UnitKind.objects.get(code="forvaltning")
    return make_unit(kind=kind, parent=region, **fields)


def place_of(unit):
    return next(each for each in structure_today().all_places() if each.unit == unit)


def texts_of(drawing):
    return [each.text for each in drawing.texts]


def test_every_unit_is_counted_once(region):
    public = Unit.objects.public().count()
    above = administration(region)
    parent = make_unit(parent=above)
    make_unit(parent=parent)  # under a care unit: counted where that one stands
    make_unit(caregiver=above)  # without a parent: under its caregiver
    make_unit(parent=above, valid_to=TODAY)
    make_unit(kind=make_unit_kind(name="Vilsen"))
    structure = structure_today()

    assert place_of(above).number == 3
    assert structure.loose == {"Vilsen": 1}
    assert structure.number == public + 4


def test_units_that_stand_under_each_other_are_loose_and_end(region):
    first = make_unit()
    second = make_unit(parent=first)
    Unit.objects.filter(pk=first.pk).update(parent=second)

    assert sum(structure_today().loose.values()) == 2


def test_regional_role_stands_at_the_region_of_its_unit(client, region):
    role = make_role(level="regional", title="Regional prövare")
    make_appointment(
        role=role, unit=Unit.objects.get(name="Regionkontoret"), person=make_person(name="Åsa Ett")
    )
    make_appointment(
        role=role,
        unit=Unit.objects.get(hsa_id="SE0000000000-E9001"),
        person=make_person(name="Bo Två"),
    )
    [there] = [each for each in place_of(region).roles if each.role == role]

    assert [row.person.name for row in there.appointments] == ["Bo Två", "Åsa Ett"]
    assert "Regional prövare : Bo Två, Åsa Ett" in words(main_of(client.get(PAGE)))


def test_place_with_many_units_tells_how_many(client, region):
    above = administration(region, name="Storförvaltningen")
    kind = make_unit_kind(name="Provmottagning")
    for number in range(MOST_NAMED + 1):
        make_unit(parent=above, kind=kind, name=f"Enhet nummer {number}")
    text = words(main_of(client.get(PAGE)))

    assert f"{MOST_NAMED + 1} enheter: Provmottagning ({MOST_NAMED + 1})" in text
    assert "Enhet nummer" not in text


def test_drawing_says_what_the_list_says(region):
    administration(region, name="Särskilda förvaltningen")
    for width in COLUMNS:
        drawing = draw(structure_today(), width)
        text = " ".join(texts_of(drawing))

        assert "Särskilda förvaltningen" in text
        assert f"{Unit.objects.public().count()} enheter" in text
        assert all(box.x >= 0 and box.x + box.width <= width for box in drawing.boxes)
        assert all(box.y + box.height <= drawing.height for box in drawing.boxes)
        # No two boxes of a level lie over one another.
        boxes = [box for box in drawing.boxes if box.kind == "box"]
        assert not [
            (one, other)
            for one in boxes
            for other in boxes
            if one is not other
            and one.x < other.x + other.width
            and other.x < one.x + one.width
            and one.y < other.y + other.height
            and other.y < one.y + one.height
        ]


def test_level_with_very_many_is_drawn_as_some_and_the_rest(region):
    kind = UnitKind.objects.get(code="privat-vardgivare")
    there = Unit.objects.filter(kind=kind).count()
    for number in range(MOST_BOXES + 3 - there):
        make_unit(kind=kind, parent=region, name=f"Öbolaget {number:02}")

    texts = texts_of(draw(structure_today()))
    assert "4 till" in texts
    assert f"Öbolaget {MOST_BOXES + 2 - there:02}" not in texts


def test_long_words_and_odd_signs_stay_in_the_box():
    note = Note([("title", "Å" * 200 + "\x01\x0b"), ("text", "<script>&")])
    lines = note.broken(200)

    assert max(len(text) for _, text in lines) <= 19
    assert "".join(text for kind, text in lines if kind == "title") == "Å" * 200
    assert lines[-1] == ("text", "<script>&")


def test_file_is_a_drawing_with_its_colours_inside(client, region):
    Unit.objects.filter(pk=region.pk).update(name="Region <Å&Ö>")
    response = client.get(FILE)
    root = ElementTree.fromstring(response.content)  # noqa: S314

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text.endswith("nivåer och enheter 23 november 2026")
    assert "Region <Å&Ö>" in [each.text for each in root.iter(f"{SVG}text")]
    assert {each.tag for each in root} == {
        f"{SVG}{name}" for name in ("title", "desc", "line", "rect", "text")
    }
    assert not [each for each in root.iter() if "style" in each.attrib or "href" in each.attrib]
    assert all(each.get("fill", "").startswith("#") for each in root.iter(f"{SVG}text"))


def test_page_has_no_style_of_its_own_and_hides_the_drawing_from_readers_aloud(client, region):
    main = main_of(client.get(PAGE))

    assert " style=" not in main
    assert len(found(r'<svg class="structure-drawing"([^>]*aria-hidden="true"[^>]*)>', main)) == 2


def test_queries_do_not_follow_the_units(client, region, django_assert_num_queries):
    client.get(PAGE)
    with CaptureQueriesContext(connection) as before:
        client.get(PAGE)
    above = administration(region)
    role = make_role(level="regional")
    for _ in range(60):
        make_appointment(role=role, unit=make_unit(parent=above))

    assert len(before) <= 18
    with django_assert_num_queries(len(before)):
        client.get(PAGE)


# -- forums ----------------------------------------------------------------------------------


def test_forum_stands_on_its_roles_pages_and_nowhere_else(client, db):
    role, other = make_role(title="Med"), make_role(title="Utan")
    forum = Forum.objects.create(
        code="provforum", name="Provforum", level="regional", purpose="Prövar.",
        members=["Tredje part"], members_as_of="oktober 2026",
    )  # fmt: skip
    forum.member_roles.add(role)

    mine = words(main_of(client.get(role.get_absolute_url())))
    assert (
        "Forum där rollen deltar Provforum Regional nivå, deltagare enligt uppgift från oktober "
        "2026 Prövar."
    ) in mine
    assert "Provforum" not in words(main_of(client.get(other.get_absolute_url())))


def test_page_shows_forums_with_members_level_by_level(client, db):
    text = words(main_of(client.get(PAGE)))
    forums = text.partition("Forum på varje nivå")[2]

    assert forums.index("Nationell nivå") < forums.index("NFF") < forums.index("Regional nivå")
    assert forums.index("Regional nivå") < forums.index("Nätverk för rehabkoordinatorer")
    assert Role.objects.get(code="strateg").title in forums
    assert "Försäkringskassan" in forums
