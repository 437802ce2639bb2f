"""Personal data: what each room holds, why, and how somebody is found and forgotten there.

A room that stores something about people registers, from its `ready()`,

    tell("Kontaktpersoner", [Told("Namn", "…", Access.PUBLIC, kept="…", fields=[…])])
    @identifies         (subject) -> None: adds the names and addresses it knows of a subject
    @holds              (subject) -> [Held("Uppdrag", [{"Enhet": "Norrgården", …}])]
    @forgets            (subject) -> Forgotten: erases what may be erased and says what stays
    @forgets_rows       (model, ids) -> None: forgets what it keeps of rows that lose their name

The table of the first is shown to readers, the others answer `manage.py export_person` and
`erase_person`. This room knows no other.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

# Nobody but the controller can say it; the portal may be run by any region.
BASIS = "Bestäms av regionen"
# What stands where a name has stood in a log.
ERASED = "namnet gallrat"


class Access(StrEnum):
    PUBLIC = "Visas för alla"
    INTERNAL = "Bara internt"


@dataclass(frozen=True)
class Told:
    """A line of the table: what it is, why it is there, who sees it and how long it is kept.

    fields  "app.Model.field" of what the line is about; a test holds that none is left out
    """

    what: str
    purpose: str
    access: Access
    kept: str
    basis: str = BASIS
    fields: tuple[str, ...] = ()


@dataclass
class Subject:
    """Whom it is about, with every name and mail address that some room knows her by."""

    hsa_id: str
    names: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    @property
    def words(self) -> set[str]:
        """What gives her away in a text."""
        return {word for word in {*self.names, *self.addresses, self.hsa_id} if word}


@dataclass(frozen=True)
class Held:
    heading: str
    rows: list[dict[str, str]]


@dataclass
class Forgotten:
    """Lines in Swedish: what went, and what stays and why."""

    gone: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


_told: dict[str, list[Told]] = {}
_identifiers: list[Callable] = []
_holders: list[Callable] = []
_erasers: list[Callable] = []
_row_erasers: list[Callable] = []


def tell(heading: str, lines: Iterable[Told]) -> None:
    _told[heading] = list(lines)


def identifies(function):
    _identifiers.append(function)
    return function


def holds(function):
    _holders.append(function)
    return function


def forgets(function):
    _erasers.append(function)
    return function


def forgets_rows(function):
    _row_erasers.append(function)
    return function


def forget_rows(model: type[models.Model], ids: Iterable[int]) -> None:
    """Rows that lose a name lose it in what other rooms keep of them, too."""
    ids = list(ids)
    for each in _row_erasers:
        each(model, ids)


def told() -> list[tuple[str, list[Told]]]:
    """[(whose or what, its lines)], in the order of the rooms."""
    return list(_told.items())


def subject_of(hsa_id: str) -> Subject:
    subject = Subject(hsa_id)
    for identify in _identifiers:
        identify(subject)
    return subject


def everything_about(subject: Subject) -> list[Held]:
    found = [held for each in _holders for held in each(subject) if held.rows]
    # Letters that happen to be an id say nothing about anybody whom no room knows.
    places = where_words_stand(subject.words) if found else []
    if places:
        found.append(Held("Texter där namn, e-postadress eller HSA-id står", places))
    return found


def forget(subject: Subject) -> Forgotten:
    """Erases in every room, and says last in which texts something still stands."""
    result = Forgotten()
    for each in _erasers:
        part = each(subject)
        result.gone += part.gone
        result.stays += part.stays
    return result


def scrub_log(entries, words: Iterable[str]) -> int:
    """Takes words out of entries of the admin's log. Returns how many entries had some."""
    changed = []
    for entry in entries:
        before = (entry.object_repr, entry.change_message)
        for word in sorted(words, key=len, reverse=True):
            entry.object_repr = entry.object_repr.replace(word, ERASED)[:200]
            entry.change_message = entry.change_message.replace(word, ERASED)
            # The message is JSON where the admin wrote it.
            escaped = json.dumps(word)[1:-1]
            entry.change_message = entry.change_message.replace(escaped, ERASED)
        if before != (entry.object_repr, entry.change_message):
            changed.append(entry)
    LogEntry.objects.bulk_update(changed, ["object_repr", "change_message"], batch_size=500)
    return len(changed)


def where_words_stand(words: Iterable[str]) -> list[dict[str, str]]:
    """Rows of any table of the portal's own whose text has a word: the places to look at."""
    places = []
    words = [word for word in words if word]
    for model in apps.get_models() if words else ():
        if _is_foreign(model):
            continue
        fields = model._meta.local_concrete_fields
        texts = [f.name for f in fields if isinstance(f, models.CharField | models.TextField)]
        lists = [f.name for f in fields if isinstance(f, models.JSONField)]
        found = Q()
        for word in words:
            for name in texts:
                found |= Q(**{f"{name}__contains": word})
            for name in lists:
                # As the database writes it: SQLite with å as an escape, PostgreSQL as it is.
                for written in {word, json.dumps(word)[1:-1]}:
                    found |= Q(**{f"{name}_as_text__contains": written})
        if texts or lists:
            rows = model._base_manager.alias(
                **{f"{name}_as_text": Cast(name, models.TextField()) for name in lists}
            )
            rows = rows.filter(found).values_list("pk", flat=True)
            label = str(model._meta.verbose_name)
            places += [{"Slag": label, "Rad": str(pk)} for pk in rows[:50]]
    return places


def _is_foreign(model):
    """Tables of Django's and its libraries', which their owners answer for by themselves."""
    config = apps.get_app_config(model._meta.app_label)
    return "site-packages" in config.path and model is not LogEntry


def traces_of_user(user) -> list[dict[str, str]]:
    """How many rows of each kind say that a user has done something."""
    counts = []
    for model in apps.get_models():
        for each in model._meta.local_concrete_fields:
            if each.is_relation and each.related_model._meta.label == settings.AUTH_USER_MODEL:
                number = model._base_manager.filter(**{each.name: user.pk}).count()
                if number:
                    label = f"{model._meta.verbose_name_plural}: {each.verbose_name}"
                    counts.append({"Slag": label, "Antal": str(number)})
    return counts
