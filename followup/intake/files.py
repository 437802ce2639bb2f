"""A file of values, by what stands in it: the portal's own form or an export."""

from portal.tables import open_book

from .exports import read_export
from .reading import Reading
from .template import looks_flat, read_template


def read_file(name: str, content: bytes, *, year: int, place: str = "") -> Reading:
    """All values of a file with all its faults; FileRefused when it cannot be read at all.

    place  what stands before each cell's name: "1 " and "2 " where two files make one value
    """
    book = open_book(content)
    which = "tabell" if "tabell" in book.sheet_names else 0
    sheet = book.sheet(which)
    prefix = f"{place}{sheet.name[:40]}!" if sheet.name else place
    if looks_flat(sheet):
        return read_template(sheet, year=year, prefix=prefix)
    return read_export(book, sheet, name, year=year, prefix=prefix)
