"""load_content and dump_content: what they say, and when they stop."""

import pytest
from django.core.management import CommandError, call_command

from guidance.models import Page
from organisation.models import Profession, Role
from portal.packs.models import Pack
from tests.conftest import NOW
from tests.factories import make_version

from .folders import add_to_page, files, role, write


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
