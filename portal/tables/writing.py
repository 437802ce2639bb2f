"""Tables as an XLSX file: plain texts and numbers, never a formula."""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO

from django.http import HttpResponse

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What XML cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel's own limit of a cell.
LONGEST = 32_767
# A text that looks like a formula or an address stays a text.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def xlsx_response(name: str, sheets: Mapping) -> HttpResponse:
    """A workbook to save; `name` without ending."""
    response = HttpResponse(xlsx_of(sheets), content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def xlsx_of(sheets: Mapping[str, Iterable[Iterable[str | int | float | None]]]) -> bytes:
    """{sheet's name: rows} as a workbook. A sheet's first row is its header: bold, and still
    in sight when one scrolls."""
    # Here, since few ask for a workbook and three megabytes go with it.
    import xlsxwriter

    held = BytesIO()
    with xlsxwriter.Workbook(held, OPTIONS) as book:
        heading = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 0, 26)
            sheet.set_column(1, 20, 16)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    _write(sheet, number, place, value, heading if number == 0 else None)
    return held.getvalue()


def _write(sheet, row, column, value, form):
    if value is None or value == "":
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, form)
    else:
        sheet.write_string(row, column, _ILLEGAL.sub("", str(value))[:LONGEST], form)
