"""A pack's tables into rows: their fields, children and references; every fault is said."""

from collections import defaultdict

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils import timezone

from .files import PackFile
from .nouns import dump_fields, find_row, without_defaults


class RowWriter:
    """Writes the rows of one load.

    pack_name  the reason that stands in the rows' history
    errors     the list to which faults are added, in Swedish, with file and row
    """

    def __init__(self, pack_name: str, errors: list[str]):
        self.pack_name, self.errors = pack_name, errors
        self.started = timezone.now()
        self.deferred = []  # (row, field, keys, where)
        self.by_key = defaultdict(dict)

    def check_names(self, table, names, where):
        unknown = sorted(set(table) - set(names))
        if unknown:
            self.errors.append(f"{where}: okända fält {', '.join(unknown)}.")

    def fill(self, row, names, table, where, *, below=""):
        """Set and save a row's own fields; references to rows not yet there wait.

        below   names the row's relation to one that could not be saved itself: then this
                one is only checked, so that the report has all faults
        Returns whether the row was saved.
        """
        refused = {below} - {""}
        refused |= {name for name in names if not self._set(row, name, table.get(name), where)}
        try:
            row.full_clean(exclude=refused)
        except ValidationError as fault:
            self.errors.extend(f"{where}: {message}" for message in messages(fault))
            return False
        if refused:
            return False
        self._mark(row)
        row.save()
        return True

    def _set(self, row, name, value, where):
        """Whether a field could be set; a reference to a row not yet there waits."""
        target = row._meta.get_field(name)
        if value is not None and (wanted := wanted_kind(target, value)):
            self.errors.append(f"{where}: {name} ska vara {wanted}.")
            return False
        if isinstance(target, models.FileField):
            setattr(row, name, value.opened() if value else "")
        elif target.many_to_many:
            self.deferred.append((row, name, value or [], where))
        elif target.is_relation:
            found = value and self._find(target.related_model, value)
            setattr(row, name, found or None)
            if value and not found:
                if not target.null:
                    self._no_such(where, name, [value])
                    return False
                self.deferred.append((row, name, value, where))
        elif value is not None and hasattr(target, "from_pack"):
            try:
                setattr(row, name, target.from_pack(value))
            except LookupError as fault:
                self._no_such(where, name, [str(fault.args[0])])
                return False
        else:
            setattr(row, name, target.get_default() if value is None else value)
        return True

    def children(self, row, name, names, tables, where, stored):
        relation = row._meta.get_field(name)
        if not is_tables(tables):
            self.errors.append(f"{where}: {name} ska vara en lista av tabeller.")
            return
        if "position" in names:
            tables = [{"position": number, **table} for number, table in enumerate(tables)]
        kept = self._keep_same(row, name, names, tables) if stored else []
        for number, table in enumerate(tables, start=1):
            if number in kept:
                continue
            child = relation.related_model(**{relation.field.name: row})
            place = f"{where}, {name} {number}"
            self.check_names(table, names, place)
            below = "" if stored else relation.field.name
            self.fill(child, names, table, place, below=below)
        self._check_children(row, name, where)

    def set_references(self):
        for row, name, value, where in self.deferred:
            target = row._meta.get_field(name)
            keys = value if isinstance(value, list) else [value]
            found = [self._find(target.related_model, key) for key in keys]
            missing = [key for key, each in zip(keys, found, strict=True) if each is None]
            if missing:
                self._no_such(where, name, missing)
            elif row.pk is None:
                continue  # a row with faults of its own
            elif target.many_to_many:
                getattr(row, name).set(found)
            else:
                setattr(row, name, found[0])
                row.save(update_fields=[name])

    def _check_children(self, row, name, where):
        """What a row has to say of its children together, when all of them are there."""
        check = getattr(row, f"check_{name}", None)
        if check and row.pk:
            try:
                check(getattr(row, name).all())
            except ValidationError as fault:
                self.errors.extend(f"{where}: {message}" for message in fault.messages)

    def _keep_same(self, row, name, names, tables):
        """Deletes the children that a pack says otherwise; the numbers of the tables whose
        children stay as they are, so that history tells only of what changed."""
        kept = []
        for child in getattr(row, name).all():
            stored = dump_fields(child, names)
            for number, table in enumerate(tables, start=1):
                if number not in kept and without_defaults(type(child), table) == stored:
                    kept.append(number)
                    break
            else:
                self._mark(child)
                child.delete()
        return kept

    def _mark(self, row):
        """A load is one moment of history, and its reason is the pack."""
        row._history_date = self.started
        row._change_reason = f"Innehållspaketet {self.pack_name}"

    def _find(self, model, key):
        known = self.by_key[model]
        if found := known.get(key) or find_row(model, key):
            known[key] = found
        return found

    def _no_such(self, where, name, keys):
        self.errors.append(f"{where}: {name} pekar på {', '.join(keys)}, som inte finns.")


def is_tables(value) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def wanted_kind(target: models.Field, value) -> str:
    """What a field's value should be when it is of another kind, or "" when it may pass."""
    if target.many_to_many:
        fits = isinstance(value, list) and all(isinstance(key, str) for key in value)
        return "" if fits else "en lista av texter"
    if isinstance(target, models.JSONField):
        return "" if isinstance(value, list) else "en lista"
    if isinstance(target, models.FileField):
        return "" if isinstance(value, PackFile) else "en fil i paketet, skriven files/namn.odt"
    if isinstance(value, PackFile):
        return "en text som inte börjar med files/"
    if target.is_relation:
        return "" if isinstance(value, str) else "en text"
    if isinstance(value, (list, dict)):
        return "ett enda värde"
    return "utan NUL-tecken" if isinstance(value, str) and "\0" in value else ""


def messages(fault: ValidationError) -> list[str]:
    """A row's faults, each with the name that its field has in the pack."""
    return [
        text if name == NON_FIELD_ERRORS else f"{name}: {text}"
        for name, texts in fault.message_dict.items()
        for text in texts
    ]
