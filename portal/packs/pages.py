"""Pages in a pack: one file a page, TOML between two lines +++ and then the text as HTML.

The table of a page holds its lasting part, its version's texts and its steps:
{"slug": …, "title": …, "body": …, "steps": [{…}], …}.
"""

import tomllib
import uuid
from pathlib import Path

import tomli_w
from django.utils import timezone

from guidance.models import Page, PageVersion, ProcessStep
from portal.publishing.models import VersionState

from .nouns import dump_fields

PAGE_FIELDS = (
    "slug", "parent", "nav_title", "kind", "purpose", "owner", "audiences",
    "review_interval_months", "reviewed_on", "position", "register", "register_anchor",
)  # fmt: skip
VERSION_FIELDS = (
    "title", "lead", "brief", "laws", "documents", "review_note", "change_note", "is_major",
    "number", "publish_at", "body",
)  # fmt: skip
STEP_FIELDS = (
    "anchor", "title", "text", "responsible", "informed", "when", "day", "documented",
    "laws", "documents", "kva",
)  # fmt: skip
FENCE = "+++\n"

# Same step, same identity, whichever database a pack is loaded into.
STEP_NAMESPACE = uuid.UUID("6f1f6f0e-7c1b-5d55-9b0e-2f6b8f0c4a11")


def read_page(path: Path) -> dict:
    """A page file as a table. Raises ValueError when its front matter is not in place."""
    _, front, body = path.read_text(encoding="utf-8").split(FENCE, 2)
    return {"slug": path.stem, **tomllib.loads(front), "body": body.strip()}


def write_page(folder: Path, table: dict) -> None:
    front = {name: value for name, value in table.items() if name not in {"slug", "body"}}
    text = FENCE + tomli_w.dumps(front, multiline_strings=True) + FENCE + table["body"] + "\n"
    (folder / f"{table['slug']}.html").write_text(text, encoding="utf-8")


def dump_page(page: Page, version: PageVersion | None) -> dict:
    """A page with one of its versions as a table, in the order a person reads it."""
    table = dump_fields(page, PAGE_FIELDS)
    if version is None:
        return {**table, "title": page.nav_title, "body": ""}
    texts = dump_fields(version, VERSION_FIELDS)
    steps = [dump_fields(step, STEP_FIELDS) for step in version.steps.all()]
    return {"body": "", **table, **texts, **({"steps": steps} if steps else {})}


def new_version(page: Page, table: dict, *, state: str) -> PageVersion:
    """A version of a page from a pack's table, numbered after the page's latest."""
    latest = page.versions.order_by("-number").first()
    return PageVersion.objects.create(
        page=page,
        number=table.get("number") or (latest.number + 1 if latest else 1),
        state=state,
        publish_at=table.get("publish_at") or timezone.now().replace(microsecond=0),
        title=table["title"],
        lead=table.get("lead", ""),
        brief=table.get("brief", []),
        body=table["body"],
        review_note=table.get("review_note", ""),
        change_note=table.get("change_note", ""),
        is_major=table.get("is_major", False),
    )


def add_steps(version: PageVersion, tables: list[dict]) -> list[tuple[ProcessStep, dict]]:
    """Store a version's steps; returns them with their tables, for the references."""
    steps = []
    for position, table in enumerate(tables, start=1):
        step = ProcessStep.objects.create(
            version=version,
            uuid=uuid.uuid5(STEP_NAMESPACE, f"{version.page.slug}#{table['anchor']}"),
            anchor=table["anchor"],
            position=position,
            title=table["title"],
            text=table["text"],
            when=table.get("when", ""),
            day=table.get("day"),
            documented=table.get("documented", ""),
            kva=table.get("kva", []),
        )
        steps.append((step, table))
    return steps


def current_version(page: Page) -> PageVersion | None:
    return PageVersion.objects.current().filter(page=page).first()


DRAFT, APPROVED = VersionState.DRAFT, VersionState.APPROVED
