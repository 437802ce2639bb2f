"""A content pack into the database: all of it or nothing, and never over an editor's work."""

import hashlib
import json
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils import timezone

from followup.demo import demo_measurements
from followup.models import Measurement
from guidance.actions import render_live_pages
from guidance.models import Page

from .dates import absolute
from .measurements import read_measurements, stored_measurements
from .models import Pack, PackEntry
from .nouns import NOUNS, Noun, reference_field
from .pages import (
    APPROVED,
    DRAFT,
    PAGE_FIELDS,
    add_steps,
    current_version,
    dump_page,
    new_version,
    read_page,
)


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
    and named in the report. Raises PackRejected with every fault, storing nothing.
    """
    return _Load(folder, on).run()


class _Load:
    def __init__(self, folder, on):
        self.folder = folder
        self.errors = []
        self.report = LoadReport()
        self.deferred = []  # (row, field, keys, where)
        self.touched = []  # (entry, row, dump)
        settings = tomllib.loads(self._text("pack.toml"))
        self.settings = settings
        self.pack, _ = Pack.objects.get_or_create(
            name=settings["name"], defaults={"first_loaded_on": on or timezone.localdate()}
        )
        self.entries = {(e.noun, e.key): e for e in self.pack.entries.all()}
        self.by_key = defaultdict(dict)

    def run(self):
        for noun in NOUNS:
            for table in self._tables(noun):
                self._row(noun, table)
        for path in sorted((self.folder / "pages").glob("*.html"), key=self._sections_first):
            self._page(path)
        self._set_references()
        # After the references: which units an indicator compares is one of them.
        self._measurements()
        if self.errors:
            raise PackRejected(self.errors)
        if self.report.changed:
            render_live_pages()
        self._remember()
        return self.report

    # -- reading ---------------------------------------------------------------------

    def _text(self, name):
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise PackRejected([f"{self.folder / name}: filen finns inte."]) from None

    def _tables(self, noun):
        path = self.folder / f"{noun.file}.toml"
        if not path.exists():
            return []
        try:
            tables = tomllib.loads(self._text(path.name)).get(noun.name, [])
        except tomllib.TOMLDecodeError as fault:
            self.errors.append(f"{path.name}: filen kan inte läsas som TOML ({fault}).")
            return []
        return [absolute(table, self.pack.first_loaded_on) for table in tables]

    def _sections_first(self, path):
        try:
            return ("parent" in read_page(path), path.name)
        except (ValueError, tomllib.TOMLDecodeError):
            return (False, path.name)

    # -- what to do with a row ---------------------------------------------------------

    def _verdict(self, noun_name, key, table, row, dump):
        """ "add", "update", "edited" or "same", and the entry that remembers the load."""
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

    def _row(self, noun: Noun, table):
        where = f"{noun.file}.toml, {noun.key_of(table)}"
        unknown = set(table) - set(noun.fields) - set(noun.children)
        if unknown:
            self.errors.append(f"{where}: okända fält {', '.join(sorted(unknown))}.")
            return
        row = noun.find(table)
        verdict, entry = self._verdict(noun.name, noun.key_of(table), table, row, noun.dump)
        if verdict == "same":
            self.report.unchanged += 1
            return
        if verdict == "edited":
            self.report.kept.append(where)
            entry.stored_digest = entry.stored_digest or "edited"
            self.touched.append((entry, None, None))
            return
        row = row or noun.model()
        if not self._fill(row, noun.fields, table, where):
            return
        for name, child_fields in noun.children.items():
            self._children(row, name, child_fields, table.get(name, []), where)
        self._count(verdict)
        self.touched.append((entry, row, noun.dump))

    def _count(self, verdict):
        if verdict == "add":
            self.report.added += 1
        else:
            self.report.updated += 1

    def _fill(self, row, names, table, where):
        """Set and save a row's own fields; references to rows not yet there wait."""
        later = []
        for name in names:
            target = row._meta.get_field(name)
            value = table.get(name)
            if target.many_to_many:
                later.append((name, value or []))
            elif target.is_relation:
                found = value and self._find(target.related_model, value)
                setattr(row, name, found or None)
                if value and not found:
                    later.append((name, value))
            else:
                setattr(row, name, target.get_default() if value is None else value)
        try:
            row.full_clean()
        except ValidationError as fault:
            self.errors.extend(f"{where}: {message}" for message in messages(fault))
            return False
        row.save()
        self.deferred.extend((row, name, value, where) for name, value in later)
        return True

    def _children(self, row, name, names, tables, where):
        relation = row._meta.get_field(name)
        getattr(row, name).all().delete()
        for position, table in enumerate(tables):
            child = relation.related_model(**{relation.field.name: row})
            self._fill(
                child,
                names,
                {"position": position, **table} if "position" in names else table,
                f"{where}, {name} {position + 1}",
            )

    def _find(self, model, key):
        known = self.by_key[model]
        if key not in known:
            lookup = {reference_field(model): key}
            known[key] = model._default_manager.filter(**lookup).first()
            if known[key] is None:
                del known[key]
                return None
        return known[key]

    def _set_references(self):
        for row, name, value, where in self.deferred:
            target = row._meta.get_field(name)
            keys = value if isinstance(value, list) else [value]
            found = [self._find(target.related_model, key) for key in keys]
            missing = [key for key, each in zip(keys, found, strict=True) if each is None]
            if missing:
                self.errors.append(
                    f"{where}: {name} pekar på {', '.join(missing)}, som inte finns."
                )
            elif target.many_to_many:
                getattr(row, name).set(found)
            else:
                setattr(row, name, found[0])
                row.save(update_fields=[name])

    # -- pages -------------------------------------------------------------------------

    def _page(self, path):
        where = f"pages/{path.name}"
        try:
            table = absolute(read_page(path), self.pack.first_loaded_on)
        except (ValueError, tomllib.TOMLDecodeError) as fault:
            self.errors.append(f"{where}: sidans huvud kan inte läsas ({fault}).")
            return
        page = Page.objects.filter(slug=table["slug"]).first()
        verdict, entry = self._verdict("page", table["slug"], table, page, dump_current)
        if verdict == "same":
            self.report.unchanged += 1
            return
        if page is None:
            page = Page()
        if verdict == "edited" and page.pk is None:
            self.report.kept.append(where)
            self.touched.append((entry, None, None))
            return
        if verdict != "edited" and not self._fill(page, PAGE_FIELDS, table, where):
            return
        state = DRAFT if verdict == "edited" else APPROVED
        if page.versions.exists():
            # The number is the next one here; the pack's own counts in an empty database.
            table = {**table, "number": None, "publish_at": None}
        version = new_version(page, table, state=state)
        self.deferred.extend(
            (version, name, table.get(name, []), where) for name in ("laws", "documents")
        )
        for step, step_table in add_steps(version, table.get("steps", [])):
            self.deferred.extend(
                (step, name, step_table.get(name, []), f"{where}, steg {step.anchor}")
                for name in ("responsible", "informed", "laws", "documents")
            )
        if verdict == "edited":
            self.report.drafts.append(where)
            self.touched.append((entry, None, None))
            return
        self._count(verdict)
        self.touched.append((entry, page, dump_current))

    # -- measurements -------------------------------------------------------------------

    def _measurements(self):
        """All values as one entry: a file of them, or made by the seeded generator."""
        path = self.folder / "measurements.csv"
        recipe = self.settings.get("measurements")
        if not path.exists() and not recipe:
            return
        table = {"file": path.read_text(encoding="utf-8")} if path.exists() else recipe
        stored = Measurement.objects.exists() or None
        verdict, entry = self._verdict("measurement", "all", table, stored, stored_measurements)
        if verdict == "same":
            self.report.unchanged += 1
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


def dump_current(page):
    return dump_page(page, current_version(page))


def messages(fault: ValidationError) -> list[str]:
    """A row's faults with the field's Swedish name."""
    try:
        return [f"{name}: {text}" for name, texts in fault.message_dict.items() for text in texts]
    except (AttributeError, FieldDoesNotExist):
        return list(fault.messages)
