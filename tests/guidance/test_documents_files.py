"""What may be a document's file, who gets it, and when."""

import io
import stat
import zipfile
from datetime import date
from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from guidance.document_files import FileRefused, read_document, readable_size
from guidance.models import Document, DocumentVersion
from guidance.storage import document_storage
from portal.accounts.models import User
from portal.packs.dumper import dump_pack
from portal.packs.loader import PackRejected, load_pack
from portal.search.query import search
from tests.factories import make_document, make_page
from tests.guidance.office_files import (
    SHEET,
    docx,
    object_stream,
    odt,
    ooxml,
    packed,
    pdf,
    stream,
)
from tests.pages import main_of, queries_of, words
from tests.portal.test_admin import form_values

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(content, name, largest=1_000_000):
    return read_document(io.BytesIO(content), name, largest=largest)


def refusal(content, name, largest=1_000_000):
    with pytest.raises(FileRefused) as refused:
        read(content, name, largest)
    return str(refused.value)


def make_file_version(document=None, content=None, **fields):
    """A version in force with an ODT file, through the same check as an upload."""
    fields = {"label": "Version 1", "valid_from": date(2026, 1, 1), **fields}
    version = DocumentVersion(document=document or make_document(), **fields)
    if "url" not in fields:
        version.file = ContentFile(content or odt(version.label), name="prov.odt")
    version.full_clean()
    version.save()
    return version


# What a file is


@pytest.mark.parametrize(
    ("content", "name", "kind", "pages"),
    [
        (odt(), "mall.odt", "odt", None),
        (docx(), "Mall.DOCX", "docx", None),
        (ooxml(SHEET), "lista.xlsx", "xlsx", None),
        (pdf(pages=3), "blad.pdf", "pdf", 3),
        (pdf(object_stream(b"1 0 << /Type /Page >>"), pages=0), "blad.pdf", "pdf", 1),
        (docx(**{"word/embeddings/tabell.xlsx": "x"}), "mall.docx", "docx", None),
        (ooxml(SHEET, **{"xl/printerSettings/printerSettings1.bin": "x"}), "l.xlsx", "xlsx", None),
    ],
)
def test_file_is_known_by_its_content(content, name, kind, pages):
    facts = read(content, name)

    assert (facts.kind, facts.size, facts.pages) == (kind, len(content), pages)
    assert len(facts.checksum) == 64


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (odt(), "mall.pdf", "heter .pdf men innehållet är en ODT-fil. Döp den till .odt"),
        (packed({"a.txt": "x"}), "mall.pdf", "heter .pdf men innehållet är en zip-fil"),
        (packed({"a.txt": "x"}), "mall.docx", "heter .docx men innehållet är en zip-fil"),
        (pdf(), "mall.docx", "heter .docx men innehållet är en PDF-fil"),
        (pdf(), "mall", "heter något utan filändelse"),
        (b"MZ\x90\x00 program", "mall.pdf", "innehållet är ett program"),
        (b"<html><script>", "mall.pdf", "innehållet är en webbsida"),
        (b"\x89PNG\r\n\x1a\n", "mall.odt", "innehållet är en bild (PNG)"),
        (OLE + b"x" * 100, "mall.docx", "Offices äldre format"),
        (odt(kind="application/vnd.oasis.opendocument.spreadsheet"), "m.odt", "kalkylark (ODS)"),
        (ooxml("application/x.presentationml.presentation.main+xml"), "m.docx", "(PPTX)"),
        (docx(), "mall.docm", "har makron"),
        (b"", "mall.pdf", "Filen är tom"),
    ],
)
def test_name_and_content_must_agree(content, name, told):
    assert told in refusal(content, name)


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (docx(**{"word/vbaProject.bin": "x"}), "m.docx", "makron (word/vbaProject.bin)"),
        (docx(**{"word/VBAPROJECT.BIN": "x"}), "m.docx", "makron"),
        (ooxml("application/vnd.ms-word.document.macroEnabled.main+xml"), "m.docx", "makron"),
        (odt(**{"Basic/Standard/Module1.xml": "x"}), "m.odt", "makron (Basic/"),
        (odt(**{"Scripts/python/x.py": "x"}), "m.odt", "makron (Scripts/"),
        (docx(**{"word/activeX/activeX1.bin": "x"}), "m.docx", "makron"),
        (docx(**{"word/embeddings/oleObject1.bin": "x"}), "m.docx", "en annan fil inbäddad"),
        (docx(**{"word/embeddings/virus.exe": "x"}), "m.docx", "en annan fil inbäddad"),
        (docx(**{"../../etc/cron.d/x": "x"}), "m.docx", "leder ut ur den (../../etc"),
        (docx(**{"/etc/passwd": "x"}), "m.docx", "leder ut ur den"),
        (docx(**{"..\\x.xml": "x"}), "m.docx", "leder ut ur den"),
        (docx(**{"C:x.xml": "x"}), "m.docx", "leder ut ur den"),
        (docx(**{"WORD/a.xml": "x", "word/a.xml": "y"}), "m.docx", "två delar med samma namn"),
        (docx(**{"word/media/image1.png": b"\0" * 5_000_000}), "m.docx", "zip-bomb"),
        (docx(**{f"{number}": "" for number in range(3001)}), "m.docx", "för många"),
        (odt(**{"META-INF/manifest.xml": "<encryption-data/>"}), "m.odt", "lösenord"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "m.docx", "lösenord"),
        (docx()[:-30], "m.docx", "skadad"),
        (packed({"mimetype": "x"}, zipfile.ZIP_LZMA), "m.odt", "inte kan kontrolleras"),
    ],
)
def test_refuses_what_acts_or_hides(content, name, told):
    assert told in refusal(content, name, largest=50_000_000)


@pytest.mark.parametrize(
    ("target", "fetched"),
    [
        ("https://evil.example/mall.dotm", True),
        ("file:///\\\\server\\mallar\\brev.dotx", True),
        ("\\\\server\\mallar\\brev.dotx", True),
        ("file://server/mallar/brev.dotx", True),
        ("file:///C:/Users/anna/Normal.dotm", False),
    ],
)
def test_refuses_a_template_that_is_fetched_from_elsewhere(target, fetched):
    relation = (
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/attachedTemplate" Target="{target}" TargetMode="External"/>'
    )
    content = docx(**{"word/_rels/settings.xml.rels": relation})

    if fetched:
        assert "från en annan plats" in refusal(content, "m.docx")
    else:
        assert read(content, "m.docx").kind == "docx"


def test_a_link_to_a_website_is_no_reason_to_refuse():
    relation = (
        '<Relationship Id="rId1" Type="http://x/relationships/hyperlink" '
        'Target="https://www.1177.se/" TargetMode="External"/>'
    )

    assert read(docx(**{"word/_rels/document.xml.rels": relation}), "m.docx").kind == "docx"


def test_refuses_a_part_that_is_encrypted_or_a_link():
    link = zipfile.ZipInfo("word/document.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO(docx())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    encrypted = bytearray(docx())
    encrypted[encrypted.find(b"PK\x01\x02") + 8] |= 1

    assert "leder ut ur den" in refusal(file.getvalue(), "m.docx")
    assert "lösenord" in refusal(bytes(encrypted), "m.docx")


def test_refuses_a_directory_that_lies_of_a_size():
    content = bytearray(docx(**{"word/document.xml": b"a" * 10_000}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")

    assert "skadad" in refusal(bytes(content), "m.docx")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (pdf(b"<< /S /JavaScript /JS (x) >>"), "JavaScript"),
        (pdf(b"<< /S /J#61vaScript >>"), "JavaScript"),
        (pdf(b"<< /S /X /JS(x) >>"), "JavaScript"),
        (pdf(object_stream(b"1 0 << /S /JavaScript >>")), "JavaScript"),
        (pdf(object_stream(b"<< /JS (x) >>", b"/Type /Obj#53tm /Filter/FlateDecode")), "JavaSc"),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>"), "startar program"),
        (pdf(b"<< /Names << /EmbeddedFiles 5 0 R >> >>"), "bifogade filer"),
        (pdf(b"<< /AcroForm << /XFA 5 0 R >> >>"), "XFA"),
        (pdf(trailer=b"<< /Root 1 0 R /Encrypt 9 0 R >>"), "lösenord"),
        (pdf(stream(b"/Type /ObjStm /Filter /LZWDecode", b"x")), "inte kan kontrolleras"),
        (pdf(stream(b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", b"x")), "kontroll"),
        (pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", b"not zlib")), "skadad"),
        (pdf()[:60], "skadad"),
        (pdf() + packed({"a": "b"}), "både en PDF och en zip-fil"),
    ],
)
def test_refuses_a_pdf_that_acts(content, told):
    assert told in refusal(content, "blad.pdf")


def test_a_picture_that_happens_to_spell_a_short_name_is_no_script():
    assert read(pdf(stream(b"/Subtype /Image", b"\x00/JS \xff")), "blad.pdf").kind == "pdf"


def test_refuses_what_is_too_large_and_says_both_sizes():
    assert refusal(pdf() + b"x" * 1_300_000, "b.pdf") == (
        "Filen är 1,3 MB. Högst 1 MB får läggas upp."
    )


def test_sizes_are_told_as_people_say_them():
    assert [readable_size(size) for size in (3, 4_711, 999_400, 25_300_000)] == [
        "1 kB",
        "5 kB",
        "999 kB",
        "25,3 MB",
    ]


# A version's rules


def test_version_is_a_file_or_a_link_and_never_both_or_neither(db):
    document = make_document()

    with pytest.raises(ValidationError, match="inte båda"):
        DocumentVersion(
            document=document,
            label="1",
            url="https://skr.se/",
            file=ContentFile(odt(), name="a.odt"),
            valid_from=date(2026, 1, 1),
        ).full_clean()
    with pytest.raises(ValidationError, match="ska ha en fil eller en länk"):
        DocumentVersion(document=document, label="1", valid_from=date(2026, 1, 1)).full_clean()
    with pytest.raises(ValidationError, match="från vilken dag"):
        DocumentVersion(document=document, label="1", url="https://skr.se/").full_clean()
    with pytest.raises(ValidationError, match="giltig"):
        make_file_version(document, url="ftp://skr.se/")
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentVersion.objects.create(document=document, label="1", valid_from=date(2026, 1, 1))
    DocumentVersion(document=document, label="Odaterad").full_clean()


def test_a_files_name_holds_no_personal_number(db):
    named = ContentFile(odt(), name="plan 19121212-1212.odt")

    with pytest.raises(ValidationError, match="Döp om filen"):
        DocumentVersion(
            document=make_document(), label="1", file=named, valid_from=date(2026, 1, 1)
        ).full_clean()


def test_versions_may_meet_but_not_overlap(db):
    document = make_document()
    one = make_file_version(document, label="1", valid_to=date(2026, 7, 1))
    two = make_file_version(document, label="2", valid_from=date(2026, 7, 1))

    document.check_versions([two, one])
    one.valid_to = date(2026, 7, 2)
    with pytest.raises(ValidationError, match="Låt ”1” gälla till och med senast 2026-06-30"):
        document.check_versions([two, one])


def test_the_same_content_is_stored_once_and_named_by_its_checksum(db):
    one = make_file_version(content=odt("samma"))
    two = make_file_version(content=odt("samma"))

    assert one.file.name == two.file.name == f"{one.checksum[:2]}/{one.checksum}"
    assert document_storage().size(one.file.name) == one.file_size


# What readers get


def test_reader_gets_the_file_with_headers_that_let_it_do_nothing(client, db):
    document = make_document(slug="blad", title='Åtgärder/"plan"')
    version = make_file_version(document, label="Utgåva 2")

    response = client.get(version.file_url)

    assert b"".join(response.streaming_content) == odt("Utgåva 2")
    assert response.headers["Content-Type"] == "application/vnd.oasis.opendocument.text"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].endswith("; sandbox")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Length"] == str(version.file_size)
    plain, _, readable = response.headers["Content-Disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="blad-utgava-2.odt"'
    assert unquote(readable) == "Åtgärder plan , Utgåva 2.odt"
    assert response.cookies == {}


def test_a_file_is_asked_for_again_by_its_checksum(client, db):
    version = make_file_version()
    plain = version.file_url.partition("?")[0]
    first = client.get(plain)

    again = client.get(plain, headers={"if-none-match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{plain}?v=fel").headers["Cache-Control"] == "no-cache"
    assert client.head(plain).status_code == 200


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, -1),
        ("bytes=-5", -5, -1),
        ("bytes=0-999999", 0, -1),
        ("bytes=-999999", 0, -1),
    ],
)
def test_a_part_of_a_file_is_sent_when_asked_for(client, db, asked, first, last):
    version = make_file_version()
    size = version.file_size
    first, last = first % size, last % size

    response = client.get(version.file_url, headers={"range": asked})

    assert response.status_code == 206
    with version.file.open("rb") as file:
        assert b"".join(response.streaming_content) == file.read()[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Security-Policy"].endswith("; sandbox")


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0", "bytes=999999-1000000"])
def test_a_part_beyond_the_file_is_refused(client, db, asked):
    version = make_file_version()

    response = client.get(version.file_url, headers={"range": asked})

    assert (response.status_code, response.content) == (416, b"")
    assert response.headers["Content-Range"] == f"bytes */{version.file_size}"


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=0-1,4-5"},
        {"range": "bytes=9-3"},
        {"range": "bytes=-"},
        {"range": "rader=0-1"},
        {"range": "bytes=" + "9" * 400 + "-"},
        {"range": "bytes=0-9", "if-range": '"annan"'},
        {"range": "bytes=0-9", "if-range": "Mon, 23 Nov 2026 09:00:00 GMT"},
    ],
)
def test_what_is_no_one_part_of_this_file_gets_all_of_it(client, db, headers):
    version = make_file_version()

    response = client.get(version.file_url, headers=headers)

    assert response.status_code == 200
    assert len(b"".join(response.streaming_content)) == version.file_size
    assert "Content-Range" not in response.headers


def test_version_to_come_is_nowhere(client, db):
    document = make_document(slug="blad")
    coming = make_file_version(document, label="Hemlig", valid_from=date(2026, 11, 24))

    assert client.get(coming.get_absolute_url()).status_code == 404
    assert client.get(coming.file_url).status_code == 404
    assert client.get("/dokument/blad/senaste").status_code == 404
    assert "Hemlig" not in client.get("/dokument/blad/").content.decode()
    assert "Hemlig" not in client.get("/dokument/?aldre=on").content.decode()


def test_version_is_shown_from_its_first_day(client, db, clock):
    coming = make_file_version(valid_from=date(2026, 11, 24))

    clock.move_to("2026-11-23T23:30:00Z")  # half past midnight in Sweden

    assert client.get(coming.get_absolute_url()).status_code == 200


def test_old_version_keeps_its_address_and_says_what_replaced_it(client, db):
    document = make_document(slug="blad")
    old = make_file_version(document, label="2025", valid_to=date(2026, 7, 1))
    new = make_file_version(document, label="2026", valid_from=date(2026, 7, 1))

    main = main_of(client.get("/dokument/blad/2025/"))

    assert "Ersatt av 2026 ." in words(main)
    assert f'href="{new.get_absolute_url()}"' in main
    assert "gällde till och med 30 juni 2026" in words(main)
    assert client.get(old.file_url).status_code == 200
    assert "Ersatt av" not in main_of(client.get("/dokument/blad/2026/"))


def test_latest_is_the_file_of_today_or_the_way_to_it(client, db):
    document = make_document(slug="blad", url="https://skr.se/utgivaren")
    make_file_version(document, label="1", valid_to=date(2026, 7, 1))
    page = make_page()
    link = make_file_version(
        document, label="2", valid_from=date(2026, 7, 1), url="https://skr.se/nu"
    )

    response = client.get("/dokument/blad/senaste")
    assert (response.status_code, response.url) == (302, "https://skr.se/nu")
    assert response.headers["Cache-Control"] == "no-cache"

    link.delete()
    assert client.get("/dokument/blad/senaste").url == "https://skr.se/utgivaren"
    Document.objects.filter(pk=document.pk).update(url="", page=page)
    assert client.get("/dokument/blad/senaste").status_code == 404  # the page is a draft
    make_file_version(document, label="3", valid_from=date(2026, 7, 1))
    response = client.get("/dokument/blad/senaste")
    assert response.headers["Cache-Control"] == "no-cache"
    assert b"".join(response.streaming_content) == odt("3")


@pytest.mark.parametrize(
    "path",
    [
        "/dokument/blad/finns-inte/",
        "/dokument/finns-inte/senaste",
        "/dokument/blad/version-1/annat.odt",
        "/dokument/blad/version-1/..%2f..%2fetc%2fpasswd",
    ],
)
def test_unknown_file_is_not_found(client, db, path):
    make_file_version(make_document(slug="blad"))

    assert client.get(path).status_code == 404


def test_missing_file_on_disk_is_not_found_and_logged(client, db, caplog):
    version = make_file_version(content=odt("försvinner"))
    document_storage().delete(version.file.name)

    assert client.get(version.file_url).status_code == 404
    assert "is missing from the folder" in caplog.text


def test_reader_sees_kind_size_language_and_accessibility(client, db):
    version = make_file_version(accessible=False)

    main = words(main_of(client.get(version.document.get_absolute_url())))

    assert "ODT, 1 kB, svenska, inte tillgänglig för skärmläsare" in main


def test_list_filters_by_kind_and_year_and_shows_what_has_ended_when_asked(client, db):
    ended = make_document(title="Upphörd blankett")
    make_file_version(ended, valid_from=date(1999, 1, 1), valid_to=date(2000, 1, 1))
    report = make_document(title="Ny rapport", kind=Document.Kind.REPORT)
    make_file_version(report, label="Ny")

    def shown(query):
        main = main_of(client.get(f"/dokument/{query}"))
        return ["Upphörd blankett" in main, "Ny rapport" in main]

    assert shown("") == [False, True]
    assert shown("?aldre=on") == [True, True]
    assert shown("?ar=1999") == [True, False]
    assert shown("?slag=rapport") == [False, True]
    assert shown("?slag=rapport&ar=2026") == [False, True]
    assert shown("?slag=kaka") == [False, True]
    assert "Välj ett slag i listan." in client.get("/dokument/?slag=kaka").content.decode()


def test_list_costs_the_same_with_more_documents(client, db):
    make_file_version()
    before = queries_of(client, "/dokument/")
    for _ in range(3):
        make_file_version()

    assert len(queries_of(client, "/dokument/")) == len(before)


# In the admin


@pytest.fixture
def editor(db, client):
    user = User.objects.create_superuser(email="redaktor@example.org", password="x")
    client.force_login(user)
    return client


def form_of(editor, document):
    url = reverse("admin:guidance_document_change", args=[document.pk])
    return url, form_values(editor.get(url))


def new_version(values, **fields):
    values.update({f"versions-0-{name}": value for name, value in fields.items()})
    return {**values, "versions-TOTAL_FORMS": "1"}


def test_editor_uploads_a_file_and_readers_find_it(editor, django_capture_on_commit_callbacks):
    document = make_document(slug="blad")
    url, values = form_of(editor, document)
    upload = SimpleUploadedFile("Min plan.odt", odt(), "text/html")
    values = new_version(
        values, label="Första", valid_from="2026-01-01", language="sv", position="0"
    )

    response = editor.post(url, {**values, "versions-0-file": upload})

    assert response.status_code == 302
    version = document.versions.get()
    assert (version.slug, version.file_name, version.file_kind) == ("forsta", "Min plan.odt", "odt")
    assert editor.get("/dokument/blad/senaste").status_code == 200
    found = search("blad första", kinds=["document"])
    assert [hit.url for hit in found.hits][:1] == ["/dokument/blad/"]


def test_editor_is_told_what_was_found_and_nothing_is_stored(editor):
    document = make_document()
    url, values = form_of(editor, document)
    upload = SimpleUploadedFile("plan.pdf", odt(), "application/pdf")
    values = new_version(
        values, label="Första", valid_from="2026-01-01", language="sv", position="0"
    )

    response = editor.post(url, {**values, "versions-0-file": upload})

    assert "heter .pdf men innehållet är en ODT-fil" in response.content.decode()
    assert not document.versions.exists()


def test_editor_ends_one_version_and_adds_the_next_in_one_save(editor):
    document = make_document()
    old = make_file_version(document, label="1")
    url, values = form_of(editor, document)
    values |= {
        "versions-1-label": "2",
        "versions-1-url": "https://skr.se/ny",
        "versions-1-valid_from": "2026-12-01",
        "versions-1-language": "sv",
        "versions-1-position": "0",
        "versions-TOTAL_FORMS": "2",
    }

    refused = editor.post(url, values)
    assert "Låt ”1” gälla till och med senast 2026-11-30" in refused.content.decode()
    assert editor.post(url, {**values, "versions-0-valid_to": "2026-11-30"}).status_code == 302
    old.refresh_from_db()
    assert (old.valid_to, old.file_kind) == (date(2026, 12, 1), "odt")


def test_deleted_file_is_gone_from_the_folder_when_nobody_has_it(
    editor, django_capture_on_commit_callbacks
):
    one, two = (make_file_version(content=odt("delad")) for _ in "ab")
    for version, left in ((one, True), (two, False)):
        url, values = form_of(editor, version.document)
        with django_capture_on_commit_callbacks(execute=True):
            response = editor.post(url, {**values, "versions-0-DELETE": "on"})
        assert response.status_code == 302
        assert document_storage().exists(version.file.name) is left


def test_editor_may_open_a_version_to_come_and_a_stranger_may_not(editor, client):
    coming = make_file_version(valid_from=date(2027, 1, 1))
    url = coming.file.url

    response = editor.get(url)

    assert "no-store" in response.headers["Cache-Control"]
    assert b"".join(response.streaming_content) == odt("Version 1")
    client.logout()
    assert client.get(url).status_code == 302


# In packs


PACK = """
[[document]]
slug = "paketblad"
code = "P99"
title = "Paketblad"
kind = "mall"
issuer = "Prov"

[[document.versions]]
label = "2026"
file = "{file}"
valid_from = 2026-01-01
"""


def make_pack(folder, file="files/blad.odt", content=None):
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text('name = "filprov"', encoding="utf-8")
    (folder / "documents.toml").write_text(PACK.format(file=file), encoding="utf-8")
    (folder / "files" / "blad.odt").write_bytes(content or odt("paket"))
    return folder


def test_pack_brings_a_file_and_a_dump_gives_it_back(db, tmp_path):
    load_pack(make_pack(tmp_path / "in"))
    again = load_pack(tmp_path / "in")
    dump_pack(tmp_path / "out", name="utprov")

    version = DocumentVersion.objects.get(document__slug="paketblad")
    copied = tmp_path / "out" / "files" / version.checksum[:12] / "blad.odt"
    assert not again.changed
    assert copied.read_bytes() == odt("paket")
    assert f"files/{version.checksum[:12]}/blad.odt" in (
        tmp_path / "out" / "documents.toml"
    ).read_text(encoding="utf-8")

    Document.objects.filter(slug="paketblad").delete()
    (tmp_path / "back").mkdir()
    for name in ("pack.toml", "files"):
        (tmp_path / "out" / name).rename(tmp_path / "back" / name)
    file = f"files/{version.checksum[:12]}/blad.odt"
    (tmp_path / "back" / "documents.toml").write_text(PACK.format(file=file), encoding="utf-8")
    load_pack(tmp_path / "back")
    back = DocumentVersion.objects.get(document__slug="paketblad")
    assert (back.checksum, back.file_name, back.slug) == (version.checksum, "blad.odt", "2026")


def test_pack_with_new_content_in_its_file_updates_the_row(
    db, tmp_path, django_capture_on_commit_callbacks
):
    load_pack(make_pack(tmp_path))
    before = DocumentVersion.objects.get(document__slug="paketblad").file.name

    with django_capture_on_commit_callbacks(execute=True):
        report = load_pack(make_pack(tmp_path, content=odt("nytt")))

    assert report.updated == 1
    assert not document_storage().exists(before)
    with DocumentVersion.objects.get(document__slug="paketblad").file.open("rb") as file:
        assert file.read() == odt("nytt")


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("files/../pack.toml", None, "ligger utanför paketet"),
        ("files/saknas.odt", None, "finns inte i paketet"),
        ("/etc/passwd", None, "en fil i paketet, skriven files/namn.odt"),
        ("files/blad.odt", b"MZ program", "innehållet är ett program"),
    ],
)
def test_pack_with_a_wrong_file_is_refused(db, tmp_path, file, content, told):
    with pytest.raises(PackRejected) as refused:
        load_pack(make_pack(tmp_path, file, content))

    assert told in str(refused.value)
    assert not Document.objects.filter(slug="paketblad").exists()


def test_pack_with_versions_at_the_same_time_is_refused(db, tmp_path):
    folder = make_pack(tmp_path)
    with (folder / "documents.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[document.versions]]\nlabel = "b"\nurl = "https://skr.se/"\n')
        file.write("valid_from = 2026-03-01\n")

    with pytest.raises(PackRejected, match="gäller samtidigt"):
        load_pack(folder)
