"""Content packs: loaded again without harm, dumped and loaded back, refused with reasons."""

import re
import shutil
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from followup.models import Measurement
from guidance.models import Document, Page, PageVersion, ProcessStep
from organisation.models import Profession, Responsibility, Role, Unit
from portal.packs.dates import absolute, add_months
from portal.packs.dumper import dump_pack
from portal.packs.loader import PackRejected, load_pack
from portal.packs.models import Pack, PackEntry
from portal.publishing.models import VersionState
from tests.conftest import NOW, PACK
from tests.factories import make_version

APPS = ("organisation", "guidance", "education", "followup", "packs", "search", "web")
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def pack(tmp_path, db):
    """The demo region's pack in a folder of the test's own; already loaded."""
    return shutil.copytree(PACK, tmp_path / "exempelland")


@pytest.fixture
def small_pack(tmp_path, db):
    """A pack with one role, not loaded."""
    write(tmp_path / "litet", "pack.toml", 'name = "litet"')
    write(tmp_path / "litet", "roles.toml", role("prov-roll"))
    return tmp_path / "litet"


def role(code, **fields):
    fields = {"title": "Provroll", "level": "unit", "mandate": "Provar.", **fields}
    lines = [f'{name} = "{value}"' for name, value in fields.items()]
    return "\n".join(["[[role]]", f'code = "{code}"', *lines, ""])


def page_text(title="Prov", body="<p>Text.</p>", **fields):
    fields = {
        "title": title,
        "nav_title": "Prov",
        "purpose": "En sida.",
        "owner": "prov-roll",
        **fields,
    }
    lines = "".join(f'{name} = "{value}"\n' for name, value in fields.items())
    return f"+++\n{lines}+++\n{body}\n"


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def replace(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def add_to_page(folder, slug, html):
    with (folder / "pages" / f"{slug}.html").open("a", encoding="utf-8") as file:
        file.write(html)


def everything():
    """Every row of the loaded apps, as stored."""
    return {
        model._meta.label: [*model._base_manager.order_by("pk").values()]
        for label in APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def versions(slug):
    rows = PageVersion.objects.filter(page__slug=slug).order_by("number")
    return [*rows.values_list("number", "state")]


def live_number(slug):
    return PageVersion.objects.live().get(page__slug=slug).number


# -- loading again ---------------------------------------------------------------------


def test_second_load_changes_nothing(pack):
    before = everything()
    report = load_pack(pack)

    assert (report.added, report.updated, report.kept, report.drafts) == (0, 0, [], [])
    assert report.unchanged == PackEntry.objects.count()
    assert everything() == before


def test_second_load_on_another_day_changes_nothing(pack, clock):
    before = everything()
    clock.move_to(NOW + timedelta(days=400))
    load_pack(pack)

    assert everything() == before


def test_row_that_an_editor_changed_is_kept_and_named(pack):
    Role.objects.filter(code="processtod").update(mandate="Redaktörens ord.")
    old = Role.objects.get(code="fma").mandate
    replace(pack, "roles.toml", 'code = "processtod"', 'code = "processtod"\nreview_note = "Ny."')
    replace(pack, "roles.toml", old, "Paketets nya ord.")
    report = load_pack(pack)

    assert report.kept == ["roles.toml, processtod"]
    assert (report.added, report.updated, report.drafts) == (0, 1, [])
    kept = Role.objects.get(code="processtod")
    assert (kept.mandate, kept.review_note) == ("Redaktörens ord.", "")
    assert Role.objects.get(code="fma").mandate == "Paketets nya ord."
    assert load_pack(pack).kept == []


def test_editors_change_is_kept_while_the_pack_stays_as_it_was(pack):
    Role.objects.filter(code="processtod").update(mandate="Redaktörens ord.")
    before = everything()
    report = load_pack(pack)

    assert (report.changed, report.kept) == (False, [])
    assert everything() == before


def test_editors_change_of_a_rows_children_counts(pack):
    Responsibility.objects.filter(role__code="processtod").first().delete()
    left = Responsibility.objects.filter(role__code="processtod").count()
    replace(pack, "roles.toml", 'code = "processtod"', 'code = "processtod"\nreview_note = "Ny."')

    assert load_pack(pack).kept == ["roles.toml, processtod"]
    assert Responsibility.objects.filter(role__code="processtod").count() == left


def test_row_that_an_editor_deleted_does_not_come_back(small_pack):
    load_pack(small_pack)
    Role.objects.get(code="prov-roll").delete()
    write(small_pack, "roles.toml", role("prov-roll", mandate="Ny text."))

    assert load_pack(small_pack).kept == ["roles.toml, prov-roll"]
    assert not Role.objects.filter(code="prov-roll").exists()


def test_row_that_was_here_before_the_pack_is_kept(small_pack):
    mine = Role.objects.create(code="prov-roll", title="Min", level="unit", mandate="Mitt.")

    assert load_pack(small_pack).kept == ["roles.toml, prov-roll"]
    mine.refresh_from_db()
    assert mine.title == "Min"


def test_unedited_page_gets_the_packs_text_as_a_new_version(pack, client):
    add_to_page(pack, "samtycke", "<p>Paketets nya mening.</p>")
    report = load_pack(pack)

    assert (report.updated, report.added, report.kept, report.drafts) == (1, 0, [], [])
    assert versions("samtycke") == [(1, "approved"), (2, "approved")]
    response = client.get("/sekretess-och-samtycke/samtycke/")
    assert "Paketets nya mening." in response.content.decode()
    old, new = PageVersion.objects.filter(page__slug="samtycke").order_by("number")
    assert new.body == f"{old.body}\n<p>Paketets nya mening.</p>"
    assert load_pack(pack).changed is False


def test_new_version_of_a_page_takes_its_steps_with_their_identities(pack):
    slug = ProcessStep.objects.order_by("pk").first().version.page.slug
    add_to_page(pack, slug, "<p>Nytt.</p>")
    load_pack(pack)
    *_, old, new = PageVersion.objects.filter(page__slug=slug).order_by("number")

    assert [*new.steps.values_list("uuid", "anchor", "title", "text")] == [
        *old.steps.values_list("uuid", "anchor", "title", "text")
    ]
    assert old.steps.count() > 1


@pytest.mark.parametrize(
    ("fields", "live"),
    [
        ({"state": VersionState.APPROVED}, 2),
        ({"state": VersionState.DRAFT, "publish_at": None}, 1),
        ({"state": VersionState.IN_REVIEW, "publish_at": None}, 1),
        ({"publish_at": NOW + timedelta(days=7)}, 1),
    ],
    ids=["published", "draft", "in review", "waiting"],
)
def test_page_with_an_editors_version_gets_the_packs_text_as_a_draft(
    pack, client, clock, fields, live
):
    page = Page.objects.get(slug="samtycke")
    make_version(page=page, title="Redaktörens", rendered="<p>R</p>", **fields)
    before = client.get("/sekretess-och-samtycke/samtycke/").content
    add_to_page(pack, "samtycke", "<p>Paketets nya mening.</p>")
    report = load_pack(pack)

    assert report.drafts == ["pages/samtycke.html"]
    assert (report.added, report.updated, report.kept) == (0, 0, [])
    assert versions("samtycke")[2] == (3, "draft")
    assert live_number("samtycke") == live
    draft = PageVersion.objects.get(page=page, number=3)
    assert draft.body.endswith("<p>Paketets nya mening.</p>")
    assert client.get("/sekretess-och-samtycke/samtycke/").content == before
    assert load_pack(pack).drafts == []
    clock.move_to(NOW + timedelta(days=8))
    if fields.get("publish_at"):
        assert live_number("samtycke") == 2


def test_page_that_an_editor_moved_keeps_its_place(pack):
    Page.objects.filter(slug="samtycke").update(nav_title="Redaktörens titel")
    add_to_page(pack, "samtycke", "<p>Ny.</p>")

    assert load_pack(pack).drafts == ["pages/samtycke.html"]
    assert Page.objects.get(slug="samtycke").nav_title == "Redaktörens titel"
    assert live_number("samtycke") == 1


def test_values_that_somebody_changed_are_kept(pack):
    replace(pack, "pack.toml", "seed = 2026", "seed = 2027")
    changed = Measurement.objects.filter(state="value").first()
    Measurement.objects.filter(pk=changed.pk).update(denominator=99_999)
    before = Measurement.objects.count()

    assert load_pack(pack).kept == ["mätvärden"]
    assert Measurement.objects.get(pk=changed.pk).denominator == 99_999
    assert Measurement.objects.count() == before


# -- out and in again ------------------------------------------------------------------


def empty_the_tables():
    # Foreign keys are checked when the transaction ends, so any order will do.
    for label in APPS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            model._base_manager.all()._raw_delete("default")


def public_pages(client):
    """The text of every page of the content tree, and of some of every other kind."""
    addresses = re.findall("<loc>http://testserver([^<]*)</loc>", client.get("/sitemap.xml").text)
    pages = {page.get_absolute_url() for page in Page.objects.select_related("parent")}
    others = [address for address in addresses if address not in pages]
    chosen = [*sorted(pages), *others[::30], "/aktuellt/atom.xml"]
    texts = {address: client.get(address).text for address in chosen} | {"all": addresses}
    # A change's identity in feeds belongs to the database that it was made in.
    texts["/aktuellt/atom.xml"] = re.sub(r"urn:uuid:[0-9a-f-]+", "", texts["/aktuellt/atom.xml"])
    return texts


def test_dump_loaded_into_an_empty_database_gives_the_same_site(db, client, tmp_path):
    counts = dump_pack(tmp_path / "ett", name="exempelland")
    before = public_pages(client)
    empty_the_tables()
    assert sum(len(rows) for rows in everything().values()) == 0
    report = load_pack(tmp_path / "ett")
    dump_pack(tmp_path / "tva", name="exempelland")

    assert (report.kept, report.drafts, report.updated) == ([], [], 0)
    assert report.added == sum(counts.values()) + 1  # the values are one entry
    assert files(tmp_path / "tva") == files(tmp_path / "ett")
    assert len(before) > 60
    after = public_pages(client)
    assert after.keys() == before.keys()
    assert {url for url, text in before.items() if after[url] != text} == set()
    assert load_pack(tmp_path / "ett").changed is False


def test_dumped_page_that_is_not_live_does_not_become_public(db, client, tmp_path):
    gone, expired, draft = (
        Page.objects.get(slug=slug) for slug in ("ordlista", "intyg", "tidslinje")
    )
    PageVersion.objects.filter(page=gone).update(
        state="withdrawn",
        withdrawn_at=NOW,
        end_reason="Slagits ihop.",
        successor=Page.objects.get(slug="samtycke"),
    )
    PageVersion.objects.filter(page=expired).update(
        publish_at=NOW - timedelta(days=1), expire_at=NOW - timedelta(hours=1)
    )
    PageVersion.objects.filter(page=draft).update(state="draft")
    addresses = [page.get_absolute_url() for page in (gone, expired, draft)]
    assert [client.get(address).status_code for address in addresses] == [410, 410, 404]
    dump_pack(tmp_path / "ett", name="ett")
    empty_the_tables()
    load_pack(tmp_path / "ett")
    dump_pack(tmp_path / "tva", name="ett")

    assert files(tmp_path / "tva") == files(tmp_path / "ett")
    assert [client.get(address).status_code for address in addresses] == [410, 410, 404]
    assert "Slagits ihop." in client.get(addresses[0]).text


# -- dates that count from the first load ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "loaded_on", "expected"),
    [
        ("today", date(2026, 11, 23), date(2026, 11, 23)),
        ("today-60d", date(2026, 11, 23), date(2026, 9, 24)),
        ("today+1d", date(2026, 12, 31), date(2027, 1, 1)),
        ("today+2mo", date(2026, 12, 31), date(2027, 2, 28)),
        ("today-1mo", date(2026, 3, 31), date(2026, 2, 28)),
        ("today+1mo", date(2026, 8, 31), date(2026, 9, 30)),
        ("today-12mo", date(2026, 1, 31), date(2025, 1, 31)),
        ("today+1y", date(2028, 2, 29), date(2029, 2, 28)),
        ("today+4y", date(2028, 2, 29), date(2032, 2, 29)),
        ("today-1y", date(2029, 2, 28), date(2028, 2, 28)),
        ("today+0mo", date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_day_that_counts_from_the_load(text, loaded_on, expected):
    assert absolute(text, loaded_on) == expected


@pytest.mark.parametrize(
    ("text", "loaded_on", "expected"),
    [
        ("week+3 tue 13:00", date(2026, 11, 23), "2026-12-15T13:00+01:00"),
        ("week+3 tue 13:00", date(2026, 11, 29), "2026-12-15T13:00+01:00"),
        ("week+0 mon 00:00", date(2027, 1, 1), "2026-12-28T00:00+01:00"),
        ("week+1 sun 23:59", date(2026, 12, 28), "2027-01-10T23:59+01:00"),
        ("week-1 fri 08:30", date(2027, 1, 1), "2026-12-25T08:30+01:00"),
        ("week+1 mon 13:00", date(2027, 3, 26), "2027-03-29T13:00+02:00"),
        ("week+0 sun 02:30", date(2027, 10, 31), "2027-10-31T02:30+02:00"),
        ("week+0 sun 03:30", date(2027, 10, 31), "2027-10-31T03:30+01:00"),
    ],
    ids=lambda value: str(value),
)
def test_moment_is_swedish_wall_time(text, loaded_on, expected):
    moment = absolute(text, loaded_on)

    assert moment.isoformat(timespec="minutes") == expected
    assert moment.timestamp() == datetime.fromisoformat(expected).timestamp()


def test_moment_that_summer_time_skips_is_an_hour_later_on_the_clock():
    moment = absolute("week+0 sun 02:30", date(2027, 3, 28))

    assert moment.astimezone(ZoneInfo("UTC")) == datetime(
        2027, 3, 28, 1, 30, tzinfo=ZoneInfo("UTC")
    )


@pytest.mark.parametrize(
    "value",
    [
        "Today",
        "today-60",
        "i dag: today",
        "today-60 d",
        "week+3 tue",
        "week+3 tis 13:00",
        "",
        5,
        True,
    ],
)
def test_anything_else_stays_as_it_is(value):
    assert absolute(value, date(2026, 11, 23)) == value


def test_dates_inside_lists_and_tables_are_found():
    value = {
        "a": ["today", {"b": "today+1d"}],
        "c": datetime(2026, 7, 1, 12),
        "d": date(2026, 1, 1),
    }

    assert absolute(value, date(2026, 11, 23)) == {
        "a": [date(2026, 11, 23), {"b": date(2026, 11, 24)}],
        "c": datetime(2026, 7, 1, 12, tzinfo=STOCKHOLM),
        "d": date(2026, 1, 1),
    }


def test_add_months_goes_through_every_month_end():
    ends = [add_months(date(2027, 12, 31), month).day for month in range(1, 13)]

    assert ends == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


# -- packs with faults -------------------------------------------------------------------


def rejected(folder):
    """The faults of a pack; and nothing of it may be stored."""
    before = everything()
    with pytest.raises(PackRejected) as caught:
        load_pack(folder)
    assert everything() == before
    return caught.value.errors


def test_every_fault_is_said_with_file_and_row(small_pack):
    write(
        small_pack,
        "roles.toml",
        role("bra")
        + role("fel nyckel")
        + role("utan-mandat", mandate="")
        + role("fel-niva", level="galax", colour="röd")
        + role("bra")
        + '[[role]]\ntitle = "Utan kod"\nlevel = "unit"\nmandate = "x"\n'
        + '[[role]]\ncode = "barn"\ntitle = "T"\nlevel = "unit"\nmandate = "x"\nposition = "tre"\n'
        + 'responsibilities = [{text = ""}, {txt = "fel"}]\n',
    )
    write(small_pack, "unit_kinds.toml", '[[unit_kind]]\ncode = ["a"]\nname = "N"\n')
    write(
        small_pack,
        "units.toml",
        '[[unit]]\nhsa_id = "SE1-A"\nname = "A"\nkind = "finns-inte"\n'
        '[[unit]]\nhsa_id = "SE1-B"\nname = "B"\nkind = "vardcentral"\nparent = "SE1-BORTA"\n'
        "valid_from = 2026-01-02\nvalid_to = 2026-01-01\n"
        '[[unit]]\nhsa_id = "SE1-C"\nname = "C"\nkind = "vardcentral"\n'
        'valid_from = "today+99999y"\n',
    )
    write(
        small_pack,
        "appointments.toml",
        '[[appointment]]\nunit = "SE1-B"\nrole = "bra"\nstate = "vacant"\nvalid_from = "i går"\n',
    )
    write(small_pack, "persons.toml", "[[person]\n")
    write(small_pack, "forums.toml", '[forum]\ncode = "x"\n')
    write(small_pack, "synonyms.toml", '[[synonyms]]\nwords = ["a", "b"]\n')
    write(small_pack, "roller.toml", "")
    (small_pack / "laws.toml").write_bytes(b"# \xe5\n")
    write(small_pack, "pages/a.html", "<p>Ingen början.</p>")
    write(small_pack, "pages/b.html", "+++\ntitle = \n+++\n<p>x</p>")
    write(small_pack, "pages/c.html", page_text(owner="borta", brief="text", title="", farg="x"))
    write(small_pack, "pages/e.html", page_text(parent="borta", publish_at="snart", owner="fma"))
    (small_pack / "pages" / "f.html").write_bytes(b"\xff\xfe")

    assert rejected(small_pack) == [
        "roller.toml: okänd fil.",
        "unit_kinds.toml, ['a']: code ska vara ett enda värde.",
        "roles.toml, fel nyckel: code: Fyll i en giltig 'slug', beståendes av bokstäver, siffror, "
        "understreck eller bindestreck i Unicode.",
        "roles.toml, utan-mandat: mandate: Detta fält får inte vara tomt.",
        "roles.toml, fel-niva: okända fält colour.",
        "roles.toml, fel-niva: level: Värdet 'galax' är inget giltigt alternativ.",
        "roles.toml, bra: står två gånger.",
        "roles.toml, rad 6: code: Detta fält får inte vara tomt.",
        'roles.toml, barn: position: Värdet "tre" måste vara ett heltal.',
        "roles.toml, barn, responsibilities 1: text: Detta fält får inte vara tomt.",
        "roles.toml, barn, responsibilities 2: okända fält txt.",
        "roles.toml, barn, responsibilities 2: text: Detta fält får inte vara tomt.",
        "units.toml, SE1-A: kind pekar på finns-inte, som inte finns.",
        "units.toml, SE1-B: Perioden måste sluta efter att den har börjat.",
        "units.toml, SE1-C: ett datum kan inte räknas ut (Ingen dag i 102025-11.).",
        "persons.toml: filen kan inte läsas som TOML (Expected ']]' at the end of an array "
        "declaration (at line 1, column 9)).",
        "appointments.toml, SE1-B|bra|||i går: unit pekar på SE1-B, som inte finns.",
        "appointments.toml, SE1-B|bra|||i går: valid_from: “i går” har ett ogiltigt datumformat. "
        "Det måste vara i formatet YYYY-MM-DD.",
        "forums.toml: skriv varje rad som [[forum]].",
        "laws.toml: filen är inte sparad som UTF-8.",
        "synonyms.toml: okänt namn synonyms; varje rad heter [[synonym]].",
        "pages/a.html: sidans huvud kan inte läsas (filen ska börja med uppgifter mellan två "
        "rader +++).",
        "pages/b.html: sidans huvud kan inte läsas (Invalid value (at line 1, column 9)).",
        "pages/c.html: okända fält farg.",
        "pages/c.html: owner pekar på borta, som inte finns.",
        "pages/c.html: brief ska vara en lista.",
        "pages/c.html: title: Detta fält får inte vara tomt.",
        "pages/f.html: filen är inte sparad som UTF-8.",
        "pages/e.html: publish_at: “snart” har ett ogiltigt format. Det måste vara i formatet "
        "YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ].",
        "units.toml, SE1-B: parent pekar på SE1-BORTA, som inte finns.",
        "pages/e.html: parent pekar på borta, som inte finns.",
    ]


def test_values_with_faults_are_said_by_line(small_pack):
    unit = Unit.objects.public().first().hsa_id
    code = Measurement.objects.first().indicator.code
    write(
        small_pack,
        "measurements.csv",
        "\ufeffindicator;hsa_id;year;sex;numerator;denominator\n"
        f"{code};{unit};2025;total;1;2\n"
        f"{code};{unit};2025;total;1;2\n"
        f"{code};{unit};2025;alla;1;2\n"
        f"{code};{unit};2025;women;-1;2\n"
        f"{code};{unit};2025;women;1,5;2\n"
        f"{code};{unit};2025\n"
        f"{code};BORTA;2025;total;1;2\n",
    )
    Measurement.objects.all().delete()

    assert rejected(small_pack) == [
        "measurements.csv, rad 3: värdet står två gånger.",
        "measurements.csv, rad 4: Värdet 'alla' är inget giltigt alternativ.",
        "measurements.csv, rad 5: Kontrollera att detta värde är större än eller lika med 0.",
        "measurements.csv, rad 6: year, numerator och denominator ska vara heltal.",
        "measurements.csv, rad 7: year, numerator och denominator ska vara heltal.",
        "measurements.csv, rad 8: 'BORTA' finns inte.",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "enhet;tal\nA;1\n",
            "measurements.csv, rad 1: kolumnerna ska vara indicator, hsa_id, year, sex, "
            "numerator, denominator.",
        ),
        (
            '"' + "x" * 200_000,
            "measurements.csv: filen kan inte läsas som CSV (field larger than field limit "
            "(131072)).",
        ),
    ],
    ids=["columns", "quote"],
)
def test_file_of_values_that_is_none(small_pack, text, fault):
    write(small_pack, "measurements.csv", text)
    Measurement.objects.all().delete()

    assert rejected(small_pack) == [fault]


def test_steps_of_one_page_cannot_share_an_anchor(small_pack):
    step = '[[steps]]\nanchor = "ett"\ntitle = "Ett"\ntext = "<p>x</p>"\n'
    text = page_text().replace("+++\n<p>", f"{step}{step}[[steps]]\ntitel = 'x'\n+++\n<p>")
    write(small_pack, "pages/prov.html", text)

    assert rejected(small_pack) == [
        "pages/prov.html, steg ett: Två steg kan inte ha samma ankare.",
        "pages/prov.html, steg 3: okända fält titel.",
        "pages/prov.html, steg 3: anchor: Detta fält får inte vara tomt.",
        "pages/prov.html, steg 3: title: Detta fält får inte vara tomt.",
        "pages/prov.html, steg 3: text: Detta fält får inte vara tomt.",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "{folder}/pack.toml: filen finns inte."),
        ("", "pack.toml: name ska vara paketets namn, högst 80 tecken."),
        ("name = 5", "pack.toml: name ska vara paketets namn, högst 80 tecken."),
        (f'name = "{"x" * 81}"', "pack.toml: name ska vara paketets namn, högst 80 tecken."),
        (
            "name = ",
            "pack.toml: filen kan inte läsas som TOML (Invalid value (at end of document)).",
        ),
        (
            'name = "x"\nmeasurements = {seed = "a"}',
            "pack.toml, measurements: seed och years ska vara heltal.",
        ),
    ],
)
def test_pack_file_with_a_fault(small_pack, text, fault):
    (small_pack / "pack.toml").unlink()
    if text is not None:
        write(small_pack, "pack.toml", text)

    assert rejected(small_pack) == [fault.format(folder=small_pack)]


def test_reference_to_a_later_row_is_no_fault(small_pack):
    write(
        small_pack,
        "documents.toml",
        '[[document]]\nslug = "prov-dok"\ncode = "P1"\ntitle = "P"\nkind = "mall"\nissuer = "X"\n'
        'page = "prov-sida"\nroles = ["prov-roll"]\n',
    )
    write(small_pack, "pages/prov-sida.html", page_text(successor="prov-annan"))
    write(small_pack, "pages/prov-annan.html", page_text(parent="prov-sida"))
    report = load_pack(small_pack)

    assert report.added == 4
    assert Document.objects.get(slug="prov-dok").page.slug == "prov-sida"
    assert Page.objects.get(slug="prov-annan").parent.slug == "prov-sida"


def test_windows_editors_marks_and_line_ends_are_no_fault(small_pack):
    write(small_pack, "roles.toml", "\ufeff" + role("prov-roll").replace("\n", "\r\n"))
    write(small_pack, "pages/prov.html", "\ufeff" + page_text().replace("\n", "\r\n"))

    assert load_pack(small_pack).added == 2
    assert PageVersion.objects.get(page__slug="prov").body == "<p>Text.</p>"


# -- commands ----------------------------------------------------------------------------


def test_load_content_says_what_it_did(small_pack, capsys):
    call_command("load_content", str(small_pack))
    first = capsys.readouterr().out
    call_command("load_content", str(small_pack))
    second = capsys.readouterr().out
    Role.objects.filter(code="prov-roll").update(title="Min")
    write(small_pack, "roles.toml", role("prov-roll", mandate="Ny text."))
    call_command("load_content", str(small_pack))
    third = capsys.readouterr().out

    assert first.splitlines()[0] == "1 nya, 0 uppdaterade, 0 oförändrade."
    assert first.splitlines()[1].startswith("Sökregistret: ")
    assert second == "0 nya, 0 uppdaterade, 1 oförändrade.\n"
    assert third == (
        "Raden är ändrad här och fick vara som den är: roles.toml, prov-roll\n"
        "0 nya, 0 uppdaterade, 0 oförändrade.\n"
    )
    assert Pack.objects.get(name="litet").first_loaded_on == NOW.date()


def test_load_content_names_a_page_that_became_a_draft(pack, capsys):
    make_version(page=Page.objects.get(slug="samtycke"))
    add_to_page(pack, "samtycke", "<p>Ny.</p>")
    call_command("load_content", str(pack))

    assert capsys.readouterr().out.splitlines()[0] == (
        "Sidan är ändrad här; paketets text blev ett utkast: pages/samtycke.html"
    )


def test_load_content_stops_with_every_fault(small_pack):
    write(small_pack, "roles.toml", role("a", level="x") + role("b", level="y"))

    with pytest.raises(CommandError) as caught:
        call_command("load_content", str(small_pack))
    assert caught.value.returncode == 1
    assert str(caught.value) == (
        "Inget lästes in. Rätta och försök igen:\n"
        "  roles.toml, a: level: Värdet 'x' är inget giltigt alternativ.\n"
        "  roles.toml, b: level: Värdet 'y' är inget giltigt alternativ."
    )


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("x")])
def test_load_content_without_a_pack_stops(db, tmp_path, make):
    make(tmp_path / "borta")

    with pytest.raises(CommandError, match=r"borta/pack\.toml: filen finns inte\.$"):
        call_command("load_content", str(tmp_path / "borta"))


def test_dump_content_says_what_it_wrote(db, tmp_path, capsys):
    (tmp_path / "ut").mkdir()
    call_command("dump_content", str(tmp_path / "ut"))
    printed = capsys.readouterr().out.splitlines()

    assert f"professions: {Profession.objects.count()}" in printed
    assert f"pages: {Page.objects.count()}" in printed
    assert printed[-1].startswith("measurements.csv har sanna värden")
    assert (tmp_path / "ut" / "pack.toml").read_text() == 'name = "ut"\n'
    assert len([*(tmp_path / "ut" / "pages").iterdir()]) == Page.objects.count()


@pytest.mark.parametrize(
    "make", [lambda path: (path / "sub").mkdir(parents=True), lambda path: path.write_text("x")]
)
def test_dump_content_writes_over_nothing(db, tmp_path, make):
    make(tmp_path / "ut")
    before = files(tmp_path)

    with pytest.raises(CommandError, match="ut är inte en tom mapp"):
        call_command("dump_content", str(tmp_path / "ut"))
    assert files(tmp_path) == before
