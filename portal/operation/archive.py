"""The backup's file: a zip with a manifest, the tables' rows and the documents' files.

    manifest.json                  what the file holds, with counts and checksums
    tables/guidance.page.jsonl     a row a line, as a list; the manifest names the fields
    documents/3f/3fa9…             a document's file, named by its checksum

A file may come from anybody. Nothing in it is run or named as a path: members have one of the
three names above, what they hold is counted while it is read, and each is held against its
checksum in the manifest. An archive is written beside its name and moved there when it is whole.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

FORMAT = "portal-backup"
VERSION = 1
MANIFEST = "manifest.json"
DOCUMENT = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")
LABEL = re.compile(r"[a-z_]{1,60}\.[a-z0-9_]{1,100}")
CHECKSUM = re.compile(r"[0-9a-f]{64}")
# Bytes; tens of thousands of documents are a few of them.
MOST_MANIFEST = 50_000_000
# A line is a row. The largest row holds a whole file that waits to be read in.
MOST_LINE = 200_000_000
CHUNK = 1 << 20
DAMAGED = "Filen är skadad"


class BackupRefused(Exception):
    """Why a file is not taken for a backup, in Swedish."""


def table_member(label):
    return f"tables/{label}.jsonl"


def document_member(name):
    return f"documents/{name}"


# -- writing --------------------------------------------------------------------------------


@contextmanager
def new_archive(path: Path):
    """An archive that has its name only when all of it is on the disk. Its owner alone reads it."""
    remove_old_parts(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def remove_old_parts(folder: Path):
    """Takes away what backups that were killed have left."""
    for part in folder.glob(".*.part"):
        if time.time() - part.stat().st_mtime > 86_400:
            part.unlink(missing_ok=True)


def sync_folder(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_lines(archive, label, lines) -> dict:
    """Writes a table's lines. Returns their count, size and checksum."""
    digest, rows, size = hashlib.sha256(), 0, 0
    with archive.open(table_member(label), "w", force_zip64=True) as member:
        for line in lines:
            digest.update(line)
            size += len(line)
            rows += 1
            member.write(line)
    return {"rows": rows, "bytes": size, "sha256": digest.hexdigest()}


def write_document(archive, name, file) -> int | None:
    """Writes a document's file. Returns its size; None when its content is not what it says."""
    digest, size = hashlib.sha256(), 0
    information = zipfile.ZipInfo(document_member(name))
    information.compress_type = zipfile.ZIP_STORED
    with archive.open(information, "w", force_zip64=True) as member:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            member.write(chunk)
    return size if digest.hexdigest() == name[3:] else None


def write_manifest(archive, manifest):
    text = json.dumps({"format": FORMAT, "version": VERSION, **manifest}, ensure_ascii=False)
    archive.writestr(MANIFEST, text)


# -- reading --------------------------------------------------------------------------------


@contextmanager
def open_archive(path: Path):
    """(archive, manifest) of a file whose outside is right. Content is checked when it is read."""
    try:
        file = path.open("rb")
    except OSError as fault:
        raise BackupRefused(f"Filen kan inte läsas ({fault.strerror}).") from None
    with file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
            raise BackupRefused(
                "Filen är ingen säkerhetskopia från portalen, eller så är den avklippt."
            ) from None
        with archive:
            manifest = read_manifest(archive)
            check_members(archive, manifest)
            yield archive, manifest


def read_manifest(archive):
    try:
        information = archive.getinfo(MANIFEST)
    except KeyError:
        raise BackupRefused("Filen är ingen säkerhetskopia från portalen.") from None
    if information.file_size > MOST_MANIFEST:
        raise BackupRefused("Filens innehållsförteckning är orimligt stor.")
    try:
        manifest = json.loads(b"".join(chunks(archive, MANIFEST, MOST_MANIFEST)))
    except (ValueError, RecursionError):
        raise BackupRefused(f"{DAMAGED}: innehållsförteckningen kan inte läsas.") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupRefused("Filen är ingen säkerhetskopia från portalen.")
    if manifest.get("version") != VERSION:
        raise BackupRefused(
            "Säkerhetskopian har ett format som den här versionen av portalen inte läser."
        )
    check_manifest(manifest)
    return manifest


def check_manifest(manifest):
    """That a manifest has the shape that ours have, so that nothing after this need ask."""
    good = (
        isinstance(manifest.get("made_at"), str)
        and is_list(manifest.get("migrations"), is_migration)
        and is_list(manifest.get("tables"), is_table)
        and is_list(manifest.get("documents"), is_document)
        and is_list(manifest.get("missing_documents"), is_name)
        and isinstance(manifest.get("last_ids"), dict)
        and all(LABEL.fullmatch(k) and is_count(v) for k, v in manifest["last_ids"].items())
    )
    if not good:
        raise BackupRefused(f"{DAMAGED}: innehållsförteckningen stämmer inte.")


def is_list(value, holds):
    return isinstance(value, list) and all(holds(each) for each in value)


def is_migration(value):
    return is_list(value, lambda part: isinstance(part, str)) and len(value) == 2


def is_table(value):
    return (
        isinstance(value, dict)
        and isinstance(value.get("label"), str)
        and LABEL.fullmatch(value["label"])
        and is_list(value.get("fields"), lambda name: isinstance(name, str))
        and is_count(value.get("rows"))
        and is_count(value.get("bytes"))
        and isinstance(value.get("sha256"), str)
        and CHECKSUM.fullmatch(value["sha256"])
    )


def is_document(value):
    return isinstance(value, list) and len(value) == 2 and is_name(value[0]) and is_count(value[1])


def is_name(value):
    return isinstance(value, str) and DOCUMENT.fullmatch(value)


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def check_members(archive, manifest):
    """That an archive holds what its manifest says: nothing more, nothing less, nothing twice."""
    sizes = {table_member(each["label"]): each["bytes"] for each in manifest["tables"]}
    sizes |= {document_member(name): size for name, size in manifest["documents"]}
    found = [each for each in archive.infolist() if each.filename != MANIFEST]
    names = [each.filename for each in found]
    if strange := sorted(set(names) - set(sizes)):
        raise BackupRefused(f"Filen innehåller något som inte hör dit: {strange[0][:80]!r}.")
    twice = len(names) != len(set(names)) or len(archive.infolist()) != len(found) + 1
    if twice or len(sizes) != len(manifest["tables"]) + len(manifest["documents"]):
        raise BackupRefused(f"{DAMAGED}: något finns i den två gånger.")
    if lacking := sorted(set(sizes) - set(names)):
        raise BackupRefused(f"{DAMAGED}: {lacking[0]} saknas.")
    for each in found:
        kind = stat.S_IFMT(each.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or each.is_dir() or each.flag_bits & 1:
            raise BackupRefused(f"Filen innehåller något annat än filer: {each.filename}.")
        if each.file_size != sizes[each.filename]:
            raise BackupRefused(f"{DAMAGED}: {each.filename} har fel storlek.")


def chunks(archive, member, most):
    """A member's content in parts, never more than it may be."""
    left = most
    try:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise BackupRefused(f"{DAMAGED}: {member} är större än den ska vara.")
                yield chunk
    # zlib and struct have faults of their own for what is no deflated data or no header.
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError, NotImplementedError, ValueError):
        raise BackupRefused(f"{DAMAGED}: {member} kan inte läsas.") from None


def read_lines(archive, table):
    """A table's rows as lists; at the end its count and checksum are held against the manifest."""
    member, digest, rows, rest = table_member(table["label"]), hashlib.sha256(), 0, b""
    for chunk in chunks(archive, member, table["bytes"]):
        digest.update(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MOST_LINE:
            raise BackupRefused(f"{DAMAGED}: {member} har en orimligt lång rad.")
        for line in lines:
            rows += 1
            yield row_of(line, member, len(table["fields"]))
    if rest or rows != table["rows"] or digest.hexdigest() != table["sha256"]:
        raise BackupRefused(f"{DAMAGED}: {member} stämmer inte med sin kontrollsumma.")


def row_of(line, member, width):
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, list) or len(row) != width:
        raise BackupRefused(f"{DAMAGED}: {member} har en rad som inte kan läsas.")
    return row


def read_documents(archive, manifest, folder: Path) -> int:
    """Puts the documents' files in a folder, those that are not already there. Returns how many
    there are."""
    for name, size in manifest["documents"]:
        target = folder / name
        if not (target.is_file() and checksum_of(target) == name[3:]):
            read_document(archive, name, size, target)
    return len(manifest["documents"])


def read_document(archive, name, size, target):
    """A file has its name only when it is whole, so that nobody ever meets half of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        with part.open("wb") as file:
            for chunk in chunks(archive, document_member(name), size):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != name[3:]:
            raise BackupRefused(f"{DAMAGED}: dokumentet {name} stämmer inte med sin kontrollsumma.")
        part.chmod(0o640)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def checksum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_room(manifest, *folders):
    """That there is room for what a file holds, unpacked, before anything is written."""
    tables = sum(each["bytes"] for each in manifest["tables"])
    documents = sum(size for _, size in manifest["documents"])
    for folder in folders:
        # A database takes about twice its rows, with their indexes.
        if shutil.disk_usage(folder).free < 2 * tables + documents:
            raise BackupRefused(
                f"Det finns inte plats på disken för det som filen innehåller "
                f"({(2 * tables + documents) / 1e6:.0f} MB)."
            )
