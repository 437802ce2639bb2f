"""What an editor may change on a page, as plain data: read from rows, written to rows.

    snapshot(page, version) -> {
        "lasting": {"nav_title": "Samtycke", "owner": 3, "audiences": [1, 4], …},
        "texts": {"title": "…", "brief": ["…"], "laws": [2], "expire_at": None, …},
        "steps": [{"uuid": "…", "anchor": "…", "responsible": [5], …}],
    }

The same shape comes from a form, is compared with what stood there when the form was opened,
and waits in a draft: nothing of it reaches readers before the version is published.
"""

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from portal.caching.prepared import Question
from portal.richtext.editor import from_editor

from .models import QUOTED_BY_STEPS, Page, PageVersion, ProcessStep

LASTING = (
    "nav_title", "purpose", "kind", "owner", "position", "audiences", "first_for",
    "review_interval_months", "reviewed_on", "register", "register_anchor",
)  # fmt: skip
TEXTS = (
    "title", "lead", "brief", "body", "laws", "documents", "review_note", "expire_at",
    "change_note", "is_major",
)  # fmt: skip
STEP = (
    "uuid", "position", "anchor", "title", "text", "responsible", "informed", "when", "days",
    "documented", "certificates", "laws", "documents", "kva",
)  # fmt: skip


def plain(value):
    """A field's value as JSON can hold it; sets of rows become sorted keys."""
    if isinstance(value, models.Manager):
        value = value.all()
    if isinstance(value, models.QuerySet | list) and all(
        isinstance(each, models.Model) for each in value
    ):
        return sorted(each.pk for each in value)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        # A form's field has no seconds.
        return timezone.localtime(value).replace(second=0, microsecond=0).isoformat()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _value(row, name):
    """A field's value as JSON can hold it; a row that it points at need not be read."""
    field = row._meta.get_field(name)
    return plain(getattr(row, name if field.many_to_many else field.attname))


def snapshot(page: Page, version: PageVersion | None) -> dict:
    lasting = {name: _value(page, name) for name in LASTING} if page.pk else {}
    if version is None:
        return {"lasting": lasting, "texts": {}, "steps": []}
    texts = {name: plain(getattr(version, name)) for name in TEXTS}
    # In the form that the editing box's field gives, so that the two can be compared.
    texts["body"] = from_editor(texts["body"])
    steps = version.steps.prefetch_related(*QUOTED_BY_STEPS)
    return {
        "lasting": {**lasting, **(version.lasting or {})},
        "texts": texts,
        "steps": [
            {**{name: plain(getattr(step, name)) for name in STEP}, "text": from_editor(step.text)}
            for step in steps
        ],
    }


def write(draft: PageVersion, content: dict) -> None:
    """Save a draft with this content; its steps are made anew and keep their identity."""
    draft.lasting = content["lasting"]
    _set(draft, content["texts"])
    known = {
        str(each)
        for each in ProcessStep.objects.filter(version__page=draft.page_id).values_list(
            "uuid", flat=True
        )
    }
    draft.steps.all().delete()
    used = set()
    for step in content["steps"]:
        identity = step["uuid"] if step["uuid"] in known - used else str(uuid.uuid4())
        used.add(identity)
        _set(ProcessStep(version=draft), {**step, "uuid": identity})


def _set(row, values):
    many = {field.name for field in row._meta.many_to_many}
    for name, value in values.items():
        if name not in many:
            field = row._meta.get_field(name)
            setattr(row, field.attname, field.to_python(value))
    row.save()
    for name in many & values.keys():
        getattr(row, name).set(values[name])


def _rows_chosen(field):
    """A question for the keys that a page has in one of its lists."""
    through, target = field.remote_field.through, field.m2m_reverse_field_name()
    return Question(
        lambda page: through.objects.filter(page=page).values_list(target).order_by(target)
    )


_CHOSEN = {field.name: _rows_chosen(field) for field in Page._meta.many_to_many}


def _chosen_in(page, name):
    return [pk for (pk,) in _CHOSEN[name](page.pk)]


def lasting_changes(version: PageVersion) -> list[str]:
    """The names of the lasting fields that a draft changes: ["ägare", "syfte"]."""
    page, waiting = version.page, version.lasting or {}
    named = {name: value for name, value in waiting.items() if name in LASTING}
    return [
        str(Page._meta.get_field(name).verbose_name)
        for name, value in named.items()
        if (_chosen_in(page, name) if name in _CHOSEN else _value(page, name)) != value
    ]


def with_lasting(version: PageVersion) -> Page:
    """The version's page as it will be, not saved; sets of rows stay as they are."""
    page = version.page
    for name, value in (version.lasting or {}).items():
        field = Page._meta.get_field(name)
        if name in LASTING and not field.many_to_many:
            setattr(page, field.attname, field.to_python(value))
    return page


def apply_lasting(version: PageVersion) -> list[str]:
    """Save what a draft that has such changes says of its page's lasting part; returns what stops
    it instead."""
    page = with_lasting(version)
    try:
        page.full_clean()
    except ValidationError as fault:
        return fault.messages
    page.save()
    for field in Page._meta.many_to_many:
        if field.name in version.lasting:
            # A row that is gone since the draft was written is left out.
            rows = field.related_model.objects.filter(pk__in=version.lasting[field.name])
            getattr(page, field.name).set(rows)
    return []
