"""What every response carries, whatever it answers."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler
from django.http import HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from education.models import Course
from followup.models import Indicator
from guidance.models import Document, DocumentVersion, Page, PageVersion
from organisation.models import Unit
from portal.web import sitemap
from portal.web.form_token import form_token, token_is_valid
from portal.web.middleware import accepted_encodings, compress_html
from portal.web.models import SiteSettings
from tests.conftest import NOW, TODAY
from tests.factories import make_unit

PUBLIC_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# The two pages that a search begins on propose words by a script of the site's own.
SEARCH_POLICY = {**PUBLIC_POLICY, "script-src": "'self'", "connect-src": "'self'"}
SEARCH_BEGINS = {"start", "search"}
ADMIN_POLICY = {**PUBLIC_POLICY, "script-src": "'self'", "connect-src": "'self'"}


def public_addresses():
    """An address for every public URL pattern, by its name: {"organisation:unit_detail": "/…/"}."""
    unit = Unit.objects.public().order_by("pk").first()
    indicator = Indicator.objects.exclude(kind="derived").order_by("pk").first()
    document = Document.objects.exclude(slug__in=Page.objects.values("slug")).first()
    values = {
        "hsa_id": unit.hsa_id,
        "code": indicator.code,
        "year": "2025",
        "hue": "200",
        "section": "sekretess-och-samtycke",
    }
    filed = DocumentVersion.objects.exclude(file="").first()
    values |= {
        "number": "1",
        "pk": "1",
        "kind": "sidor",
        "old": "1",
        "new": "2",
        "token": "pahittad",
        "receipt": "00000000-0000-0000-0000-000000000000",
        "version": filed.slug,
        "name": filed.download_name,
    }
    slugs = {
        "education:course_detail": Course.objects.public().first().slug,
        "api:course_detail": Course.objects.public().first().slug,
        "education:follow_course": Course.objects.public().first().slug,
        "guidance:document_detail": document.slug,
        "guidance:page_calendar": "tidslinje",
        "guidance:review_csv": "granskning",
    }
    sections = {
        "guidance:page_calendar": "sjukskrivningsprocessen",
        "guidance:review_csv": "om-webbplatsen",
    }
    codes = {
        "organisation:role_detail": "fma",
        "organisation:role_vcard": "rehabkoordinator",
        "api:role_detail": "fma",
    }

    def filled(name, route):
        known = {**values, "code": codes.get(name, indicator.code)}
        known["section"] = sections.get(name, values["section"])
        usual = "samtycke" if "<slug:section>" in route else "intyg"
        known["slug"] = slugs.get(name, filed.document.slug if "document_" in name else usual)
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known[match[1]], route)

    return {name: f"/{filled(name, route)}" for name, route in patterns(get_resolver())}


def patterns(resolver, route="", spaces=""):
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        if here.startswith(("konto/", "logotyp-")):
            continue  # tests/portal/test_sign_in.py and test_site_settings.py
        if isinstance(each, URLPattern):
            yield f"{spaces}{each.name or here}", here
        elif each.namespace != "admin":
            space = f"{each.namespace}:" if each.namespace else ""
            yield from patterns(each, here, spaces + space)


# Pages of who follows up: a question for a sign-in, or a button's.
SIGNED_IN_ONLY = {
    **dict.fromkeys(
        (
            *("followup:release_list", "followup:release", "followup:unit_review"),
            *("followup:review_list", "followup:review_year", "followup:review_csv"),
            *("followup:desk", "followup:desk_template_csv", "followup:desk_template_xlsx"),
            *("followup:desk_sources", "followup:desk_batch"),
        ),
        302,
    ),
    **dict.fromkeys(
        (
            *("followup:desk_units", "followup:desk_send", "followup:desk_approve"),
            *("followup:desk_reject", "followup:desk_cancel", "followup:desk_undo"),
        ),
        405,
    ),
}
# Answers that are not 200 by a plain GET, and why.
OTHER_ANSWERS = {
    "api:api-root": 404,  # nothing but its parts
    "numbers": 404,  # without a token
    "appearance": 405,  # a button's
    "organisation:choose_unit": 405,  # another button's
    "guidance:page_calendar": 400,  # without a first day
    "guidance:feedback_comment": 302,  # of a receipt that nobody has
    "guidance:shared_preview": 404,  # nor this token
    "versions:difference_of_page": 404,  # of a page with one version
    "versions:difference_of_section": 404,
    # A manager's own pages ask for a sign-in; their buttons are pressed.
    "organisation:unit_edit": 302,
    "organisation:unit_attest": 405,
    "organisation:unit_undo": 405,
    "organisation:deputies": 302,
    "organisation:deputy_end": 405,
    **SIGNED_IN_ONLY,
    # The token of a letter that nobody has sent.
    "education:follow_confirm": 404,
    "education:follow_leave": 404,
}
# A post is an answer: tests/guidance/test_feedback.py, tests/education/.
FORMS = {
    "guidance:feedback", "education:follow", "education:follow_course", "education:request",
}  # fmt: skip
# Files are read by no browser's engine, and may do nothing if one tries.
FILES = {"guidance:document_file", "guidance:document_latest"}


@pytest.fixture
def addresses(db):
    return public_addresses()


def policy(response):
    directives = response.headers["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


def assert_guarded(response, expected=PUBLIC_POLICY, referrer="same-origin"):
    headers = response.headers
    assert policy(response) == expected
    assert headers["Permissions-Policy"] == (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), "
        "geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), "
        "xr-spatial-tracking=()"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == referrer
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


# -- headers and cookies -----------------------------------------------------------------


def test_every_address_answers_with_the_same_policy_and_no_cookie(addresses, client):
    policies = set()
    for name, address in addresses.items():
        response = client.get(address)
        assert response.status_code == OTHER_ANSWERS.get(name, 200), address
        if name in FILES:
            assert "sandbox" in response.headers["Content-Security-Policy"]
            continue
        # A calendar file's address tells of one case and is passed on to nobody.
        one_case = name == "guidance:page_calendar"
        expected = SEARCH_POLICY if name in SEARCH_BEGINS else PUBLIC_POLICY
        assert_guarded(response, expected, "no-referrer" if one_case else "same-origin")
        assert response.cookies == {}, address
        assert "Set-Cookie" not in response.headers
        policies.add(response.headers["Content-Security-Policy"])

    assert len(addresses) > 25
    assert len(policies) == 2
    assert not re.search(r"unsafe|nonce|data:|\*|http", " ".join(policies))


@pytest.mark.parametrize(
    "address",
    ["/finns-inte/", "/intyg", "/sekretess-och-samtycke", "/start/", "/tema/999.css", "/%00/"],
)
def test_other_answers_carry_the_same(db, client, address):
    response = client.get(address)

    assert response.status_code in {301, 404}
    assert_guarded(response)
    assert response.cookies == {}


def test_admin_has_a_policy_of_its_own_without_anything_unsafe(admin_client):
    for address in ("/admin/login/", "/admin/", "/admin/accounts/user/", "/admin/finns-inte/"):
        assert_guarded(admin_client.get(address), ADMIN_POLICY)
    assert admin_client.get("/admin/").status_code == 200


def test_policy_is_the_public_one_for_a_signed_in_reader(admin_client):
    assert_guarded(admin_client.get("/"), SEARCH_POLICY)
    assert_guarded(admin_client.get("/administrera/"))


@pytest.mark.parametrize("name", ["start", "guidance:page", "organisation:unit_list", "search"])
@pytest.mark.parametrize("value", ["light", "dark", "<script>", "\xf0\x9f", "a" * 5000])
def test_cookie_of_any_kind_gives_a_page(addresses, client, name, value):
    client.cookies["utseende"] = value
    response = client.get(addresses[name])
    shown = re.search(r"<html lang=\"sv\"( [^>]*)?>", response.text)[1]

    assert response.status_code == 200
    assert shown == (f' data-theme="{value}"' if value in {"light", "dark"} else None)


def test_head_and_options_and_post(addresses, client):
    for name, address in addresses.items():
        if name in OTHER_ANSWERS:
            continue
        head, got = client.head(address), client.get(address)
        if name in FILES:
            assert (head.status_code, b"".join(head)) == (200, b""), address
            continue
        assert (head.status_code, head.content) == (200, b""), address
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        if name in FORMS:
            continue
        for method in (client.post, client.put, client.patch, client.delete, client.options):
            status = method(address).status_code
            assert status == 405 or (status == 200 and method == client.options), address


# -- appearance --------------------------------------------------------------------------


def choose(client, **fields):
    return client.post("/utseende/", {"kod": form_token("utseende"), "sida": "/intyg/", **fields})


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_appearance_is_remembered_and_shown(db, client, choice):
    response = choose(client, utseende=choice)
    cookie = response.cookies["utseende"]

    assert (response.status_code, response.headers["Location"]) == (302, "/intyg/")
    assert (cookie.value, cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (
        choice,
        31_536_000,
        "Lax",
        True,
    )
    assert not cookie["secure"]
    assert f'<html lang="sv" data-theme="{choice}">' in client.get("/").text


def test_appearance_cookie_is_secure_over_https(client):
    response = client.post(
        "/utseende/", {"kod": form_token("utseende"), "utseende": "dark"}, secure=True
    )

    assert response.cookies["utseende"]["secure"] is True


def test_automatic_appearance_takes_the_cookie_away(db, client):
    choose(client, utseende="dark")
    response = choose(client, utseende="")

    assert response.status_code == 302
    assert (response.cookies["utseende"].value, response.cookies["utseende"]["max-age"]) == ("", 0)
    assert '<html lang="sv">' in client.get("/").text


def test_the_pages_own_form_works(db, client):
    page = client.get("/sok/?q=" + "%C3%A5" * 199).text
    code = re.search(r'name="kod" value="([^"]+)"', page)[1]
    back = re.search(r'name="sida" value="([^"]+)"', page)[1]
    response = client.post("/utseende/", {"kod": code, "sida": back, "utseende": "dark"})

    assert (response.status_code, response.headers["Location"]) == (302, back)


@pytest.mark.parametrize("age", [0, 1])
def test_token_is_valid_for_two_days(client, age):
    token = form_token("utseende", on=TODAY - timedelta(days=age))

    assert choose(client, kod=token, utseende="dark").status_code == 302


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "utseende|2026-11-23",
        form_token("utseende", on=TODAY) + "x",
        form_token("utseende", on=TODAY - timedelta(days=2)),
        form_token("utseende", on=TODAY + timedelta(days=1)),
        form_token("aterkoppling", on=TODAY),
        form_token("utseende|2026-11-23", on=TODAY),
        "å" * 200,
        "a" * 201,
        ":" * 50,
    ],
)
def test_wrong_token_changes_nothing_and_says_so(client, token):
    response = choose(client, kod=token, utseende="dark")

    assert response.status_code == 400
    assert response.text == (
        "Utseendet kunde inte ändras. Gå tillbaka, läs in sidan på nytt och försök igen."
    )
    assert response.cookies == {}
    assert not token_is_valid(token, "utseende")


@pytest.mark.parametrize("choice", ["blå", "light; domain=evil.example", "LIGHT", "\x00"])
def test_unknown_appearance_changes_nothing(client, choice):
    response = choose(client, utseende=choice)

    assert (response.status_code, response.cookies) == (400, {})


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "intyg/",
        "",
        "https:///evil.example",
        "/a" * 2000,
    ],
)
def test_way_back_never_leads_to_another_host(client, back):
    response = choose(client, sida=back, utseende="dark")

    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("back", ["/a\r\nSet-Cookie: x=y", "/å?q=ä#ö", "/%0d%0aX: y", "/@evil"])
def test_way_back_is_one_header_line_on_this_host(client, back):
    response = choose(client, sida=back, utseende="dark")

    assert response.status_code == 302
    assert re.fullmatch(r"/[!-~]*", response.headers["Location"])
    assert not response.headers["Location"].startswith("//")
    assert [*response.cookies] == ["utseende"]


# -- stylesheet --------------------------------------------------------------------------


@pytest.mark.parametrize("hue", [0, 200, 359])
def test_theme_never_changes_at_its_address(client, hue):
    response = client.get(f"/tema/{hue}.css")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("hue", ["360", "9" * 5000, "-1", "1.5", "x", "٣"])
def test_theme_of_no_hue_is_not_found(db, client, hue):
    response = client.get(f"/tema/{hue}.css")

    assert response.status_code == 404
    assert "Cache-Control" not in response.headers


# -- compression -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000, gzip; q=0.0", None),
        ("identity", None),
        ("brotli, xgzip", None),
        ("", None),
    ],
)
def test_page_is_compressed_as_the_reader_accepts(db, client, accepted, encoding):
    plain = client.get("/").content
    response = client.get("/", headers={"accept-encoding": accepted})
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]

    assert response.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in response.headers["Vary"]
    assert response.headers["Content-Length"] == str(len(response.content))
    assert unpack(response.content) == plain


def test_head_says_the_length_that_get_has(db, client):
    headers = {"accept-encoding": "br"}
    head, got = client.head("/", headers=headers), client.get("/", headers=headers)

    assert head.content == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("x" * 499),
        HttpResponse("x" * 5000, content_type="image/png"),
        HttpResponse("x" * 5000, headers={"Content-Encoding": "zstd"}),
        HttpResponseNotModified(),
        HttpResponse(status=204),
        StreamingHttpResponse(["x" * 5000]),
    ],
    ids=["small", "image", "already", "304", "204", "streamed"],
)
def test_what_is_not_compressed_passes_untouched(response):
    before = dict(response.headers)
    request = RequestFactory().get("/", headers={"accept-encoding": "br, gzip"})

    assert compress_html(lambda request: response)(request) is response
    assert dict(response.headers) == before


@pytest.mark.parametrize(
    "kind", ["text/html", "text/css", "application/json", "application/xml", "application/atom+xml"]
)
def test_text_from_500_bytes_is_compressed(kind):
    request = RequestFactory().get("/", headers={"accept-encoding": "br"})
    made = HttpResponse("x" * 500, content_type=f"{kind}; charset=utf-8")

    assert compress_html(lambda request: made)(request).headers["Content-Encoding"] == "br"


def test_accepted_encodings():
    assert accepted_encodings("gzip;q=1.0, br;q=0.9, *;q=0") == {"gzip", "br"}
    assert accepted_encodings("") == {""}


# -- health and machines -----------------------------------------------------------------


@pytest.fixture
def broken_database(db, tmp_path):
    """A connection to a database that cannot be opened, in place of the suite's."""
    whole = connections["default"]
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "borta" / "portal.sqlite3",
    }
    connections["default"] = ConnectionHandler({"default": database})["default"]
    yield
    connections["default"] = whole


def test_alive_and_ready(db, client):
    for address in ("/halsa/", "/halsa/redo/"):
        response = client.get(address)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert "no-store" in response.headers["Cache-Control"]


def test_without_database_alive_but_not_ready(broken_database, client):
    alive, ready = client.get("/halsa/"), client.get("/halsa/redo/")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (503, {"status": "databasen svarar inte"})


def test_not_ready_before_its_migrations(db, client):
    MigrationRecorder.Migration.objects.filter(app="followup").delete()
    response = client.get("/halsa/redo/")

    assert (response.status_code, response.json()) == (503, {"status": "migreringar väntar"})


def test_robots_names_the_sitemap(db, client):
    SiteSettings.objects.update(noindex=False)
    response = client.get("/robots.txt")

    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /konto/",
        "Disallow: /sok/",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def test_every_address_of_the_sitemap_answers_once(db, client):
    make_unit(valid_to=TODAY)
    Page.objects.create(slug="utkast", nav_title="U", purpose="U", owner_id=1)
    response = client.get("/sitemap.xml")
    found = re.findall(r"<loc>http://testserver(/[^<]*)</loc>", response.text)

    assert response.headers["Content-Type"] == "application/xml"
    assert sorted(found) == sorted(set(found))
    assert {address: client.get(address).status_code for address in found} == dict.fromkeys(
        found, 200
    )
    assert len(found) > 150
    assert not [address for address in found if "utkast" in address]


def test_sitemap_of_many_addresses_is_an_index_of_parts(db, client, monkeypatch):
    whole = locations(client.get("/sitemap.xml"))
    monkeypatch.setattr(sitemap, "PART", 40)

    index = client.get("/sitemap.xml")
    parts = locations(index)

    assert index.text.count("<sitemap>") == len(parts)
    assert "/sitemap-sidor-1.xml" in parts
    assert "/sitemap-sidor-2.xml" in parts
    pieces = [locations(client.get(part)) for part in parts]
    assert max(map(len, pieces)) <= 41  # the list of news besides
    assert sorted(url for piece in pieces for url in piece) == sorted(whole)


@pytest.mark.parametrize("part", ["sidor-0", "sidor-9", "annat-1", "roller-999999999999999999999"])
def test_part_that_the_sitemap_has_not(db, client, part):
    assert client.get(f"/sitemap-{part}.xml").status_code == 404


def test_sitemap_says_when_a_page_was_changed(db, client):
    version = PageVersion.objects.live().select_related("page__parent").get(page__slug="samtycke")
    moment = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    PageVersion.objects.filter(pk=version.pk).update(publish_at=moment)

    text = client.get("/sitemap.xml").text

    address = f"<loc>http://testserver{version.page.get_absolute_url()}</loc>"
    assert f"<url>{address}<lastmod>2026-11-20T08:30:00+00:00</lastmod></url>" in text
    assert "<url><loc>http://testserver/aktuellt/</loc></url>" in text


def locations(response):
    return re.findall(r"<loc>http://testserver(/[^<]*)</loc>", response.text)


# -- problems ----------------------------------------------------------------------------


def assert_in_the_look(response, heading):
    assert response.text.count("<h1") == 1
    assert f"<h1>{heading}</h1>" in response.text
    assert '<html lang="sv">' in response.text
    assert "/tema/200.css?v=" in response.text
    assert "css/site.css" in response.text
    assert not re.search(r"<script|<style| style=|{[{%]", response.text)
    assert_guarded(response)
    assert response.cookies == {}


@pytest.fixture
def failing(settings, db):
    settings.ROOT_URLCONF = "tests.portal.failing_urls"
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def test_400_is_a_page_of_the_site(db, client):
    response = client.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert_in_the_look(response, "Förfrågan kunde inte tolkas")
    assert "evil.example" not in response.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("&".join(f"a{n}=1" for n in range(2001)), "application/x-www-form-urlencoded"),
        ("x", "multipart/form-data; boundary=å"),
        ("x", "multipart/form-data"),
    ],
    ids=["fields", "boundary", "no boundary"],
)
def test_body_that_cannot_be_read_is_a_400_page(db, client, body, kind):
    response = client.generic("POST", "/utseende/", body.encode(), content_type=kind)

    assert response.status_code == 400
    assert_in_the_look(response, "Förfrågan kunde inte tolkas")


def test_body_too_large_is_a_413_page_that_names_the_limit(db, client):
    body = b"x" * 3_000_000
    response = client.generic(
        "POST", "/utseende/", body, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 413
    assert_in_the_look(response, "Det som skickades är för stort")
    assert "Högst 1 MB kan tas emot här, och inget har sparats." in response.text


def test_403_is_a_page_of_the_site(failing):
    response = failing.get("/prov/forbjudet/")

    assert response.status_code == 403
    assert_in_the_look(response, "Du har inte tillgång till sidan")


def test_form_without_its_check_gets_a_page_of_the_site(failing):
    response = failing.post("/prov/formular/")

    assert response.status_code == 403
    assert_in_the_look(response, "Formuläret kunde inte tas emot")


@pytest.mark.parametrize("address", ["/finns-inte/", "/intyg/finns-inte/", "/a.php", "/%ff/", "/ "])
def test_404_is_a_page_of_the_site(db, client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert_in_the_look(response, "Sidan finns inte")


def test_410_says_why_and_what_instead(db, client):
    PageVersion.objects.filter(page__slug="tidslinje").update(
        publish_at=NOW - timedelta(days=1),
        expire_at=NOW,
        end_reason="Slagits ihop <b>nu</b>.",
        successor=Page.objects.get(slug="samtycke"),
    )
    response = client.get("/sjukskrivningsprocessen/tidslinje/")

    assert response.status_code == 410
    assert_in_the_look(response, "Sidan gäller inte längre")
    assert "Slagits ihop &lt;b&gt;nu&lt;/b&gt;." in response.text
    assert 'Läs i stället: <a href="/sekretess-och-samtycke/samtycke/">' in response.text


def test_500_is_a_page_of_the_site_and_tells_no_cause(failing):
    response = failing.get("/prov/fel/")

    assert response.status_code == 500
    assert_in_the_look(response, "Något gick fel hos oss")
    assert "hemlig" not in response.text


def test_page_without_database_is_a_503_page(broken_database):
    response = Client(raise_request_exception=False).get("/")

    assert response.status_code == 503
    assert_in_the_look(response, "Portalen svarar inte just nu")
