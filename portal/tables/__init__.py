"""Foreign tables: files that others made, read into rows that know where they stood.

    book = open_book(content)      # or FileRefused, in Swedish
    table = find_table(book.sheet(), COLUMNS)
    for row in table.rows: row.number, row.values["hsa_id"]

Knows no app: units come from one kind of file, indicators from another, and a file that is
refused is refused in the same words.
"""

from .books import Book, Sheet, open_book
from .faults import Fault, FileRefused
from .headings import Column, Row, Table, find_table

__all__ = [
    "Book",
    "Column",
    "Fault",
    "FileRefused",
    "Row",
    "Sheet",
    "Table",
    "find_table",
    "open_book",
]
