"""Small files for tests: as office programs write them, and as nobody should."""

import io
import zipfile
import zlib

ODT = "application/vnd.oasis.opendocument.text"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def packed(parts, method=zipfile.ZIP_DEFLATED):
    """A zip file of {name: content}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name)  # without today's time: the same file each time
            archive.writestr(part, content, method)
    return file.getvalue()


def odt(text="Prov", *, kind=ODT, **parts):
    return packed({"mimetype": kind, "content.xml": f"<text>{text}</text>", **parts})


def ooxml(main, **parts):
    types = f'<Types><Override ContentType="{main}"/></Types>'
    return packed({"[Content_Types].xml": types, **parts})


def docx(**parts):
    return ooxml(WORD, **parts)


def pdf(*objects, trailer=b"<< /Root 1 0 R >>", pages=1):
    """A PDF with some more objects; readers would mend its missing table of places."""
    body = [b"<< /Type /Catalog >>", *[b"<< /Type /Page >>"] * pages, *objects]
    numbered = [b"%d 0 obj\n%s\nendobj\n" % (at, each) for at, each in enumerate(body, 1)]
    return b"%PDF-1.7\n" + b"".join(numbered) + b"trailer " + trailer + b"\nstartxref\n0\n%%EOF\n"


def stream(dictionary, content):
    return b"<< %s >>\nstream\n%s\nendstream" % (dictionary, content)


def object_stream(content, dictionary=b"/Type /ObjStm /Filter /FlateDecode"):
    return stream(dictionary, zlib.compress(content))
