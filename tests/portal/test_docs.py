"""README.md and docs/: links lead somewhere, and the tables of settings are whole and true."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
READ_BY = ["portal/settings.py", "portal/accounts/oidc/config.py", "portal/gunicorn.py"]


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", text, flags=re.S))


def links_of(text):
    """[("docs/operation.md", "watch")] of the links within the repository."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(text))
    inside = [link for link in found if not re.match(r"[a-z]+:", link)]
    return [(path, anchor) for path, _, anchor in (link.partition("#") for link in inside)]


def anchor_of(heading):
    """As GitHub makes it: "For managers: keep a unit right" → "for-managers-keep-a-unit-right"."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")


def headings_of(text):
    return re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)


def wrong_links(text, folder):
    wrong = []
    for path, anchor in links_of(text):
        target = folder / path if path else None
        if target and not target.exists():
            wrong.append(path)
        elif anchor:
            there = target.read_text(encoding="utf-8") if target else text
            if anchor not in {anchor_of(heading) for heading in headings_of(there)}:
                wrong.append(f"{path}#{anchor}")
    return wrong


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings_that_exist(page):
    assert wrong_links(page.read_text(encoding="utf-8"), page.parent) == []


def test_finds_a_file_and_a_heading_that_do_not_exist():
    text = (
        "# One\n[a](#one) [b](#two) [c](README.md#tests) [d](README.md#no) [e](gone.md) `[f](x)`\n"
    )

    assert wrong_links(text, ROOT) == ["#two", "README.md#no", "gone.md"]


def test_headings_are_told_apart():
    for page in DOCS:
        anchors = [anchor_of(each) for each in headings_of(page.read_text(encoding="utf-8"))]
        assert len(anchors) == len(set(anchors)), page.name


def test_every_document_is_named_in_the_readme():
    named = {path for path, _ in links_of(DOCS[0].read_text(encoding="utf-8"))}

    assert {str(page.relative_to(ROOT)) for page in DOCS[1:]} <= named


def settings_read():
    """The variables that env(…), env.bool(…) and the like are asked for."""
    names = set()
    for path in READ_BY:
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.fullmatch(r"env(\.\w+)?", ast.unparse(node.func)):
                names.add(node.args[0].value)
    return names


def test_tables_of_settings_hold_what_is_read_and_nothing_else():
    text = DOCS[0].read_text(encoding="utf-8")
    tables = text[text.index("\n## Settings\n") : text.index("\n## The house\n")]
    first_cells = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    told = [name for cell in first_cells for name in re.findall(r"`([A-Z_]+)`", cell)]

    assert sorted(told) == sorted(settings_read())


def test_other_variables_in_the_documents_are_those_of_tests():
    others = (path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    code = "".join(path.read_text(encoding="utf-8") for path in others)
    told = {
        name
        for page in DOCS
        for name in re.findall(r"\bPORTAL_[A-Z_]+\b", page.read_text(encoding="utf-8"))
    }
    unknown = {name for name in told - settings_read() if f'"{name}"' not in code}

    assert unknown == set()
