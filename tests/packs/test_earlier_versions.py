"""Earlier versions of a page in a content pack."""

import tomllib
from datetime import date

import pytest
from django.utils import timezone

from guidance.models import PageVersion
from portal.packs.dumper import dump_pack
from portal.packs.earlier import earlier_tables
from portal.packs.loader import load_pack

from .folders import everything, rejected, replace, versions, write

PAGE = """+++
title = "Provsidan"
nav_title = "Prov"
purpose = "En sida."
owner = "prov-roll"
change_note = "Tredje"
is_major = true
publish_at = "week-3 tue 09:00"

[[earlier]]
change_note = "Andra"
publish_at = "week-6 tue 09:00"
[[earlier.differs]]
now = "inom sju dagar"
then = "inom tio dagar"

[[earlier]]
change_note = "Första"
publish_at = "week-9 tue 09:00"
[[earlier.differs]]
now = "inom tio dagar"
then = "snarast"
[[earlier.differs]]
step = "steget"
field = "days"
then = [8]

[[steps]]
anchor = "steget"
title = "Steget"
text = "<p>Gör det.</p>"
days = [8, 15]
+++
<h2 id="nar">När</h2><p>Svara inom sju dagar.</p>
"""
FILE = "pages/provsida.html"


@pytest.fixture
def pack(small_pack):
    write(small_pack, FILE, PAGE)
    return small_pack


def test_earlier_versions_come_before_the_one_of_today(pack, client):
    load_pack(pack)

    rows = PageVersion.objects.filter(page__slug="provsida").order_by("number")
    assert [
        (
            row.number,
            timezone.localtime(row.publish_at).date(),
            row.change_note,
            row.is_major,
            row.reviewer,
            row.body.partition("Svara ")[2],
            row.steps.get().days,
        )
        for row in rows
    ] == [
        (1, date(2026, 9, 22), "Första", False, None, "snarast.</p>", [8]),
        (2, date(2026, 10, 13), "Andra", False, None, "inom tio dagar.</p>", [8, 15]),
        (3, date(2026, 11, 3), "Tredje", True, None, "inom sju dagar.</p>", [8, 15]),
    ]
    assert len({row.steps.get().uuid for row in rows}) == 1
    difference = client.get("/provsida/versioner/1..3/").content.decode()
    assert "<del" in difference
    assert "snarast" in difference
    before = everything()
    assert load_pack(pack).changed is False
    assert everything() == before


def test_a_dump_has_the_earlier_versions_but_not_what_is_hidden(pack, tmp_path):
    load_pack(pack)
    rows = PageVersion.objects.filter(page__slug="provsida")
    rows.filter(number=1).update(suppressed_at=timezone.now(), suppress_reason="Fel.")

    dump_pack(tmp_path / "ut", name="ut")

    text = (tmp_path / "ut" / FILE).read_text(encoding="utf-8")
    table = earlier_tables(tomllib.loads(text.split("+++\n")[1]))
    assert [(row["number"], row["change_note"]) for row in table] == [(2, "Andra")]
    assert "inom tio dagar" in table[0]["body"]
    assert "snarast" not in text


def test_a_page_that_is_here_already_keeps_its_own_history(pack):
    load_pack(pack)
    replace(pack, FILE, "Svara inom sju", "Svara alltid inom sju")

    load_pack(pack)

    assert [number for number, _ in versions("provsida")] == [1, 2, 3, 4]


ONCE = "ska stå en gång på sidan, men står"
KINDS = "skriv now och then, eller field och then, med step för ett steg"
MOMENT = "publish_at ska vara ett klockslag före nästa versions"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('now = "inom sju dagar"', 'now = "x y z"', f"earlier 1: ”x y z” {ONCE} 0"),
        ('now = "inom sju dagar"', 'now = "<"', f"earlier 1: ”<” {ONCE} 6"),
        ('now = "inom sju dagar"', "now = 3", f"earlier 1: {KINDS}"),
        ('step = "steget"', 'step = "annat"', "earlier 2: steget annat finns inte på sidan"),
        ('field = "days"', 'field = "uuid"', f"earlier 2: {KINDS}"),
        ('note = "Andra"', 'notes = "Andra"', "earlier 1: okända fält change_notes"),
        ("week-6 tue 09:00", "week-2 tue 09:00", f"earlier 1: {MOMENT}"),
        ("week-6 tue 09:00", "today-40d", f"earlier 1: {MOMENT}"),
    ],
)
def test_an_earlier_version_with_a_fault(pack, old, new, fault):
    replace(pack, FILE, old, new)

    assert rejected(pack) == [f"{FILE}: {fault}."]


def test_earlier_that_is_no_table(pack):
    text = PAGE.partition("[[earlier]]")[0] + 'earlier = "x"\n+++\n<p>Text.</p>\n'
    write(pack, FILE, text)

    assert rejected(pack) == [f"{FILE}: skriv varje tidigare version som [[earlier]]."]
