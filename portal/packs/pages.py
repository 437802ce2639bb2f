"""Pages in a pack: one file a page, TOML between two lines +++ and then the text as HTML.

The table of a page holds its lasting part, its version's texts and its steps:
{"slug": …, "title": …, "body": …, "steps": [{…}], …}.
"""

import tomllib
import uuid
from pathlib import Path

import tomli_w

from guidance.models import Page, PageVersion
from portal.publishing.models import VersionState

from .nouns import dump_fields

PAGE_FIELDS = (
    "slug", "parent", "nav_title", "kind", "purpose", "owner", "audiences",
    "review_interval_months", "reviewed_on", "amendments_read", "position",
    "register", "register_anchor",
)  # fmt: skip
VERSION_FIELDS = (
    "title", "lead", "brief", "laws", "documents", "review_note", "change_note", "is_major",
    "number", "state", "publish_at", "expire_at", "withdrawn_at", "end_reason", "suppressed_at",
    "suppress_reason", "successor", "body",
)  # fmt: skip
STEP_FIELDS = (
    "anchor", "title", "text", "responsible", "informed", "when", "days", "documented",
    "certificates", "laws", "documents", "kva",
)  # fmt: skip
FENCE = "+++\n"

# Same step, same identity, whichever database a pack is loaded into.
STEP_NAMESPACE = uuid.UUID("6f1f6f0e-7c1b-5d55-9b0e-2f6b8f0c4a11")


def read_page(path: Path) -> dict:
    """A page file as a table. Raises ValueError when its front matter is not in place."""
    parts = path.read_text(encoding="utf-8-sig").split(FENCE, 2)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError("filen ska börja med uppgifter mellan två rader +++")
    _, front, body = parts
    return {"slug": path.stem, **tomllib.loads(front), "body": body.strip()}


def write_page(folder: Path, table: dict) -> None:
    front = {name: value for name, value in table.items() if name not in {"slug", "body"}}
    text = FENCE + tomli_w.dumps(front, multiline_strings=True) + FENCE + table["body"] + "\n"
    (folder / f"{table['slug']}.html").write_text(text, encoding="utf-8")


def dump_page(page: Page, version: PageVersion | None) -> dict:
    """A page with one of its versions as a table, in the order a person reads it.

    The state stands there unless the version is approved, so that what no reader may see
    stays so when the table is loaded; a page without version is a draft.
    """
    table = dump_fields(page, PAGE_FIELDS)
    if version is None:
        return {**table, "title": page.nav_title, "state": VersionState.DRAFT.value, "body": ""}
    texts = {"state": VersionState.DRAFT.value, **dump_fields(version, VERSION_FIELDS)}
    if texts["state"] == VersionState.APPROVED:
        del texts["state"]
    return {"body": "", **table, **texts, **dump_steps(version)}


def dump_steps(version: PageVersion) -> dict:
    steps = [dump_fields(step, STEP_FIELDS) for step in version.steps.all()]
    return {"steps": steps} if steps else {}


def dump_before(version: PageVersion) -> list[dict]:
    """The versions that readers have seen before one and may read again, the newest first."""
    before = PageVersion.objects.seen().filter(page=version.page_id, number__lt=version.number)
    rows = before.filter(suppressed_at=None, state=VersionState.APPROVED).order_by("-number")
    return [{"number": row.number, **dump_fields(row, VERSION_FIELDS), **dump_steps(row)}
            for row in rows]  # fmt: skip


def step_uuid(page: Page, anchor: str) -> uuid.UUID:
    return uuid.uuid5(STEP_NAMESPACE, f"{page.slug}#{anchor}")


def current_version(page: Page) -> PageVersion | None:
    return PageVersion.objects.current().filter(page=page).first()


def latest_version(page: Page) -> PageVersion | None:
    """The version with the highest number, published or not."""
    return page.versions.order_by("-number").first()
