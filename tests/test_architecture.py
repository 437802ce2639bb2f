"""Imports point one way: organisation ← guidance ← education, followup."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = {"organisation", "guidance", "education", "followup"}
MAY_IMPORT = {
    "portal/accounts": set(),
    "portal/audit": set(),
    "portal/caching": set(),
    "portal/editing": set(),
    "portal/observing": set(),
    "portal/publishing": set(),
    "portal/richtext": set(),
    "portal/search": set(),
    "portal/web": set(),
    "portal/outbox": set(),
    "portal/operation": set(),
    "portal/tables": set(),
    "portal/packs": APPS,  # the content loader
    "organisation": set(),
    "guidance": {"organisation"},
    "education": {"organisation", "guidance"},
    "followup": {"organisation", "guidance"},
}
MAY_IMPORT_ALL = {"portal/urls.py", "portal/views.py", "portal/settings.py"}


def imported_apps(source):
    """The apps a module imports, from its syntax tree: {"organisation"}."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module)
    return {name.split(".")[0] for name in names} & APPS


def modules_of(room):
    return [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_room_imports_only_along_the_arrows(room):
    allowed = MAY_IMPORT[room] | {room}
    wrong = {
        str(path.relative_to(ROOT)): extra
        for path in modules_of(room)
        if (extra := imported_apps(path.read_text()) - allowed)
    }

    assert wrong == {}


def test_only_named_modules_of_portal_import_apps():
    top = list((ROOT / "portal").glob("*.py"))
    importing = {f"portal/{path.name}" for path in top if imported_apps(path.read_text())}

    assert importing <= MAY_IMPORT_ALL


def test_finds_a_planted_import_against_the_arrows():
    assert imported_apps("from education.models import Course") == {"education"}
    assert imported_apps("def f():\n    import followup.models") == {"followup"}


def test_only_disclosure_and_packs_know_measurements():
    """True values leave followup only through the layer that hides small counts; besides,
    a pack holds them as they are, in and out, superusers see them in the admin, and the import
    desk writes them and shows them to who may import (ledger alone knows the table)."""
    users = {
        str(path.relative_to(ROOT))
        for room in (*APPS, "portal")
        for path in modules_of(room)
        if "Measurement" in path.read_text()
    }

    assert users == {
        "followup/admin.py",
        "followup/demo.py",
        "followup/disclosure/plans.py",
        "followup/disclosure/values.py",  # its states only
        "followup/intake/ledger.py",
        "followup/models/__init__.py",
        "followup/models/measurements.py",
        "portal/packs/loader.py",
        "portal/packs/measurements.py",
    }


def test_only_disclosure_and_releasing_know_released_values():
    """They hold true values too, beside who may see them."""
    users = {
        str(path.relative_to(ROOT))
        for room in (*APPS, "portal")
        for path in modules_of(room)
        if "ReleasedValue" in path.read_text()
    }

    assert users == {
        "followup/disclosure/plans.py",
        "followup/disclosure/published.py",
        "followup/models/__init__.py",
        "followup/models/releases.py",
        "followup/releasing.py",  # stores what disclosure has planned
    }


def test_templates_include_only_along_the_arrows():
    wrong = {
        f"{room}/{path.name}": sorted(extra)
        for room in APPS
        for path in (ROOT / "templates" / room).glob("*.html")
        if (
            extra := set(re.findall(r'(?:include|extends) "(\w+)/', path.read_text()))
            - MAY_IMPORT[room]
            - {room}
        )
    }

    assert wrong == {}


def test_only_the_import_desk_reads_the_ledger():
    """What it hands out are true values: pages, exports and commands of others never ask it."""
    users = {
        str(path.relative_to(ROOT))
        for room in (*APPS, "portal")
        for path in modules_of(room)
        if re.search(r"import (.*, )?ledger\b|ledger import", path.read_text())
    }

    assert users == {
        "followup/desk_views.py",
        "followup/intake/actions.py",
        "followup/intake/plan.py",
        "followup/intake/planning.py",
    }
