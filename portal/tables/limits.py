"""How large a foreign table may be. The largest real ones (all units of a region, a ten years'
export) are a tenth of this."""

from .faults import FileRefused, column_letter

MOST_BYTES = 10_000_000
MOST_UNPACKED = 100_000_000
MOST_PARTS = 2_000
# A hundred thousand, and what an export tells above its table.
MOST_ROWS = 100_500
MOST_COLUMNS = 500
LONGEST_CELL = 5_000


def check_size(content: bytes) -> None:
    if not content:
        raise FileRefused("Filen är tom. Kontrollera att du valde rätt fil.")
    if len(content) > MOST_BYTES:
        raise FileRefused(
            f"Filen är {len(content) / 1_000_000:.0f} MB. Högst {MOST_BYTES // 1_000_000} MB kan "
            "läsas: spara bara det blad som behövs, utan bilder."
        )


def check_extent(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        raise FileRefused(
            f"Tabellen har innehåll på rad {rows}. Högst {MOST_ROWS} rader kan läsas: ta bort det "
            "som står långt nedanför tabellen, eller dela filen."
        )
    if columns > MOST_COLUMNS:
        raise FileRefused(
            f"Tabellen har innehåll i kolumn {column_letter(columns - 1)}, den {columns}:e. Högst "
            f"{MOST_COLUMNS} kolumner kan läsas: ta bort det som står långt till höger om tabellen."
        )


def check_cell(text: str, row: int, column: int) -> None:
    if len(text) > LONGEST_CELL:
        raise FileRefused(
            f"Cellen {column_letter(column)}{row} har {len(text)} tecken. Högst {LONGEST_CELL} kan "
            "läsas. Om filen är CSV: kontrollera att inget citattecken saknas."
        )
