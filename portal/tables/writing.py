"""A table as an XLSX file: plain texts and numbers, never a formula."""

import re
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from .faults import column_letter

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAMES = "http://schemas.openxmlformats.org"
_MAIN = f"{_NAMES}/spreadsheetml/2006/main"
_RELATIONS = f"{_NAMES}/package/2006/relationships"
_OFFICE = f"{_NAMES}/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# What XML cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPES = (
    f'{_HEAD}<Types xmlns="{_NAMES}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-office'
    'document.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/></Types>'
)


def xlsx_of(sheets: Mapping[str, Iterable[Iterable[str | int | float | None]]]) -> bytes:
    """{sheet's name: rows} as a workbook of one sheet; its first row stays in sight.

    A text that begins with "=" is a text: cells say what they are, unlike in CSV.
    """
    ((sheet, rows),) = sheets.items()
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(value, index, number) for index, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView '
        'workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        'state="frozen"/></sheetView></sheetViews><cols><col min="1" max="1" width="24" '
        'customWidth="1"/><col min="2" max="20" width="16" customWidth="1"/></cols>'
        f"<sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return held.getvalue()


def _relation(kind, target):
    return (
        f'{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _cell(value, index, number):
    place = f"{column_letter(index)}{number}"
    if value is None or value == "":
        return ""
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = escape(_ILLEGAL.sub("", str(value)))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
