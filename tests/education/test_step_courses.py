"""Courses beside the steps and pages that they belong to, with what can be booked."""

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW, TODAY
from tests.factories import make_course, make_occasion, make_page, make_step, make_version
from tests.pages import main_of, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def version():
    made = make_version(page=make_page(slug="provvagledning", kind="guideline"))
    make_step(version=made, title="Första steget", anchor="forsta", position=1)
    make_step(version=made, title="Andra steget", anchor="andra", position=2)
    return made


def panel_of(client, version):
    """The lines of the panel with courses."""
    main = main_of(client.get(version.page.get_absolute_url()))
    [panel] = re.findall(
        r'<section class="flow" aria-labelledby="sidans-kurser">.*?</section>', main, re.S
    )
    return panel, [words(line) for line in re.findall(r"<li>(.*?)</li>", panel, re.S)]


def step(version, anchor):
    return str(version.steps.get(anchor=anchor).uuid)


def test_page_leads_to_the_next_open_occasion_of_its_steps_courses(client, version):
    course = make_course(
        slug="kurs-a", title="Kurs A", position=1,
        process_steps=[step(version, "andra"), step(version, "forsta")],
    )  # fmt: skip
    make_course(title="Dold", process_steps=[step(version, "forsta")], is_published=False)
    make_course(title="Andras", process_steps=["6f1f6f0e-7c1b-5d55-9b0e-2f6b8f0c4a11"])
    make_course(slug="kurs-b", title="Kurs B", position=2).pages.add(version.page)
    make_occasion(course=course, uid="full", starts=NOW + 5 * DAY, seats_left=0)
    make_occasion(course=course, uid="öppnar", starts=NOW + 6 * DAY, registration_opens=TODAY + DAY)
    make_occasion(course=course, uid="oppen", starts=NOW + 9 * DAY)
    make_occasion(course=course, uid="senare", starts=NOW + 20 * DAY)
    panel, lines = panel_of(client, version)

    assert lines == [
        "Kurs A Nästa öppna: 2 december 2026 . Hör till Första steget , Andra steget .",
        "Kurs B På plats",
    ]
    assert re.findall(r'href="([^"]*)"', panel) == [
        "/kompetens/kurser/kurs-a/", "/kompetens/kurser/kurs-a/?tillfalle=oppen#oppen",
        "#forsta", "#andra",
        "/kompetens/kurser/kurs-b/",
    ]  # fmt: skip


def test_queries_of_the_page_do_not_grow(client, version, django_assert_num_queries):
    url = version.page.get_absolute_url()
    make_occasion(course=make_course(process_steps=[step(version, "forsta")]))
    client.get(url)
    with django_assert_num_queries(7):
        client.get(url)
    for number in range(3):
        made = make_step(version=version, title=f"Steg {number}", position=number + 3)
        make_occasion(course=make_course(process_steps=[str(made.uuid)]))
    with django_assert_num_queries(7):
        client.get(url)


def test_page_without_courses_has_no_panel(client, version):
    make_course(title="Andras", process_steps=["6f1f6f0e-7c1b-5d55-9b0e-2f6b8f0c4a11"])
    main = main_of(client.get(version.page.get_absolute_url()))

    assert "<h1>" in main
    assert "sidans-kurser" not in main
    assert "Andras" not in main
