"""Packs with faults: all are said, and nothing is stored."""

import pytest

from followup.models import Measurement
from guidance.models import Document, Page, PageVersion
from organisation.models import Unit
from portal.packs.loader import load_pack

from .folders import page_text, rejected, role, write


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
