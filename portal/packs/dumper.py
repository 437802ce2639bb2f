"""The site's content out as a pack, with absolute dates."""

import shutil
from pathlib import Path

import tomli_w

from guidance.models import DocumentVersion, Page

from .earlier import with_earlier
from .measurements import stored_measurements, write_measurements
from .nouns import NOUNS, stored_file
from .pages import current_version, dump_before, dump_page, write_page


def dump_pack(folder: Path, *, name: str) -> dict[str, int]:
    """Write every noun, and every page as readers see it and have seen it, below a folder.

    Drafts and what is hidden stay in the database: a pack is starting content, a backup
    is something else. Returns the number of rows a file.
    """
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(tomli_w.dumps({"name": name}), encoding="utf-8")
    counts = {}
    for noun in NOUNS:
        tables = [noun.dump(row) for row in noun.model._default_manager.order_by("pk")]
        if tables:
            text = tomli_w.dumps({noun.name: tables}, multiline_strings=True)
            (folder / f"{noun.file}.toml").write_text(text, encoding="utf-8")
            counts[noun.file] = len(tables)
    for version in DocumentVersion.objects.exclude(file=""):
        path = folder / stored_file(version)
        path.parent.mkdir(parents=True, exist_ok=True)
        with version.file.open("rb") as content, path.open("wb") as copy:
            shutil.copyfileobj(content, copy)
    for page in Page.objects.order_by("slug"):
        version = current_version(page)
        table = dump_page(page, version)
        write_page(folder / "pages", with_earlier(table, dump_before(version) if version else []))
        counts["pages"] = counts.get("pages", 0) + 1
    if stored_measurements():
        (folder / "measurements.csv").write_text(write_measurements(), encoding="utf-8")
    return counts
