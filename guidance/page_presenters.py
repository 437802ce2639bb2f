"""Pages as editors work with them: where they stand, conflicts, what to link to."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone
from django.utils.text import capfirst

from portal.publishing.difference import readable
from portal.publishing.models import WORKING, VersionState
from portal.richtext.sanitise import sanitise

from .models import Page, PageVersion, PageVersionEvent, ProcessStep
from .page_contents import LASTING, TEXTS

HTML_FIELDS = {"body", "text"}


def events_by_version(versions: Iterable[PageVersion]) -> dict[int, list[PageVersionEvent]]:
    found = defaultdict(list)
    rows = PageVersionEvent.objects.filter(version__in=versions).select_related("by")
    for event in rows:
        found[event.version_id].append(event)
    return found


def standing(page: Page, shown: PageVersion | None) -> dict:
    """Where a page stands: what readers see (`current`, with `live` or not) and what is
    being written (`working`, with the latest event); `opinions` are readers' answers."""
    if not page.pk:
        return {}
    now = timezone.now()
    current = page.versions.current().first()
    working = shown if shown and shown.state in WORKING else None
    return {
        "current": current,
        "live": current is not None
        and current.state == VersionState.APPROVED
        and (current.expire_at is None or current.expire_at > now),
        "working": working,
        "opinions": page.feedback.counts_of_year(),
        "event": working and working.events.select_related("by").first(),
    }


def conflict_rows(base: dict, theirs: dict, mine: dict) -> list[dict]:
    """The fields that two editors left differently, as text:
    [{"label", "base", "theirs", "mine", "both"}]; `both` says that both changed it."""
    rows = []
    for part, name, label, field in _fields():
        values = [_of(content, part, name) for content in (base, theirs, mine)]
        if values[1] == values[2]:
            continue
        rows.append(
            {
                "label": label,
                "both": values[0] != values[1] and values[0] != values[2],
                **dict(
                    zip(("base", "theirs", "mine"), (_shown(v, field) for v in values), strict=True)
                ),
            }
        )
    return rows


def merged(base: dict, theirs: dict, mine: dict) -> dict:
    """Mine, but what I had not touched is as the other left it."""
    result = {"lasting": dict(mine["lasting"]), "texts": dict(mine["texts"])}
    for part in result:
        for name in mine[part]:
            untouched = _of(base, part, name) == mine[part][name]
            if untouched and name in theirs[part]:
                result[part][name] = theirs[part][name]
    result["steps"] = theirs["steps"] if base.get("steps") == mine["steps"] else mine["steps"]
    return result


def _fields():
    for name in LASTING:
        field = Page._meta.get_field(name)
        yield "lasting", name, capfirst(field.verbose_name), field
    for name in TEXTS:
        field = PageVersion._meta.get_field(name)
        yield "texts", name, capfirst(field.verbose_name), field
    yield "steps", "", "Steg", None


def _of(content, part, name):
    values = content.get(part)
    if part == "steps":
        return values
    return values.get(name) if isinstance(values, dict) else None


def _shown(value, field):
    """A value as a person reads it; odd ones (the base comes from the browser) as they are."""
    if value in (None, "", []):
        return "(tomt)"
    if field is None:
        return _shown_steps(value)
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if field.is_relation:
        return _shown_rows(value, field.related_model)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value)) if isinstance(value, str) else "?"
    if field.name in HTML_FIELDS:
        return readable(sanitise(str(value)))
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value)


def _shown_rows(value, model):
    keys = value if isinstance(value, list) else [value]
    keys = [key for key in keys if isinstance(key, int) and 0 < key < 2**31]
    return "\n".join(map(str, model._default_manager.filter(pk__in=keys))) or "(tomt)"


def _shown_steps(steps):
    if not isinstance(steps, list):
        return "(tomt)"
    texts = []
    for step in steps:
        if isinstance(step, dict):
            fields = [ProcessStep._meta.get_field(name) for name in step if _known(name)]
            lines = [
                f"{capfirst(field.verbose_name)}: {_shown(step[field.name], field)}"
                for field in fields
                if step[field.name] not in (None, "", [])
            ]
            texts.append("\n".join(lines))
    return "\n\n".join(texts)


def _known(name):
    return name in {field.name for field in ProcessStep._meta.get_fields()} - {"uuid", "id"}
