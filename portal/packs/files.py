"""Files that a pack brings: below its folder `files`, named by a row as "files/namn.odt"."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.core.files import File

from .nouns import FILES


class PackFileRefused(ValueError):
    """Why, in Swedish."""


@dataclass(frozen=True)
class PackFile:
    path: Path
    checksum: str

    def __str__(self):
        """Its name and content: a row whose file has another content is another row."""
        return f"{self.path.name} {self.checksum}"

    def opened(self):
        return File(self.path.open("rb"), name=self.path.name)


def with_files(table, folder: Path):
    """A pack's table with the files that it names, in lists and tables too."""
    if isinstance(table, dict):
        return {
            name: pack_file(value, folder) if name == "file" else with_files(value, folder)
            for name, value in table.items()
        }
    if isinstance(table, list):
        return [with_files(each, folder) for each in table]
    return table


def pack_file(name, folder: Path):
    """Only from the pack's own folder: a pack may come from elsewhere."""
    if not isinstance(name, str) or not name.startswith(f"{FILES}/"):
        return name
    path = (folder / name).resolve()
    if not path.is_relative_to((folder / FILES).resolve()) or "\0" in name:
        raise PackFileRefused(f"filen {name} ligger utanför paketet.")
    if not path.is_file():
        raise PackFileRefused(f"filen {name} finns inte i paketet.")
    with path.open("rb") as content:
        return PackFile(path, hashlib.file_digest(content, "sha256").hexdigest())
