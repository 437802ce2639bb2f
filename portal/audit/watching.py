"""Notes every save, deletion and choice in lists of the models that people edit.

Listeners are bound to each model by itself: what is not watched, and every reading, costs
nothing. A save costs one question more, for what stood there before. What is written past the
models (`update`, `bulk_create`) is noted by who does it: `notes.note_rows`, or `notes.as_one`
where hundreds of rows are one act.

Models stand as "app.model", so that this room imports no app.
"""

from collections.abc import Callable
from functools import cache

from django.apps import apps
from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from simple_history.models import HistoricalChanges

from portal.caching.prepared import Question

from .models import Action
from .notes import actor_now, note, request_now

# Made by the site from other rows, or counted: nobody's act.
UNWATCHED_APPS = {"audit", "search", "packs", "outbox"}
UNWATCHED = {
    "accounts.claimedrights",
    "education.coursenews",
    "education.newsdelivery",
    "guidance.externallink",
    "guidance.externallinkplace",
    "guidance.pagelink",
    "guidance.pageversionevent",
    "guidance.pageview",
    "guidance.passage",
}
# Of libraries, only what decides who may enter and do what.
FOREIGN = {"auth.group", "mfa.authenticator", "account.emailaddress"}
# Only that something was changed: secrets, and what readers write, which goes by its own rules.
READERS = {"education.subscription", "education.trainingrequest", "guidance.feedback"}
WITHOUT_VALUES = {*READERS, "mfa.authenticator", "account.emailaddress", "followup.measurement"}
SECRET_FIELDS = {"password", "token_hash", "content", "file", "data"}
TECHNICAL_FIELDS = {"last_login", "faults", "revision"}
RIGHTS = {
    "accounts.user": {"groups", "user_permissions", "is_staff", "is_superuser", "is_active"},
    "auth.group": {"permissions"},
}

_namers: dict[str, Callable] = {}


def named(label: str):
    """Registers what a save of a model is called: (before, after) → Action or None, where both
    are {attname: value} and before is {} for a new row."""

    def register(function):
        _namers[label] = function
        return function

    return register


def watched_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if _is_watched(model)]


def _is_watched(model):
    label = model._meta.label_lower
    if "site-packages" in apps.get_app_config(model._meta.app_label).path:
        return label in FOREIGN
    skipped = model._meta.app_label in UNWATCHED_APPS or label in UNWATCHED
    return not (skipped or issubclass(model, HistoricalChanges) or hasattr(model, "history_id"))


def watch() -> None:
    for model in watched_models():
        uid = f"portal.audit.{model._meta.label_lower}"
        pre_save.connect(_before, sender=model, dispatch_uid=uid)
        post_save.connect(_saved, sender=model, dispatch_uid=uid)
        post_delete.connect(_deleted, sender=model, dispatch_uid=uid)
        for each in model._meta.local_many_to_many:
            if each.remote_field.through._meta.auto_created:
                through = each.remote_field.through
                m2m_changed.connect(_chosen_in(model, each.name), sender=through, weak=False)


def _fields(model):
    return [
        each
        for each in model._meta.concrete_fields
        if not each.primary_key
        and each.name not in TECHNICAL_FIELDS
        and not getattr(each, "auto_now", False)
        and not getattr(each, "auto_now_add", False)
    ]


@cache
def _values_in(model, using):
    """A question for what stands in a row of a model, by its key."""
    rows = model._base_manager.using(using).order_by().values(*(f.attname for f in _fields(model)))
    return Question(lambda pk: rows.filter(pk=pk))


def _before(sender, instance, raw=False, using=None, **rest):
    instance._audit_before = {}
    if raw or instance._state.adding or instance.pk is None:
        return
    pk = sender._meta.pk.to_python(instance.pk)
    instance._audit_before = next(iter(_values_in(sender, using)(pk)), {})


def _saved(sender, instance, created, raw=False, using=None, update_fields=None, **rest):
    if raw:
        return
    before = instance.__dict__.pop("_audit_before", {})
    after = _values_of(sender, instance, update_fields)
    changed = {
        name: (before.get(name), value)
        for name, value in after.items()
        if (before.get(name) != value if before else value not in (None, "", [], {}))
    }
    if not (changed or created) or _is_readers(sender):
        return
    label = sender._meta.label_lower
    namer = _namers.get(label)
    action = namer and namer(before, {**before, **after})
    if action is None:
        action = Action.CREATE if created else Action.CHANGE
        if not created and RIGHTS.get(label, set()) & set(changed):
            action = Action.RIGHTS
    _note(sender, instance, action, changed, using)


def _deleted(sender, instance, using=None, **rest):
    gone = {name: (value, None) for name, value in _values_of(sender, instance).items() if value}
    _note(sender, instance, Action.DELETE, gone, using)


def _chosen_in(model, name):
    """A listener for one list of a model's, which tells ids and no names."""

    def chosen(sender, instance, action, reverse, pk_set, using=None, **rest):
        if action == "pre_clear":
            related = getattr(instance, name, None) if not reverse else None
            pk_set = set(related.values_list("pk", flat=True)) if related is not None else set()
        elif action not in {"post_add", "post_remove"} or not pk_set:
            return
        way = "added" if action == "post_add" else "removed"
        rows = [instance.pk] if not reverse else sorted(pk_set)
        ids = sorted(pk_set) if not reverse else [instance.pk]
        label = model._meta.label_lower
        kind = Action.RIGHTS if name in RIGHTS.get(label, ()) else Action.CHANGE
        shown = "" if reverse or label in WITHOUT_VALUES else str(instance)
        for pk in rows if ids else ():
            note(
                *(kind, label, pk),
                name=shown,
                fields=[name],
                facts={name: {"added": [], "removed": [], way: ids}},
                using=using,
            )

    return chosen


def _values_of(model, instance, names=None):
    """{attname: value} of what was stored, without fields that have not been read."""
    deferred = instance.get_deferred_fields()
    values = {}
    for each in _fields(model):
        if each.attname in deferred or (
            names is not None and not {each.name, each.attname} & set(names)
        ):
            continue
        value = getattr(instance, each.attname)
        if hasattr(value, "resolve_expression"):
            continue
        try:
            values[each.attname] = each.to_python(value) if not each.is_relation else value
        except (TypeError, ValueError):
            values[each.attname] = value
    return values


def _is_readers(model):
    """Whether it is a reader's own doing, which is nobody's to look into."""
    mine = model._meta.label_lower in READERS
    return mine and request_now() is not None and actor_now() is None


def _note(model, instance, action, changed, using):
    label = model._meta.label_lower
    names = sorted(_field_name(model, attname) for attname in changed)
    shown = {} if label in WITHOUT_VALUES else changed
    values = {
        _field_name(model, attname): pair
        for attname, pair in shown.items()
        if attname not in SECRET_FIELDS
    }
    note(
        *(action, label, instance.pk),
        name="" if label in WITHOUT_VALUES else str(instance),
        reason=getattr(instance, "_change_reason", None) or "",
        fields=names,
        changes=values,
        facts=_facts(model, shown),
        using=using,
    )


def _field_name(model, attname):
    return model._meta.get_field(attname).name


def _facts(model, changed):
    """States, rights and which rows a row points at: numbers and codes only."""
    rights = RIGHTS.get(model._meta.label_lower, set())
    facts = {}
    for attname, (before, after) in changed.items():
        each = model._meta.get_field(attname)
        if each.is_relation or each.name == "state" or each.name in rights:
            pair = [before, after]
            if all(value is None or isinstance(value, int | str) for value in pair):
                facts[each.name] = pair
    return facts
