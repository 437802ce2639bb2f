from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.models import Certificate, Page
from guidance.models.steps import check_days
from guidance.page_contents import snapshot, write
from guidance.process import spans
from guidance.rendering import render_version
from organisation.models import Role, RoleLevel
from portal.publishing.models import VersionState
from tests.factories import (
    make_appointment,
    make_course,
    make_occasion,
    make_page,
    make_role,
    make_step,
    make_version,
)
from tests.pages import found, main_of, queries_of, words

PROCESS = "/sjukskrivningsprocessen/vem-gor-vad/"
COORDINATION = "/rehabkoordinering/vem-gor-vad-i-koordineringen/"
VIEW = "/provprocess/provvy/"
DOCTOR = "behandlande-lakare"


@pytest.fixture
def process(db):
    """A section with a guideline of two steps, and its view."""
    section = make_page(slug="provprocess", nav_title="Provprocess")
    version = make_version(page=section, title="Provriktlinjen")
    view = make_page(slug="provvy", parent=section, register="process")
    make_version(page=view)
    first = make_step(version=version, anchor="ett", title="Provsteg ett", position=1, days=[8])
    second = make_step(version=version, anchor="tva", title="Provsteg två", position=2, days=[15])
    first.responsible.set([make_role(code="gor-ett", title="Görettan")])
    second.responsible.set([make_role(code="gor-tva", title="Görtvåan")])
    first.informed.set([Role.objects.get(code="gor-tva")])
    return version


def shown(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return main_of(response)


def matrix(markup):
    """[[row heading, "Gör", "", "Informeras", …]] of the table of steps and roles."""
    table = markup.partition('class="process-part process-matrix"')[2].partition("</table>")[0]
    rows = found(r"<tr>(.*?)</tr>", table)
    cells = [found(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]]
    assert len(rows) == len(cells)
    return cells


def cards(markup):
    return found(r"<h4><a href=\"[^\"]*\">(.*?)</a>", markup)


def test_matrix_says_who_does_and_who_is_informed(client, process):
    assert matrix(shown(client, VIEW)) == [
        ["Steg", "Görettan", "Görtvåan"],
        ["1. Provsteg ett Dag 8", "Gör", "Informeras"],
        ["2. Provsteg två Dag 15", "", "Gör"],
    ]


def test_matrix_of_the_demo_has_every_step_and_role(client, db):
    rows = matrix(shown(client, PROCESS))

    assert rows[0] == [
        "Steg", "Verksamhetschef", "Behandlande läkare", "Rehabiliteringskoordinator",
        "Övriga professioner", "Patient",
    ]  # fmt: skip
    assert len(rows) == 12
    assert rows[7] == ["7. Koordinera", "", "Informeras", "Gör", "", "Informeras"]


def test_duties_say_each_roles_steps_in_numbers(client, db):
    table = shown(client, PROCESS).partition("Ansvar roll för roll")[2].partition("</table>")[0]

    assert found(r'<td data-label="Gör steg">(.*?)</td>', table) == [
        "11", "2–6 och 8–10", "5, 7 och 9", "1", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([3], "3"),
        ([1, 2], "1 och 2"),
        ([1, 2, 3], "1–3"),
        ([1, 3, 4, 5, 8], "1, 3–5 och 8"),
    ],
)
def test_rising_numbers_are_written_as_spans(numbers, text):
    assert spans(numbers) == text


def test_role_sees_only_its_own_steps_in_order_and_what_it_is_told(client, process):
    markup = shown(client, f"{VIEW}?roll=gor-tva")

    assert "Görtvåan: det här gör du" in words(markup)
    assert cards(markup) == ["Provsteg två"]
    assert 'value="2"' in markup
    assert found(r'<ul class="plain-list">(.*?)</ul>', markup) == [
        "Provsteg ett Görettan gör steget"
    ]
    assert 'class="process-part process-matrix"' not in markup


def test_steps_of_the_demo_by_role(client, db):
    assert cards(shown(client, f"{PROCESS}?roll=rehabkoordinator")) == [
        "Gör en plan", "Koordinera", "Följ upp",
    ]  # fmt: skip


def test_day_leaves_the_steps_of_that_day(client, process):
    markup = shown(client, f"{VIEW}?dag=15")

    assert cards(markup) == ["Provsteg två"]
    assert [row[0] for row in matrix(markup)] == ["Steg", "2. Provsteg två Dag 15"]


def test_role_and_day_are_chosen_together(client, db):
    assert cards(shown(client, f"{PROCESS}?roll={DOCTOR}&dag=8")) == ["Utfärda intyg"]
    assert "Inget steg är rollens eget den dagen" in shown(client, f"{PROCESS}?roll=patient&dag=8")


@pytest.mark.parametrize(
    "query",
    [
        "roll=fma",
        "roll=x%00",
        "roll=%3Cscript%3E",
        "dag=7",
        "dag=8.0",
        "dag=٨",
        "dag=" + "9" * 5000,
    ],
)
def test_choice_that_does_not_exist_is_told_and_all_steps_are_shown(client, process, query):
    markup = shown(client, f"{VIEW}?{query}")

    assert len(found(r'<p class="field-error">(.*?)</p>', markup)) == 1
    assert cards(markup) == ["Provsteg ett", "Provsteg två"]
    assert "<script" not in markup


def test_choices_keep_each_other(client, db):
    markup = shown(client, f"{PROCESS}?roll={DOCTOR}&dag=8")

    assert f'href="?dag=15&amp;roll={DOCTOR}#jag-ar"' in markup
    assert 'href="?roll=rehabkoordinator&amp;dag=8#jag-ar"' in markup
    assert found(r'aria-current="true">(.*?)</a>', markup) == ["Behandlande läkare", "Dag 8"]


def test_days_stand_in_order_with_what_happens_besides_the_steps(client, db):
    markup = shown(client, PROCESS).partition('class="process-days"')[2].partition("</ol>")[0]

    assert found(r"<h4>(Dag \d+)</h4>", markup) == [
        f"Dag {day}" for day in (1, 8, 15, 30, 90, 91, 180, 181, 365, 366, 550)
    ]
    assert "Plan för återgång i arbete, senast den här dagen" in markup
    assert found(r'class="process-step" href="[^"]*">(.*?)</a>', markup) == [
        "Utfärda intyg", "Utfärda intyg", "Följ upp", "Följ upp", "Följ upp", "Följ upp",
    ]  # fmt: skip


def test_role_sees_only_its_own_days(client, db):
    markup = shown(client, f"{PROCESS}?roll=rehabkoordinator")

    assert found(r"<h4>(Dag \d+)</h4>", markup) == ["Dag 90", "Dag 180", "Dag 365", "Dag 550"]


def test_process_of_two_guidelines_has_both_in_order(client, db):
    markup = shown(client, COORDINATION)

    assert found(r'<th scope="rowgroup"[^>]*>(.*?)</th>', markup) == [
        "Rehabkoordinering – riktlinje", "Koordinering steg för steg",
    ]  # fmt: skip
    assert len(cards(markup)) == 12
    assert "Medicinsk bedömning" not in markup


def test_only_steps_of_live_versions_are_shown(client, process):
    hidden = [
        make_version(page=process.page, state=VersionState.DRAFT),
        make_version(page=process.page, publish_at=timezone.now() + timedelta(hours=1)),
        make_version(page=make_page(parent=process.page), state=VersionState.WITHDRAWN),
        make_version(
            page=make_page(parent=process.page), expire_at=timezone.now() - timedelta(hours=1)
        ),
        make_version(page=make_page(parent=make_page())),
    ]
    for version in hidden:
        step = make_step(version=version, title="Osynligt steg", days=[30])
        step.responsible.set([make_role(title="Osynlig roll")])

    markup = shown(client, VIEW)

    assert cards(markup) == ["Provsteg ett", "Provsteg två"]
    assert "Osynlig" not in markup
    assert "Dag 30" not in markup


def test_step_leads_to_all_that_it_names(client, db):
    markup = shown(client, f"{PROCESS}?roll={DOCTOR}&dag=8")

    for href, label in {
        "/sjukskrivningsprocessen/#utfarda-intyg": "Utfärda intyg",
        "/intyg/lakarintyg-for-sjukpenning/": "FK 7804",
        "/intyg/ovriga-intyg/": "AF 00251",
        "/lagar-och-regler/#sjuklonelagen": "Sjuklönelagen",
        "/dokument/ag1-14/": "AG1-14 Läkarintyg om arbetsförmåga – sjuklöneperioden",
        f"/organisation/roller-och-ansvar/{DOCTOR}/": "Vem på din enhet : Behandlande läkare",
    }.items():
        assert label in found(f'<a href="{href}">(.*?)</a>', markup)
    coordinator = shown(client, f"{PROCESS}?roll=rehabkoordinator")
    assert 'href="/uppfoljning/kva-registrering/#gc001">GC001</a>' in coordinator


def test_certificate_of_a_page_that_is_not_public_has_no_link(client, process):
    draft = make_version(page=make_page(slug="hemlig-sida"), state=VersionState.DRAFT).page
    row = Certificate.objects.create(code="PROV 1", name="Prov", recipient="fk", page=draft)
    process.steps.first().certificates.add(row)

    markup = shown(client, VIEW)

    assert "PROV 1" in markup
    assert "hemlig-sida" not in markup


def test_regional_role_names_its_holder_of_today(client, process):
    role = make_role(code="prov-regional", title="Provregional", level=RoleLevel.REGIONAL)
    process.steps.first().responsible.add(role)
    make_appointment(role=role, phone="08-465 004 99")
    yesterday = timezone.localdate() - timedelta(days=1)
    past = make_appointment(role=role, valid_to=yesterday)

    markup = shown(client, f"{VIEW}?roll=prov-regional")

    assert "08-465 004 99" in words(markup)
    assert past.person.name not in markup
    assert "Om rollen" in words(markup)


def test_step_shows_its_course_and_next_occasion_through_new_versions(client, process):
    step = process.steps.first()
    course = make_course(title="Provkursen", process_steps=[str(step.uuid)])
    make_course(title="Dold kurs", process_steps=[str(step.uuid)], is_published=False)
    make_course(title="Annan kurs", process_steps=["6f1f6f0e-7c1b-5d55-9b0e-2f6b8f0c4a11"])
    start = timezone.now() + timedelta(days=30)
    make_occasion(course=course, starts=start)
    new = make_version(page=process.page, number=process.number + 1)
    write(new, snapshot(process.page, process))

    markup = shown(client, f"{VIEW}?roll=gor-ett")

    assert new.steps.first().pk != step.pk
    assert "Provkursen" in words(markup)
    assert f"nästa öppna {timezone.localtime(start).day} december 2026" in words(markup)
    assert "Dold kurs" not in markup
    assert "Annan kurs" not in markup


def test_days_and_certificates_follow_into_a_copy_and_its_text(process):
    step = process.steps.first()
    step.certificates.set(Certificate.objects.filter(code="FK 7804"))
    copy = make_version(page=process.page, state=VersionState.DRAFT)
    write(copy, snapshot(process.page, process))
    render_version(copy)

    first = copy.steps.first()
    assert (first.days, [row.code for row in first.certificates.all()]) == ([8], ["FK 7804"])
    assert '<a href="/intyg/lakarintyg-for-sjukpenning/">FK 7804</a>' in copy.rendered
    assert [link.target.slug for link in copy.links.all()] == ["lakarintyg-for-sjukpenning"]


@pytest.mark.parametrize("days", [[0], [3651], [8, 8], [15, 8], ["8"], [True], 8, None])
def test_days_that_are_none_are_refused(days):
    with pytest.raises(ValidationError, match="Skriv dagar från 1 till 3650"):
        check_days(days)


def test_role_page_leads_to_its_steps_and_back(client, db):
    markup = shown(client, "/organisation/roller-och-ansvar/rehabkoordinator/")

    assert f'href="{PROCESS}?roll=rehabkoordinator#jag-ar"' in markup
    assert f'href="{COORDINATION}?roll=rehabkoordinator#jag-ar"' in markup
    strategist = shown(client, "/organisation/roller-och-ansvar/strateg/")
    assert "vem-gor-vad" not in strategist


def test_view_costs_the_same_with_ten_times_the_steps(client, process):
    make_course(process_steps=[str(process.steps.first().uuid)])
    few = len(queries_of(client, VIEW))
    role, certificate = make_role(), Certificate.objects.first()
    for number in range(60):
        page = make_version(page=make_page(parent=Page.objects.get(slug="provprocess")))
        step = make_step(version=page, position=number, days=[number + 1], kva=["GC001"])
        step.responsible.add(role)
        step.certificates.add(certificate)
        make_course(process_steps=[str(step.uuid)])

    assert len(queries_of(client, VIEW)) == few
    assert few <= 12
    assert len(queries_of(client, f"{PROCESS}?roll={DOCTOR}")) <= 12


def test_section_without_steps_has_an_empty_view_that_says_so(client, db):
    section = make_version(page=make_page(slug="tomprocess")).page
    make_version(page=make_page(slug="tomvy", parent=section, register="process"))

    assert "Inga steg." in words(shown(client, "/tomprocess/tomvy/"))
