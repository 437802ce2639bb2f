"""What is copied from other projects is exactly what static/vendored.json says."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGISTER = json.loads((ROOT / "static" / "vendored.json").read_text(encoding="utf-8"))
FILES = {path: sha for entry in REGISTER["vendored"] for path, sha in entry["files"].items()}
ICON = re.compile(
    r'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
    r'(<(path|circle|rect|line|polyline|ellipse)( [a-z0-9]+="[^"<>]*")+/>)+</svg>\n'
)


@pytest.mark.parametrize("path", FILES)
def test_file_is_the_one_that_was_vendored(path):
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == FILES[path]


@pytest.mark.parametrize("folder", ["static/fonts", "templates/icons"])
def test_every_file_is_listed(folder):
    listed = {path for path in [*FILES, *REGISTER["own"]] if path.startswith(f"{folder}/")}

    assert {f"{folder}/{file.name}" for file in (ROOT / folder).iterdir()} == listed


@pytest.mark.parametrize("entry", REGISTER["vendored"], ids=lambda entry: entry["name"])
def test_every_package_has_version_and_licence_text(entry):
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
    assert entry["licence"]
    assert entry["package"].startswith("npm: ")
    assert any(path.endswith(".txt") for path in entry["files"])


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".svg")])
def test_icon_is_bare_shapes_that_take_their_colour_from_css(path):
    icon = (ROOT / path).read_text(encoding="utf-8")

    assert ICON.fullmatch(icon)
    assert "style=" not in icon
    assert "stroke" not in icon
