"""What an uploaded document may be, by its content and not by its name. Pure functions.

    read_document(file, "Mall.odt", largest=20_000_000)
        -> FileFacts(kind="odt", size=4711, checksum="9f2c…", pages=None)

A file is handed on as it came, to readers who trust the region: so it may hold no macro, no
script, no password, no file inside it, and nothing that unpacks into far more than it is.
Everything else is refused with FileRefused, in Swedish, saying what was found.
"""

import hashlib
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from .pdf_files import PdfRefused, check_pdf

KINDS = {"pdf": "PDF", "docx": "DOCX", "xlsx": "XLSX", "odt": "ODT"}
ALLOWED = "PDF, DOCX, XLSX eller ODT"
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
}
MAIN_PARTS = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
}
# First bytes -> what a person calls it. Only for the message.
SIGNATURES = [
    (b"%PDF-", "en PDF"),
    (b"PK", "en zip-fil"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "en fil i Offices äldre format (DOC eller XLS)"),
    (b"{\\rtf", "en RTF-fil"),
    (b"\x89PNG", "en bild (PNG)"),
    (b"\xff\xd8\xff", "en bild (JPEG)"),
    (b"GIF8", "en bild (GIF)"),
    (b"MZ", "ett program"),
    (b"\x7fELF", "ett program"),
    (b"#!", "ett program"),
    (b"<", "en webbsida eller XML"),
]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROTECTED = "Filen är skyddad med lösenord. Spara den utan lösenord och lägg upp den igen."
MACROS = "Filen har makron ({found}). Spara den utan makron, eller som PDF, och lägg upp den igen."
BROKEN = "Filen är skadad och går inte att öppna. Spara den på nytt och lägg upp den igen."
MOST_PARTS = 3000
LARGEST_UNPACKED = 200_000_000
# An office file's XML packs well, but no text packs a thousandfold.
MOST_PACKED = 200
SMALL = 2_000_000
_MACRO_PARTS = re.compile(r"vbaproject|vbadata|activex/|(^|/)(basic|scripts)/.+", re.I)
_OLE_PARTS = re.compile(r"oleobject|/embeddings/.*\.(?!xlsx$|docx$)", re.I)
# What is fetched from elsewhere when a document is opened tells that place who opens it. A
# template on the writer's own disk (file:///C:/…) is met everywhere and harms nobody.
_FETCHED = re.compile(
    rb"""<Relationship\b[^>]*/(?:attachedTemplate|oleObject|frame|image|subDocument)["'][^>]*>"""
)
_ELSEWHERE = re.compile(rb"""Target=["'](?:https?:|ftp:|\\\\|file:/*\\\\|file://[^/])""", re.I)


class FileRefused(Exception):
    """Why a file cannot be a document here, in Swedish for the editor."""


@dataclass(frozen=True)
class FileFacts:
    """pages  None where it cannot be told cheaply"""

    kind: str
    size: int
    checksum: str
    pages: int | None = None


def read_document(file: BinaryIO, name: str, *, largest: int) -> FileFacts:
    size = file.seek(0, 2)
    if size == 0:
        raise FileRefused("Filen är tom.")
    if size > largest:
        raise FileRefused(
            f"Filen är {readable_size(size)}. Högst {readable_size(largest)} får läggas upp."
        )
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    file.seek(0)
    found, pages = content_of(file)
    _check_name(extension, found)
    if found not in KINDS:
        raise FileRefused(f"Filen är {found}. Lägg upp {ALLOWED}.")
    file.seek(0)
    checksum = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return FileFacts(found, size, checksum, pages)


def readable_size(size: int) -> str:
    """4711 → "5 kB", 25300000 → "25,3 MB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f}".replace(".", ",").removesuffix(",0") + " MB"


def _check_name(extension, found):
    """Readers choose a program by the name, so name and content must agree."""
    told = f".{extension}" if extension else "något utan filändelse"
    if extension in {"docm", "xlsm", "dotm", "xltm"}:
        raise FileRefused(MACROS.format(found=f"den heter {told}"))
    if extension != found:
        what = f"en {KINDS[found]}-fil" if found in KINDS else found
        advice = f"Spara den som {ALLOWED}." if found not in KINDS else f"Döp den till .{found}."
        raise FileRefused(f"Filen heter {told} men innehållet är {what}. {advice}")


def content_of(file: BinaryIO) -> tuple[str, int | None]:
    """What a file is: a key of KINDS or words for what else, and its number of pages."""
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"%PDF-"):
        try:
            return "pdf", check_pdf(file.read())
        except PdfRefused as fault:
            raise FileRefused(str(fault)) from None
    if start.startswith(b"PK\x03\x04"):
        return _packed(file), None
    if start == OLE and "EncryptedPackage".encode("utf-16-le") in file.read():
        raise FileRefused(PROTECTED)
    return next((words for mark, words in SIGNATURES if start.startswith(mark)), "okänt"), None


# -- files that are zip archives of parts ----------------------------------------------


def _packed(file):
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            _check_unpacked(archive, parts)
            return _kind_of(archive, {part.filename for part in parts})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise FileRefused(BROKEN) from None


def _check_parts(parts):
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS:
        raise FileRefused(f"Filen består av {len(parts)} delar. Det är för många för ett dokument.")
    if len({name.lower() for name in names}) < len(names):
        raise FileRefused("Filen har två delar med samma namn. Spara den på nytt.")
    for part in parts:
        # ZipInfo keeps the name up to a NUL, and the whole of it in orig_filename.
        if not _is_inside(part.orig_filename) or stat.S_ISLNK(part.external_attr >> 16):
            raise FileRefused(
                f"Filen har en del som leder ut ur den ({part.filename[:80]}). Sådana filer tas "
                "inte emot."
            )
        if part.flag_bits & 0x1:
            raise FileRefused(PROTECTED)
        if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise FileRefused("Filen är packad på ett sätt som inte kan kontrolleras.")
        if macro := _MACRO_PARTS.search(part.filename):
            raise FileRefused(MACROS.format(found=macro.string[:80]))
        if _OLE_PARTS.search(part.filename):
            raise FileRefused(
                f"Filen har en annan fil inbäddad ({part.filename[:80]}). Ta bort den eller "
                "spara som PDF."
            )


def _is_inside(name):
    return (
        "\0" not in name
        and "\\" not in name
        and ":" not in name
        and not name.startswith("/")
        and ".." not in name.split("/")
    )


def _check_unpacked(archive, parts):
    """Unpacks everything and keeps nothing: sizes in a directory can lie, sums do not."""
    packed = sum(part.compress_size for part in parts)
    allowed = min(LARGEST_UNPACKED, max(SMALL, packed * MOST_PACKED))
    total = 0
    for part in parts:
        with archive.open(part) as content:
            while piece := content.read(1 << 16):
                total += len(piece)
                if total > allowed:
                    raise FileRefused(
                        "Filen blir orimligt stor när den packas upp (en zip-bomb). Spara den på "
                        "nytt i ditt program."
                    )


def _kind_of(archive, names):
    if "mimetype" in names:
        return _kind_of_open_document(archive, names)
    if "[Content_Types].xml" not in names:
        return "en zip-fil"
    types = archive.read("[Content_Types].xml")
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise FileRefused(MACROS.format(found="de står i innehållsförteckningen"))
    for name in names:
        if name.endswith(".rels"):
            for relation in _FETCHED.findall(archive.read(name)):
                if _ELSEWHERE.search(relation):
                    raise FileRefused(
                        "Filen hämtar en mall, bild eller ett objekt från en annan plats när den "
                        "öppnas. Koppla bort det, eller spara som PDF."
                    )
    for kind, main in MAIN_PARTS.items():
        if main in types:
            return kind
    presentation = b"presentationml" in types
    return "en presentation (PPTX)" if presentation else "en zip-fil"


def _kind_of_open_document(archive, names):
    kind = archive.read("mimetype").strip().decode("ascii", errors="replace")
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in archive.read(manifest):
        raise FileRefused(PROTECTED)
    if kind == CONTENT_TYPES["odt"]:
        if "content.xml" not in names:
            raise FileRefused(BROKEN)
        return "odt"
    opened = kind.removeprefix("application/vnd.oasis.opendocument.")
    others = {"spreadsheet": "ett kalkylark (ODS)", "presentation": "en presentation (ODP)"}
    return others.get(opened, "en zip-fil")
