"""Two editors on one form: what each has changed, and both brought together.

Everything is compared as what a browser sends, so that what an editor typed survives even
when it is wrong, and so that the outcome can be saved by the same form as always. A state
is what a form and its inlines hold:

    {"fields": {"title": "Chef"},
     "rows": {"duties": {"12": {"name": "Kallar till möte", "fields": {"text": "Kallar …"}}}}}
"""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from .values import readable_as_sent

MOST_ROWS = 1000  # as Django's own limit for an inline
THEIRS, MINE = "theirs", "mine"
UNKNOWN_BASE = "okänt"
NO_ROW = "raden finns inte"


class Shape:
    """The fields of a form and its inlines, which states are read from and written to.

    The forms hold the row as it is stored. Files are no part of it: browsers do not send
    them twice, so the page asks for them again, and they follow their rows to new numbers.
    """

    def __init__(self, form, formsets):
        self.form = form
        self.formsets = {formset.prefix: formset for formset in formsets}
        self.fields = _editable(form)
        self.row_fields = {
            prefix: _editable(formset.empty_form, but={formset._pk_field.name, formset.fk.name})
            for prefix, formset in self.formsets.items()
        }

    def stored(self):
        return {
            "fields": {name: as_sent(self.form[name]) for name in self.fields},
            "rows": {prefix: self._stored_rows(prefix) for prefix in self.formsets},
        }

    def _stored_rows(self, prefix):
        return {
            str(form.instance.pk): {
                "name": str(form.instance),
                "fields": {name: as_sent(form[name]) for name in self.row_fields[prefix]},
            }
            for form in self.formsets[prefix].initial_forms
        }

    def sent(self, data):
        """The state that a browser sent. Rows also say whether they are to be deleted; those
        that are new have a "+" before their number."""
        return {
            "fields": _sent_fields(self.fields, data, self.form.add_prefix),
            "rows": {prefix: self._sent_rows(prefix, data) for prefix in self.formsets},
        }

    def _sent_rows(self, prefix, data):
        formset, fields, rows = self.formsets[prefix], self.row_fields[prefix], {}
        untouched = {name: as_sent(formset.empty_form[name]) for name in fields}
        count = data.get(f"{prefix}-TOTAL_FORMS", "")
        count = int(count) if count.isascii() and count.isdigit() and len(count) < 5 else 0
        for number in range(min(count, MOST_ROWS)):
            start = f"{prefix}-{number}-"
            pk = data.get(f"{start}{formset._pk_field.name}", "")
            row = _sent_fields(fields, data, lambda name, start=start: start + name)
            deleted = bool(formset.can_delete and data.get(f"{start}DELETE"))
            if pk:
                rows[pk] = {"fields": row, "deleted": deleted}
            elif not deleted and not _all_same(fields, row, untouched):
                rows[f"+{number}"] = {"fields": row, "deleted": False}
        return rows

    def untouched(self, state):
        """What a browser sends when nobody has changed anything in a state."""
        fields = {name: value for name, value in state["fields"].items() if name in self.fields}
        rows = {
            prefix: {key: {**row, "deleted": False} for key, row in rows.items()}
            for prefix, rows in state["rows"].items()
        }
        return {
            "fields": {**self.stored()["fields"], **fields},
            "rows": {prefix: rows.get(prefix, {}) for prefix in self.formsets},
        }

    def write(self, state, data, files):
        """Put a state into a copy of what a browser sent, and the files at its rows' places."""
        for name, value in state["fields"].items():
            _put(data, self.form.add_prefix(name), value)
        for prefix, rows in state["rows"].items():
            self._write_rows(prefix, rows, data, files)

    def _write_rows(self, prefix, rows, data, files):
        formset = self.formsets[prefix]
        taken = self._taken_files(prefix, data, files)
        for name in [name for name in data if name.startswith(f"{prefix}-")]:
            del data[name]
        # Django takes the first ones for rows that are there.
        ordered = sorted(rows.items(), key=lambda item: item[0].startswith("+"))
        data[f"{prefix}-TOTAL_FORMS"] = len(ordered)
        data[f"{prefix}-INITIAL_FORMS"] = sum(not key.startswith("+") for key in rows)
        for number, (key, row) in enumerate(ordered):
            start = f"{prefix}-{number}-"
            data[f"{start}{formset._pk_field.name}"] = "" if key.startswith("+") else key
            data[f"{start}{formset.fk.name}"] = str(formset.instance.pk)
            if row.get("deleted"):
                data[f"{start}DELETE"] = "on"
            for name, value in row["fields"].items():
                _put(data, start + name, value)
            for where, name, value in taken.get(key, taken.get(key.removeprefix("+"), [])):
                where[start + name] = value

    def _taken_files(self, prefix, data, files):
        """What was sent for the rows' files, taken out: {row's key: [(where, name, value)]}."""
        formset, taken = self.formsets[prefix], {}
        names = _file_names(formset.empty_form)
        for sent in [each for each in [*files, *data] if each.startswith(f"{prefix}-")]:
            number, _, name = sent.removeprefix(f"{prefix}-").partition("-")
            where = files if sent in files else data
            if name in names or (where is data and name.removesuffix("-clear") in names):
                key = data.get(f"{prefix}-{number}-{formset._pk_field.name}") or f"+{number}"
                taken.setdefault(key, []).append((where, name, where[sent]))
        for sent in [each for each in files if each.startswith(f"{prefix}-")]:
            del files[sent]
        return taken

    def label_of(self, sent):
        """What a field is called, from its name in what a browser sent."""
        if sent in self.form.fields:
            return _label(sent, self.form.fields[sent])
        for prefix, formset in self.formsets.items():
            name = sent.removeprefix(f"{prefix}-").partition("-")[2]
            if sent.startswith(f"{prefix}-") and name in formset.empty_form.fields:
                return f"{self.kind_of(prefix)}: {_label(name, formset.empty_form.fields[name])}"
        return ""

    def kind_of(self, prefix):
        return capfirst(self.formsets[prefix].model._meta.verbose_name)


def as_sent(bound):
    """What a browser sends for a field as it stands."""
    value = bound.value()
    if isinstance(value, (bool, list, tuple)) or value is None:
        return _plain(value, bound.field)
    if isinstance(bound.field, forms.ChoiceField):
        return _plain(str(value), bound.field)
    return _plain(bound.field.widget.format_value(value), bound.field)


def same(field, one, other):
    """Whether two texts mean the same to a field: "07" and "7" as numbers."""
    return one == other or _meaning(field, one) == _meaning(field, other)


def _meaning(field, sent):
    if isinstance(field, forms.ChoiceField) or not isinstance(sent, str):
        return sent
    try:
        return field.to_python(sent)
    except ValidationError:
        return sent


def _plain(value, field):
    if isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField):
        return bool(value)
    if isinstance(value, (list, tuple)):
        return sorted(map(str, value))
    return "" if value is None else str(value).replace("\r\n", "\n")


def _editable(form, but=frozenset()):
    but = {*but, "DELETE", "ORDER"}
    return {
        name: field
        for name, field in form.fields.items()
        if name not in but and not field.disabled and not isinstance(field, forms.FileField)
    }


def _file_names(form):
    return {name for name, field in form.fields.items() if isinstance(field, forms.FileField)}


def _sent_fields(fields, data, html_name):
    return {
        name: _plain(field.widget.value_from_datadict(data, {}, html_name(name)), field)
        for name, field in fields.items()
    }


def _put(data, name, value):
    data.pop(name, None)
    if isinstance(value, list):
        data.setlist(name, value)
    elif value is not False:
        data[name] = "on" if value is True else value


def _all_same(fields, one, other):
    return all(same(field, one.get(name), other.get(name)) for name, field in fields.items())


@dataclass
class Difference:
    """Something that is not alike in what they saved and what I sent.

    by      THEIRS or MINE when only one of us changed it, "both" when somebody must choose
    choice  THEIRS or MINE, once chosen
    """

    key: str
    label: str
    base: str
    theirs: str
    mine: str
    by: str
    choice: str = ""


class Merge:
    """My changes upon theirs. What only one of us changed is as she left it.

    base     the state when I opened the form; None when that is not known
    choices  {a difference's key: THEIRS or MINE} for what both of us changed
    """

    def __init__(self, shape, *, base, theirs, mine, choices):
        self.shape, self.choices = shape, choices
        self.differences = []
        self.state = {
            "fields": self._fields("", shape.fields, base and base["fields"], theirs, mine),
            "rows": {
                prefix: self._rows(
                    prefix, (base or {}).get("rows", {}).get(prefix), theirs, mine["rows"][prefix]
                )
                for prefix in shape.formsets
            },
        }

    @property
    def undecided(self):
        return [each for each in self.differences if each.by == "both" and not each.choice]

    @property
    def loses_nothing_unseen(self):
        """Whether what they changed is just what I changed: a button pressed twice."""
        return all(each.by == MINE for each in self.differences)

    def _note(self, key, label, by, base, theirs, mine):
        choice = self.choices.get(key, "") if by == "both" else by
        self.differences.append(
            Difference(key, label, base, theirs, mine, by, choice if by == "both" else "")
        )
        return choice or MINE

    def _fields(self, where, fields, base, theirs, mine, name_of_row=""):
        """One form's values, the field chosen one by one."""
        theirs, mine = theirs["fields"], mine["fields"]
        result = {}
        for name, field in fields.items():
            before = (base or {}).get(name)
            known = base is not None and name in base
            if same(field, theirs[name], mine[name]):
                result[name] = theirs[name]
                continue
            by = "both"
            if known and same(field, before, mine[name]):
                by = THEIRS
            elif known and same(field, before, theirs[name]):
                by = MINE
            shown = [readable_as_sent(field, value) for value in (before, theirs[name], mine[name])]
            kept = self._note(
                where + name,
                f"{name_of_row}{_label(name, field)}",
                by,
                shown[0] if known else UNKNOWN_BASE,
                *shown[1:],
            )
            result[name] = theirs[name] if kept == THEIRS else mine[name]
        return result

    def _rows(self, prefix, base, theirs, sent):
        stored = theirs["rows"][prefix]
        result = {}
        for key in [*stored, *(key for key in {**(base or {}), **sent} if key not in stored)]:
            before, now, mine = (rows.get(key) for rows in (base or {}, stored, sent))
            if now and mine and not mine["deleted"]:
                name = f"{self.shape.kind_of(prefix)} ”{now['name']}”: "
                values = self._fields(
                    f"{prefix}:{key}:",
                    self.shape.row_fields[prefix],
                    before and before["fields"],
                    now,
                    mine,
                    name,
                )
                result[key] = {"name": now["name"], "fields": values}
            elif now:
                result[key] = self._stored_alone(prefix, key, now, mine, base, sent)
            elif key.startswith("+"):
                # Pressed twice, the button has stored this one already.
                if not self._is_among(prefix, mine, _new_in(stored, base)):
                    self._note_row(prefix, key, MINE, None, None, mine)
                    result[key] = mine
            elif self._brought_back(prefix, key, before, mine):
                result[f"+{key}"] = mine
        return result

    def _stored_alone(self, prefix, key, now, mine, base, sent):
        """A row that is stored, and that I have deleted or never had."""
        fields, before = self.shape.row_fields[prefix], (base or {}).get(key)
        if mine is None:
            mine_alike = self._is_among(prefix, now, _new_in(sent, base))
            if base is not None and before is None and not mine_alike:
                self._note_row(prefix, key, THEIRS, None, now, None)
            return now
        untouched = before and _all_same(fields, before["fields"], now["fields"])
        by = MINE if untouched else "both"
        deleted = self._note_row(prefix, key, by, before, now, None) == MINE
        return {**now, "deleted": deleted}

    def _brought_back(self, prefix, key, before, mine):
        """Whether a row that they deleted is to be as I had it."""
        if mine is None or mine["deleted"]:
            return False
        fields = self.shape.row_fields[prefix]
        untouched = before and _all_same(fields, before["fields"], mine["fields"])
        by = THEIRS if untouched else "both"
        return self._note_row(prefix, key, by, before, None, mine) == MINE

    def _is_among(self, prefix, row, others):
        fields = self.shape.row_fields[prefix]
        return any(_all_same(fields, row["fields"], other["fields"]) for other in others)

    def _note_row(self, prefix, key, by, before, now, mine):
        named = now or before
        name = f" ”{named['name']}”" if named else ""
        shown = [self._row_as_text(prefix, row) for row in (before, now, mine)]
        return self._note(f"{prefix}:{key}", f"{self.shape.kind_of(prefix)}{name}", by, *shown)

    def _row_as_text(self, prefix, row):
        if row is None:
            return NO_ROW
        fields = self.shape.row_fields[prefix]
        return "\n".join(f"{label}: {value}" for label, value in labelled(fields, row["fields"]))


def labelled(fields, values):
    """What is filled in, as a person reads it: [("Rubrik", "Chef")]."""
    return [
        (_label(name, field), readable_as_sent(field, values[name]))
        for name, field in fields.items()
        if values.get(name) not in ("", [], None)
    ]


def _new_in(rows, base):
    return [row for key, row in rows.items() if key not in (base or {})]


def _label(name, field):
    return capfirst(str(field.label or name))
