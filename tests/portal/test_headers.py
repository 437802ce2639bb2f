"""Every address there is, whatever it answers, says the same to the browser about safety."""

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from portal.web.middleware import PERMISSIONS_POLICY

pytestmark = pytest.mark.django_db
VALUES = {
    "int": "1", "slug": "intyg", "uuid": "00000000-0000-0000-0000-000000000000", "path": "1",
}  # fmt: skip
EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}
REFERRERS = {"same-origin", "no-referrer"}


def every_pattern(resolver=None, route=""):
    """["admin/organisation/unit/<path:object_id>/change/", …], all of them."""
    for each in (resolver or get_resolver()).url_patterns:
        here = route + str(each.pattern).removeprefix("^").removesuffix("$")
        if isinstance(each, URLPattern):
            yield here
        else:
            yield from every_pattern(each, here)


def filled(route):
    path = re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES.get(match[1], "1"), route)
    return "/" + re.sub(r"\(\?P<\w+>.*?\)\$?", "1", path).replace("\\", "").replace("\\Z", "")


def faults(response, address):
    """What is missing in an answer's headers, in words."""
    found = [
        f"{address}: {name} {response.headers.get(name)!r}"
        for name, value in EXACT.items()
        if response.headers.get(name) != value
    ]
    policy = response.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        found.append(f"{address}: CSP {policy!r}")
    if "unsafe-eval" in policy or re.search(r"script-src[^;]*unsafe", policy):
        found.append(f"{address}: CSP {policy!r}")
    if response.headers.get("Referrer-Policy") not in REFERRERS:
        found.append(f"{address}: Referrer-Policy")
    return found


@pytest.fixture(autouse=True)
def _https(settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


def test_all_patterns_are_walked():
    routes = list(every_pattern())

    assert len(routes) > 300
    assert {"sok/", "konto/logga-in/", "api/v1/units", "admin/audit/entry/"} <= set(routes)
    assert filled("organisation/enheter/<hsa_id:hsa_id>/") == "/organisation/enheter/1/"


def walk(client, routes, method="get"):
    """(faults, status codes) of all the answers."""
    found, codes = [], set()
    for route in routes:
        address = filled(route)
        response = getattr(client, method)(address, secure=True)
        codes.add(response.status_code)
        found += faults(response, address)
        if response.status_code >= 500:
            found.append(f"{address}: {response.status_code}")
    return found, codes


@pytest.mark.parametrize(("method", "some"), [("get", {200, 302, 404}), ("post", {403, 404, 405})])
def test_every_pattern_answers_a_reader_with_all_headers(method, some):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    found, codes = walk(client, every_pattern(), method)

    assert found == []
    assert codes >= some


def test_every_pattern_behind_the_sign_in_has_them_too(admin_user):
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    # Not the one that ends the session: the rest would be a stranger's.
    inside = [
        route
        for route in every_pattern()
        if route.startswith(("admin/", "konto/")) and "logga-ut" not in route
    ]
    found, codes = walk(client, inside)

    assert found == []
    assert codes >= {200, 302}
    assert client.get("/admin/", secure=True).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/finns-inte/", 404),
        ("/static/css/site.css", 200),
        ("/static/finns-inte.css", 404),
        ("/intyg", 301),
        ("/%00", 404),
    ],
)
def test_what_no_pattern_answers_has_them_too(address, status, settings, tmp_path):
    if status == 200:
        (tmp_path / "css").mkdir()
        (tmp_path / "css" / "site.css").write_text("body {}")
        settings.STATIC_ROOT = tmp_path
    response = Client().get(address, secure=True)

    assert (response.status_code, faults(response, address)) == (status, [])


def test_false_host_redirect_to_https_and_a_broken_view_have_them_too(settings):
    foreign = Client().get("/", secure=True, headers={"host": "ond.example"})
    assert (foreign.status_code, faults(foreign, "/")) == (400, [])

    settings.ROOT_URLCONF = "tests.portal.failing_urls"
    broken = Client(raise_request_exception=False).get("/prov/fel/", secure=True)
    assert (broken.status_code, faults(broken, "/prov/fel/")) == (500, [])

    settings.SECURE_SSL_REDIRECT = True
    plain = Client().get("/intyg/")
    plain_faults = [each for each in faults(plain, "/") if "Strict" not in each]
    # Over http a browser pays no heed to the promise, so it is not made.
    assert (plain.status_code, plain_faults) == (301, [])
    assert "Strict-Transport-Security" not in plain.headers


def test_finds_a_planted_fault():
    response = Client().get("/", secure=True)
    del response.headers["X-Frame-Options"]
    response.headers["Content-Security-Policy"] = "default-src *"

    assert faults(response, "/") == ["/: X-Frame-Options None", "/: CSP 'default-src *'"]
    assert RequestFactory().get("/").path == "/"
