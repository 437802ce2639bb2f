"""What the backup's file refuses: whatever is not a backup of ours, whole and unchanged."""

import hashlib
import json
import stat
import zipfile

import pytest

from portal.operation.archive import (
    BackupRefused,
    document_member,
    new_archive,
    open_archive,
    read_documents,
    read_lines,
    table_member,
)

LINES = b'[1,"Norrg\xc3\xa5rden"]\n[2,null]\n'
CONTENT = b"%PDF-1.7 en rutin"
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()
NAME = f"{CHECKSUM[:2]}/{CHECKSUM}"
TABLE = {
    "label": "organisation.unit",
    "fields": ["id", "name"],
    "rows": 2,
    "bytes": len(LINES),
    "sha256": hashlib.sha256(LINES).hexdigest(),
}


def manifest(**changes):
    return {
        "format": "portal-backup",
        "version": 1,
        "made_at": "2026-11-23T09:00:00+01:00",
        "migrations": [["organisation", "0001_initial"]],
        "tables": [TABLE],
        "documents": [[NAME, len(CONTENT)]],
        "missing_documents": [],
        "last_ids": {"organisation.unit": 7},
        **changes,
    }


def written(path, *, told=None, members=None):
    """A file with a manifest and these members: [(name or ZipInfo, content)]."""
    ours = [(table_member("organisation.unit"), LINES), (document_member(NAME), CONTENT)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ours if members is None else members:
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest() if told is None else told))
    return path


def read_all(path, folder):
    with open_archive(path) as (archive, told):
        rows = [row for table in told["tables"] for row in read_lines(archive, table)]
        return rows, read_documents(archive, told, folder)


def test_reads_what_is_whole(tmp_path):
    path = written(tmp_path / "a.zip")

    assert read_all(path, tmp_path / "documents") == ([[1, "Norrgården"], [2, None]], 1)
    assert (tmp_path / "documents" / NAME).read_bytes() == CONTENT


def test_file_has_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"kopian fr\xc3\xa5n ig\xc3\xa5r")
    with pytest.raises(TypeError), new_archive(path) as archive:
        archive.writestr("manifest.json", None)

    assert path.read_bytes() == b"kopian fr\xc3\xa5n ig\xc3\xa5r"
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]
    with new_archive(path) as archive:
        archive.writestr("manifest.json", "{}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99, -1])
def test_refuses_what_is_cut_off(tmp_path, kept):
    path = written(tmp_path / "a.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])

    with pytest.raises(
        BackupRefused, match=r"ingen säkerhetskopia från portalen, eller .* avklippt"
    ):
        read_all(path, tmp_path)


def test_refuses_a_foreign_file(tmp_path):
    text, foreign, other = tmp_path / "a.txt", tmp_path / "b.zip", tmp_path / "c.zip"
    text.write_text("Detta är ett brev.")
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("brev.txt", "hej")
    written(other, told={"format": "something-else"})

    for path in (text, foreign, other):
        with pytest.raises(BackupRefused, match="ingen säkerhetskopia från portalen"):
            read_all(path, tmp_path)
    with pytest.raises(BackupRefused, match="Filen kan inte läsas"):
        read_all(tmp_path / "saknas.zip", tmp_path)


def test_refuses_a_format_of_later(tmp_path):
    path = written(tmp_path / "a.zip", told=manifest(version=2))

    with pytest.raises(BackupRefused, match=r"ett format som den här versionen .* inte läser"):
        read_all(path, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x", "/etc/passwd", "documents/../../x", "tables/a.b.jsonl", "x\x01y", "å"],
)
def test_refuses_a_member_that_does_not_belong(tmp_path, name):
    members = [(table_member("organisation.unit"), LINES), (document_member(NAME), CONTENT)]
    path = written(tmp_path / "a.zip", members=[*members, (name, b"x")])
    (tmp_path / "inside").mkdir()

    with pytest.raises(BackupRefused, match="något som inte hör dit"):
        read_all(path, tmp_path / "inside")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.zip", "inside"]


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", f"{CHECKSUM[:2]}/../{CHECKSUM}", "/etc/passwd", "", NAME.upper()],
)
def test_refuses_a_document_that_is_named_otherwise(tmp_path, name):
    told = manifest(documents=[[name, 1]])
    members = [(table_member("organisation.unit"), LINES), (document_member(name), b"x")]
    path = written(tmp_path / "a.zip", told=told, members=members)

    with pytest.raises(BackupRefused, match="innehållsförteckningen stämmer inte"):
        read_all(path, tmp_path)


def test_refuses_a_link_and_a_folder(tmp_path):
    link = zipfile.ZipInfo(document_member(NAME))
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    members = [(table_member("organisation.unit"), LINES), (link, CONTENT)]
    path = written(tmp_path / "a.zip", members=members)

    with pytest.raises(BackupRefused, match="något annat än filer"):
        read_all(path, tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_what_is_there_twice(tmp_path):
    ours = [(table_member("organisation.unit"), LINES), (document_member(NAME), CONTENT)]
    path = written(tmp_path / "a.zip", members=[*ours, ours[0]])

    with pytest.raises(BackupRefused, match="finns i den två gånger"):
        read_all(path, tmp_path)


def test_refuses_what_lacks_a_part(tmp_path):
    path = written(tmp_path / "a.zip", members=[(table_member("organisation.unit"), LINES)])

    with pytest.raises(BackupRefused, match=f"documents/{NAME} saknas"):
        read_all(path, tmp_path)


def test_refuses_content_that_is_another(tmp_path):
    other = LINES.replace(b"Norr", b"Stor")
    members = [(table_member("organisation.unit"), other), (document_member(NAME), CONTENT)]
    rows = written(tmp_path / "a.zip", members=members)
    members = [(table_member("organisation.unit"), LINES), (document_member(NAME), CONTENT[::-1])]
    document = written(tmp_path / "b.zip", members=members)

    with pytest.raises(BackupRefused, match=r"organisation.unit.jsonl stämmer inte med sin"):
        read_all(rows, tmp_path / "documents")
    with pytest.raises(BackupRefused, match=r"dokumentet .* stämmer inte med sin kontrollsumma"):
        read_all(document, tmp_path / "documents")
    assert [each for each in (tmp_path / "documents").rglob("*") if each.is_file()] == []


def test_refuses_more_than_was_told(tmp_path):
    """A member that unpacks to a thousand times its size is never unpacked."""
    bomb = b"[1]\n" * 5_000_000
    members = [(table_member("organisation.unit"), bomb), (document_member(NAME), CONTENT)]
    path = written(tmp_path / "a.zip", members=members)

    assert path.stat().st_size < 100_000
    with pytest.raises(BackupRefused, match="har fel storlek"):
        read_all(path, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"tables": None},
        {"tables": [{**TABLE, "label": "../x"}]},
        {"tables": [{**TABLE, "rows": -1}]},
        {"tables": [{**TABLE, "rows": True}]},
        {"tables": [{**TABLE, "bytes": 1 << 70}]},
        {"tables": [{**TABLE, "sha256": "x"}]},
        {"tables": [{**TABLE, "fields": "id"}]},
        {"documents": [[NAME]]},
        {"documents": {}},
        {"migrations": [["organisation"]]},
        {"last_ids": {"organisation.unit": "7; DROP TABLE x"}},
        {"last_ids": []},
        {"made_at": None},
    ],
)
def test_refuses_a_manifest_of_another_shape(tmp_path, changes):
    path = written(tmp_path / "a.zip", told=manifest(**changes))

    with pytest.raises(BackupRefused, match="innehållsförteckningen stämmer inte"):
        read_all(path, tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[1", "null", "[]", "\ud800", "[" * 100_000])
def test_refuses_a_manifest_that_is_none(tmp_path, text):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", text.encode("utf-8", "surrogatepass"))

    with pytest.raises(BackupRefused, match="Filen är "):
        read_all(path, tmp_path)


def test_any_changed_byte_of_the_content_is_noticed(tmp_path):
    path = written(tmp_path / "a.zip")
    whole = path.read_bytes()
    begin = whole.index(b"PK", 10)
    for at in range(30, begin, 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with pytest.raises(BackupRefused):
            read_all(path, tmp_path / f"{at}")
