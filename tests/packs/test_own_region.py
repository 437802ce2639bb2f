"""A region that begins its own site (PORTAL_DEMO_DATA=0): all texts, and nothing invented."""

import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.urls import reverse

from education.models import Course, Occasion, Organiser
from followup.models import Indicator, Measurement
from followup.models.indicators import IndicatorVersion
from guidance.models import Page, PageVersion
from organisation.models import Appointment, Person, Role, Unit
from portal.accounts.models import User
from portal.packs.loader import PackRejected, load_pack
from portal.packs.models import Pack
from portal.web.models import SiteSettings
from tests.conftest import PACK
from tests.factories import make_course, make_unit
from tests.packs.folders import APPS, role, write

INVENTED = re.compile(r"Exempelland|example\.org|Påhittad|demonstration|Skissvik|Provstad")


@pytest.fixture
def empty(db):
    """As after `migrate`."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in APPS:
            model._base_manager.all()._raw_delete("default")


@pytest.fixture
def own_region(empty, settings, capsys):
    """What `load_content` says of the starting pack where the data is real."""
    settings.DEMO_DATA = False
    settings.REGION_NAME = "Region Norr"
    call_command("load_content", PACK)
    return capsys.readouterr().out


def test_begins_with_the_texts_and_nothing_that_is_invented(own_region):
    assert own_region.startswith(
        "Påhittat och därför utelämnat (PORTAL_DEMO_DATA=0): site.toml, units.toml, persons.toml, "
        "appointments.toml, organisers.toml, courses.toml, occasions.toml.\n"
    )
    for model in (Unit, Person, Appointment, Organiser, Course, Occasion, Measurement):
        assert not model.objects.exists(), model
    assert not SiteSettings.objects.exists()
    assert Page.objects.public().count() == 80
    assert Role.objects.exists()
    # What a page or an indicator is said to have been before is invented, too.
    assert Indicator.objects.exists()
    assert not IndicatorVersion.objects.exists()
    assert {*PageVersion.objects.values_list("number", "change_note", "is_major")} == {
        (1, "Första versionen", False)
    }
    call_command("check_content")
    # Nor does a second load bring it.
    report = load_pack(PACK)
    assert (report.added, report.updated, report.kept, report.drafts) == (0, 0, [], [])
    assert not Unit.objects.exists()


def test_every_page_stands_without_units_courses_and_values(own_region, client):
    found = re.findall("<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").text)
    assert len(found) > 120
    lists = [
        *("/organisation/enheter/", "/organisation/tackning/", "/organisation/tackning.csv"),
        *("/organisation/hitta-koordinator/?q=norr", "/organisation/struktur.svg"),
        *("/kompetens/kalender/", "/kompetens/kalender/?vy=manad", "/kompetens/kalender.ics"),
        *("/uppfoljning/indikatorer/langa-90/", "/sok/?q=koordinator", "/api/v1/units"),
        *("/dcat.rdf", "/halsa/redo/"),
    ]
    told = []
    for url in dict.fromkeys([*found, *lists]):
        response = client.get(url)
        assert response.status_code == 200, url
        told += [(url, words) for words in INVENTED.findall(response.text)]

    assert told == []
    assert "Region Norr" in client.get("/").text


def test_the_admin_says_where_to_begin_until_it_is_done(empty, admin_client):
    def rows():
        steps = admin_client.get(reverse("admin:index")).context["beginning"]
        return [(step["label"], step["url"]) for step in steps]

    names, units, roles, courses, values = (
        ("Ange regionens namn, färg och kontakt", "/admin/web/sitesettings/add/"),
        ("Läs in enheterna ur en fil", "/admin/organisation/fileimport/enheter/"),
        ("Skriv in vem som har vilken roll", "/admin/organisation/appointment/add/"),
        ("Lägg in utbildningarna", "/admin/education/course/add/"),
        ("Läs in indikatorernas värden", "/uppfoljning/import/"),
    )
    assert rows() == [names, units, roles, courses, values]
    for _, url in rows():
        response = admin_client.get(url)
        assert (response.status_code, ">None<" in response.text) == (200, False), url
    SiteSettings.objects.create(region_name="Region Norr")
    make_unit()
    make_course()
    assert rows() == [roles, values]
    assert "Börja här" in admin_client.get(reverse("admin:index")).text


def test_who_may_not_bring_it_in_is_not_told_to(empty, client):
    client.force_login(User.objects.create_user("skriver@example.org", is_staff=True))

    response = client.get(reverse("admin:index"))

    assert response.context["beginning"] == []
    assert "Börja här" not in response.text


def test_a_pack_says_what_is_invented_by_file_and_by_table(tmp_path, db, settings):
    folder = tmp_path / "litet"
    write(folder, "pack.toml", 'name = "litet"\ninvented = ["professions"]')
    write(folder, "professions.toml", '[[profession]]\ncode = "prov"\nname = "Prov"\n')
    write(
        folder,
        "roles.toml",
        role("riktig")
        + '[[role.responsibilities]]\nkind = "own"\ntext = "Sant."\ninvented = false\n'
        + '[[role.responsibilities]]\nkind = "own"\ntext = "Påhittat."\ninvented = true\n'
        + role("pahittad")
        + "invented = true\n",
    )
    settings.DEMO_DATA = False

    report = load_pack(folder)

    assert (report.added, report.left_out) == (1, ["professions"])
    kept = Role.objects.get(code="riktig")
    assert [each.text for each in kept.responsibilities.all()] == ["Sant."]
    settings.DEMO_DATA = True
    report = load_pack(folder)
    assert (report.added, report.updated, report.left_out) == (2, 1, [])
    assert kept.responsibilities.count() == 2


@pytest.mark.parametrize("wrong", ['"units"', '["enheter"]', "[1]", "[{}]", "{}"])
def test_a_pack_that_calls_no_file_of_its_own_invented_is_refused(wrong, tmp_path, db):
    write(tmp_path / "litet", "pack.toml", f'name = "litet"\ninvented = {wrong}')

    with pytest.raises(PackRejected) as refused:
        load_pack(tmp_path / "litet")

    assert refused.value.errors == [
        "pack.toml: invented ska vara en lista av filnamn utan ändelse."
    ]
    assert not Pack.objects.filter(name="litet").exists()


def test_a_mark_that_is_neither_true_nor_false_is_an_unknown_field(tmp_path, db):
    write(tmp_path / "litet", "pack.toml", 'name = "litet"')
    write(tmp_path / "litet", "roles.toml", role("prov-roll", invented="ja"))

    with pytest.raises(CommandError, match="prov-roll: okända fält invented"):
        call_command("load_content", tmp_path / "litet")
