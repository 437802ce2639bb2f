"""Back up, restore, and prove that a backup can be restored."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.cache import cache
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from portal.caching import stamp
from portal.caching.shared import FAULTS

from . import archive as files
from . import rows
from .archive import BackupRefused
from .models import BackupRun
from .places import make_ready, place_beside, take_the_place

NAME = "portal-{:%Y%m%dT%H%M%S}.zip"


@dataclass
class Outcome:
    path: Path
    rows: int
    documents: int
    # Files that rows name and that are not there, or are not what their name says.
    missing: list[str] = field(default_factory=list)
    checksum: str = ""


def documents_folder() -> Path:
    return Path(storages["documents"].location)


# -- back up --------------------------------------------------------------------------------


def back_up(path: Path, *, keep: int | None = None, say=print) -> Outcome:
    """Writes a backup to a file, or in a folder under a name of the moment; there the latest
    `keep` stay."""
    started_at = timezone.now()
    folder = path if path.is_dir() else None
    if folder:
        path = folder / NAME.format(timezone.localtime())
    with files.new_archive(path) as archive:
        outcome = write_backup(archive, path, started_at, say)
    outcome.checksum = files.checksum_of(path)
    if folder and keep:
        for old in backups_in(folder)[keep:]:
            old.unlink()
    remember(BackupRun.Kind.BACKUP, path, started_at, outcome)
    return outcome


def backups_in(folder: Path) -> list[Path]:
    """Newest first. The names tell the time."""
    return sorted(folder.glob("portal-*.zip"), reverse=True)


def write_backup(archive, path, made_at, say):
    with rows.one_moment() as moment:
        migrations = rows.applied_migrations(moment)
        loader = rows.known_loader(moment, migrations)
        found = rows.models_after(loader, migrations)
        tables, names = [], set()
        say("Skriver databasens rader")
        for model in found:
            label = model._meta.label_lower
            if label in rows.LEFT_OUT:
                continue
            counts = files.write_lines(archive, label, rows.lines_of(model, moment))
            columns = [each.attname for each in rows.fields_of(model)]
            tables.append({"label": label, "fields": columns, **counts})
            names |= rows.document_names(model, moment)
        given = rows.last_ids(found, moment)
    say("Skriver dokumentens filer")
    documents, missing = write_documents(archive, sorted(names))
    manifest = {
        "made_at": made_at.isoformat(),
        "migrations": migrations,
        "tables": tables,
        "last_ids": given,
        "documents": documents,
        "missing_documents": missing,
    }
    files.write_manifest(archive, manifest)
    return Outcome(path, sum(each["rows"] for each in tables), len(documents), missing)


def write_documents(archive, names):
    """Files never change once they have their name, so they may be read after the rows."""
    documents, missing, folder = [], [], documents_folder()
    for name in names:
        whole = files.DOCUMENT.fullmatch(name) and (folder / name).is_file()
        if not whole or files.checksum_of(folder / name) != name[3:]:
            missing.append(name)
            continue
        with (folder / name).open("rb") as file:
            documents.append([name, files.write_document(archive, name, file)])
    return documents, [name for name in missing if files.DOCUMENT.fullmatch(name)]


# -- restore and rehearse -------------------------------------------------------------------


def restore(path: Path, *, to="default", folder: Path | None = None, say=print) -> Outcome:
    """Makes a database what it was when a backup was made. Until the last step nothing of it is
    touched; files are only ever added."""
    started_at = timezone.now()
    folder = folder or documents_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with files.open_archive(path) as (archive, manifest):
        files.check_room(manifest, folder)
        refuse_newer(to, manifest)
        make_ready(to)
        with place_beside(to) as side:
            with rows.in_place_of_default(side):
                outcome = unpack(archive, manifest, side, folder, path, say)
                call_command("migrate", database=side, verbosity=0)
                call_command("createcachetable", database=side, verbosity=0)
            say("Byter ut databasens innehåll")
            take_the_place(side, to, manifest["last_ids"])
    if to == "default":
        # What is kept of pages was made of other rows. Done is done, though a Redis is gone.
        with suppress(*FAULTS):
            cache.clear()
            stamp.move()
        remember(BackupRun.Kind.RESTORE, path, started_at, outcome)
    return outcome


def rehearse(path: Path, *, say=print) -> Outcome:
    """Restores the newest backup to a place of its own, compares every count and checksum, and
    remembers how it went."""
    started_at = timezone.now()
    if path.is_dir():
        if not (found := backups_in(path)):
            fault = BackupRefused("Mappen har ingen säkerhetskopia (portal-….zip).")
            remember(BackupRun.Kind.REHEARSAL, path, started_at, error=str(fault))
            raise fault
        path = found[0]
    try:
        with (
            files.open_archive(path) as (archive, manifest),
            TemporaryDirectory(prefix="portal-rehearsal-") as folder,
        ):
            files.check_room(manifest, folder)
            refuse_newer("default", manifest)
            with place_beside() as side, rows.in_place_of_default(side):
                outcome = unpack(archive, manifest, side, Path(folder), path, say)
    except (BackupRefused, DatabaseError, OSError) as fault:
        remember(BackupRun.Kind.REHEARSAL, path, started_at, error=str(fault))
        raise
    remember(BackupRun.Kind.REHEARSAL, path, started_at, outcome)
    return outcome


def refuse_newer(alias, manifest):
    rows.known_loader(alias, [tuple(node) for node in manifest["migrations"]])


def unpack(archive, manifest, side, folder, path, say):
    """Fills an empty database and a folder from a backup, and compares them with it."""
    migrations = [tuple(node) for node in manifest["migrations"]]
    say("Läser dokumentens filer")
    documents = files.read_documents(archive, manifest, folder)
    say("Gör tabeller vid sidan av")
    executor = MigrationExecutor(connections[side])
    executor.migrate(rows.last_of_each_app(executor.loader, migrations))
    found = rows.models_after(rows.known_loader(side, migrations), migrations)
    say("Läser rader")
    try:
        load_all(archive, manifest, found, side)
    except (DatabaseError, UnicodeError) as fault:
        raise BackupRefused(
            f"Filens rader går inte att läsa in ({type(fault).__name__}: "
            f"{str(fault).splitlines()[0][:150]})."
        ) from None
    say("Jämför med säkerhetskopian")
    compare(manifest, found, side)
    return Outcome(path, sum(each["rows"] for each in manifest["tables"]), documents)


def load_all(archive, manifest, found, side):
    tables = {table["label"]: table for table in manifest["tables"]}
    expected = {model._meta.label_lower for model in found} - rows.LEFT_OUT
    if set(tables) != expected:
        raise BackupRefused("Filen är skadad: den har inte de tabeller som den ska ha.")
    with transaction.atomic(using=side):
        rows.empty(found, side)
        for model in found:
            if table := tables.get(model._meta.label_lower):
                lines = files.read_lines(archive, table)
                rows.load(model, side, table["fields"], lines)
        rows.give_no_number_twice(found, side, manifest["last_ids"])
        connections[side].check_constraints()


def compare(manifest, found, side):
    by_label = {model._meta.label_lower: model for model in found}
    for table in manifest["tables"]:
        counts = rows.measured(by_label[table["label"]], side)
        if any(counts[each] != table[each] for each in ("rows", "sha256")):
            raise BackupRefused(
                f"Återläst {table['label']} är inte som i säkerhetskopian: {counts['rows']} rader "
                f"mot {table['rows']}, eller med annat innehåll."
            )


def remember(kind, path, started_at, outcome=None, error=""):
    counts = {"rows": outcome.rows, "documents": outcome.documents} if outcome else {}
    BackupRun.objects.create(
        kind=kind, file_name=path.name[:200], started_at=started_at, error=error[:300], **counts
    )
