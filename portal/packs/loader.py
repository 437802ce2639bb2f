"""A content pack into the database: all of it or nothing, and never over an editor's work."""

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from followup.demo import demo_measurements
from followup.models import Measurement, Release
from followup.releasing import release_everything
from guidance.models import Page, PageVersion, ProcessStep
from guidance.rendering import render_pages
from guidance.unused_files import remove_unused, stored_files
from portal.audit.models import Action
from portal.audit.notes import as_one
from portal.publishing.models import VersionState

from .dates import absolute
from .earlier import as_first, earlier_tables
from .files import PackFileRefused, with_files
from .invented import files_left_out, taken
from .measurements import read_measurements, stored_measurements
from .models import Pack, PackEntry
from .nouns import NOUNS, Noun, find_row
from .pages import (
    PAGE_FIELDS,
    STEP_FIELDS,
    VERSION_FIELDS,
    dump_page,
    latest_version,
    read_page,
    step_uuid,
)
from .rows import RowWriter, is_tables

LONGEST_KEY = 200


class PackRejected(Exception):
    """The pack has faults; `errors` says them all, in Swedish, with file and row."""

    def __init__(self, errors: list[str]):
        self.errors = errors
        super().__init__("\n".join(errors))


@dataclass
class LoadReport:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.added or self.updated)


def digest(value) -> str:
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def load_pack(folder: Path, *, on: date | None = None) -> LoadReport:
    """Load a content pack; a second load of the same pack changes nothing.

    folder  holds pack.toml, a TOML file a noun, and pages/<slug>.html
    on      the day that relative dates count from at the first load (default today)

    A row whose pack text is new is updated, unless somebody has edited it since the last
    load: then a page gets the pack's text as a draft, and any other row is left as it is
    and named in the report. What the pack calls invented is left out where the data is real
    (PORTAL_DEMO_DATA=0). Raises PackRejected with every fault, storing nothing.
    """
    with as_one(Action.IMPORT, "packs.pack") as facts:
        load = _Load(folder, on)
        report = load.run()
        if report.changed:
            facts |= {"pack": load.pack.pk, "new": report.added, "changed": report.updated}
    return report


class _Load:
    def __init__(self, folder, on):
        self.folder = folder
        self.errors = []
        self.report = LoadReport()
        self.touched = []  # (entry, row, dump)
        self.settings = self._toml("pack.toml")
        name = self.settings.get("name")
        if not self.errors and not (isinstance(name, str) and 0 < len(name) <= 80):
            self.errors.append("pack.toml: name ska vara paketets namn, högst 80 tecken.")
        try:
            self.report.left_out = files_left_out(self.settings, [noun.file for noun in NOUNS])
        except ValueError as fault:
            self.errors.append(f"pack.toml: {fault}.")
        if self.errors:
            raise PackRejected(self.errors)
        self.pack, _ = Pack.objects.get_or_create(
            name=name, defaults={"first_loaded_on": on or timezone.localdate()}
        )
        self.rows = RowWriter(name, self.errors)
        self.entries = {(e.noun, e.key): e for e in self.pack.entries.all()}
        self.seen = set()
        self.files_before = stored_files()

    def run(self):
        known = {"pack.toml", *(f"{noun.file}.toml" for noun in NOUNS)}
        unknown = {path.name for path in self.folder.glob("*.toml")} - known
        self.errors.extend(f"{name}: okänd fil." for name in sorted(unknown))
        self._nouns(after_pages=False)
        for path in sorted((self.folder / "pages").glob("*.html"), key=self._sections_first):
            self._page(path)
        self._nouns(after_pages=True)
        self.rows.set_references()
        # After the references: which units an indicator compares is one of them.
        self._measurements()
        if self.errors:
            raise PackRejected(self.errors)
        if self.report.changed:
            render_pages()
        self._remember()
        # A file is gone for good, so not before all of the load is stored.
        transaction.on_commit(partial(remove_unused, self.files_before))
        return self.report

    def _nouns(self, *, after_pages):
        for noun in NOUNS:
            if noun.after_pages == after_pages:
                for where, table in self._tables(noun):
                    self._row(noun, table, where)

    # -- reading ---------------------------------------------------------------------

    def _toml(self, name):
        """A file as a table; empty, with an error that says why, when it cannot be read."""
        try:
            return tomllib.loads((self.folder / name).read_text(encoding="utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            self.errors.append(f"{self.folder / name}: filen finns inte.")
        except UnicodeDecodeError:
            self.errors.append(f"{name}: filen är inte sparad som UTF-8.")
        except tomllib.TOMLDecodeError as fault:
            self.errors.append(f"{name}: filen kan inte läsas som TOML ({fault}).")
        return {}

    def _tables(self, noun):
        """A noun's tables, with where each stands: its key, or its number if it has none."""
        name = f"{noun.file}.toml"
        wanted = noun.file not in self.report.left_out and (self.folder / name).exists()
        found = self._toml(name) if wanted else {}
        unknown = found.keys() - {noun.name}
        if unknown:
            self.errors.append(
                f"{name}: okänt namn {', '.join(sorted(unknown))}; varje rad heter [[{noun.name}]]."
            )
        tables = found.get(noun.name, [])
        if not is_tables(tables):
            self.errors.append(f"{name}: skriv varje rad som [[{noun.name}]].")
            return
        for number, table in enumerate(tables, start=1):
            where = f"{name}, {noun.key_of(table).strip('|') or f'rad {number}'}"
            kept = taken(table)
            dated = kept and self._dated(kept, where)
            if dated is not None:
                yield where, dated

    def _dated(self, table, where):
        try:
            return with_files(absolute(table, self.pack.first_loaded_on), self.folder)
        except PackFileRefused as fault:
            self.errors.append(f"{where}: {fault}")
            return None
        except (ValueError, OverflowError) as fault:
            self.errors.append(f"{where}: ett datum kan inte räknas ut ({fault}).")
            return None

    def _sections_first(self, path):
        try:
            return ("parent" in read_page(path), path.name)
        except (ValueError, tomllib.TOMLDecodeError):
            return (False, path.name)

    # -- what to do with a row ---------------------------------------------------------

    def _verdict(self, noun_name, key, table, row, dump):
        """ "add", "update", "edited" or "same", and the entry that remembers the load."""
        key = key[:LONGEST_KEY]
        entry = self.entries.get((noun_name, key))
        source = digest(table)
        if entry is None:
            entry = PackEntry(pack=self.pack, noun=noun_name, key=key)
            verdict = "add" if row is None else "edited"
        elif entry.source_digest == source:
            return "same", entry
        elif row is None or digest(dump(row)) != entry.stored_digest:
            verdict = "edited"
        else:
            verdict = "update"
        entry.source_digest = source
        return verdict, entry

    def _row(self, noun: Noun, table, where):
        self.rows.check_names(table, {*noun.fields, *noun.children}, where)
        key = noun.key_of(table)
        if (noun.name, key) in self.seen:
            self.errors.append(f"{where}: står två gånger.")
            return
        self.seen.add((noun.name, key))
        try:
            row = noun.find(table)
        except (ValidationError, ValueError, TypeError):
            row = None  # a key that is no date or number: the row's check says so
        verdict, entry = self._verdict(noun.name, key, table, row, noun.dump)
        if verdict == "same":
            self.report.unchanged += 1
            return
        if verdict == "edited":
            self.report.kept.append(where)
            entry.stored_digest = entry.stored_digest or "edited"
            self.touched.append((entry, None, None))
            return
        row = row or noun.model()
        stored = self.rows.fill(row, noun.fields, table, where)
        for name, child_fields in noun.children.items():
            self.rows.children(row, name, child_fields, table.get(name, []), where, stored)
        self._count(verdict)
        self.touched.append((entry, row, noun.dump))

    def _count(self, verdict):
        if verdict == "add":
            self.report.added += 1
        else:
            self.report.updated += 1

    # -- pages -------------------------------------------------------------------------

    def _page(self, path):
        where = f"pages/{path.name}"
        try:
            table = read_page(path)
        except UnicodeDecodeError:
            self.errors.append(f"{where}: filen är inte sparad som UTF-8.")
            return
        except (ValueError, tomllib.TOMLDecodeError) as fault:
            self.errors.append(f"{where}: sidans huvud kan inte läsas ({fault}).")
            return
        kept = taken(table)
        if kept and table.get("earlier") and not kept["earlier"]:
            kept = as_first(kept)
        table = kept and self._dated(kept, where)
        if table is None:
            return
        self.rows.check_names(table, {*PAGE_FIELDS, *VERSION_FIELDS, "steps", "earlier"}, where)
        page = find_row(Page, table["slug"])
        verdict, entry = self._verdict("page", table["slug"], table, page, dump_latest)
        if verdict == "same":
            self.report.unchanged += 1
            return
        if verdict == "edited" and page is None:
            self.report.kept.append(where)
            self.touched.append((entry, None, None))
            return
        page = page or Page()
        stored = verdict == "edited" or self.rows.fill(page, PAGE_FIELDS, table, where)
        self._versions(page, table, where, edited=verdict == "edited", stored=stored)
        if verdict == "edited":
            self.report.drafts.append(where)
            self.touched.append((entry, None, None))
            return
        self._count(verdict)
        self.touched.append((entry, page, dump_latest))

    def _versions(self, page, table, where, *, edited, stored):
        """The pack's version of a page, after those that it tells came before when the page is
        new here: one that is not has a history of its own. The pack's numbers and times, too,
        are for a new page."""
        is_new = not stored or latest_version(page) is None
        try:
            earlier = earlier_tables(table)
        except ValueError as fault:
            self.errors.append(f"{where}: {fault}.")
            return
        for each in [*(earlier if is_new else []), table]:
            self._version(page, each, where, edited=edited, stored=stored, is_new=is_new)

    def _version(self, page, table, where, *, edited, stored, is_new):
        """A page's version and its steps, numbered after the page's latest."""
        latest = latest_version(page) if stored else None
        own = {name: table.get(name) for name in ("number", "publish_at")} if is_new else {}
        version = PageVersion(page=page)
        texts = {
            **table,
            "number": own.get("number") or (latest.number + 1 if latest else 1),
            "publish_at": own.get("publish_at") or timezone.now().replace(microsecond=0),
            "state": VersionState.DRAFT if edited else table.get("state", VersionState.APPROVED),
        }
        below = "" if stored else "page"
        stored = self.rows.fill(version, VERSION_FIELDS, texts, where, below=below)
        steps = table.get("steps", [])
        if not is_tables(steps):
            self.errors.append(f"{where}: skriv varje steg som [[steps]].")
            return
        for position, step in enumerate(steps, start=1):
            place = f"{where}, steg {step.get('anchor', position)}"
            self.rows.check_names(step, STEP_FIELDS, place)
            identity = step_uuid(page, step.get("anchor", ""))
            row = ProcessStep(version=version, position=position, uuid=identity)
            self.rows.fill(row, STEP_FIELDS, step, place, below="" if stored else "version")

    # -- measurements -------------------------------------------------------------------

    def _measurements(self):
        """All values as one entry: a file of them, or made by the seeded generator."""
        path = self.folder / "measurements.csv"
        recipe = taken(self.settings.get("measurements"))
        if not path.exists() and not recipe:
            return
        if path.exists():
            table = {"file": path.read_bytes().decode("utf-8-sig", errors="replace")}
        elif isinstance(recipe, dict) and all(
            isinstance(recipe.get(name), int) for name in ("seed", "years")
        ):
            table = recipe
        else:
            self.errors.append("pack.toml, measurements: seed och years ska vara heltal.")
            return
        stored = Measurement.objects.exists() or None
        verdict, entry = self._verdict("measurement", "all", table, stored, stored_measurements)
        if verdict == "same":
            self.report.unchanged += 1
            # Values from before there were releases.
            if not Release.objects.exists():
                release_everything()
            return
        if verdict == "edited":
            self.report.kept.append("mätvärden")
            self.touched.append((entry, None, None))
            return
        if path.exists():
            rows = read_measurements(table["file"], self.errors)
        else:
            rows = demo_measurements(
                seed=recipe["seed"],
                last_year=self.pack.first_loaded_on.year - 1,
                years=recipe["years"],
            )
        if self.errors:
            return
        Measurement.objects.all().delete()
        Measurement.objects.bulk_create(rows, batch_size=500)
        # What a pack brings replaces what it brought before, and is let out as it comes.
        Release.objects.all().delete()
        release_everything()
        self._count(verdict)
        self.touched.append((entry, True, stored_measurements))

    # -- remembering ---------------------------------------------------------------------

    def _remember(self):
        for entry, row, dump in self.touched:
            if row is not None:
                fresh = (
                    row._meta.model._default_manager.get(pk=row.pk)
                    if isinstance(row, models.Model)
                    else row
                )
                entry.stored_digest = digest(dump(fresh))
            entry.save()


def dump_latest(page):
    """What a page is compared by. A draft or a version that waits is an editor's work too."""
    return dump_page(page, latest_version(page))
