"""What a page may cost: queries, and bytes over the wire."""

from pathlib import Path

import brotli
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.web.theme import theme_css
from tests.factories import make_page, make_unit, make_version

STATIC = Path(__file__).parent.parent.parent / "static"
FONTS = ["source-sans-3-latin-wght-normal.woff2", "source-serif-4-latin-600-normal.woff2"]


def wire_bytes(client, url):
    """A page's HTML and its two style sheets, brotli as whitenoise and the portal send them."""
    html = client.get(url, headers={"accept-encoding": "br"}).content
    sheets = [theme_css(200).encode(), (STATIC / "css" / "site.css").read_bytes()]
    return len(html) + sum(len(brotli.compress(sheet)) for sheet in sheets)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/sjukskrivningsprocessen/",
        "/sjukskrivningsprocessen/tidslinje/",
        "/intyg/",
        "/intyg/skriva-bra-intyg/",
        "/sekretess-och-samtycke/samtyckesguide/",
        "/rehabkoordinering/koordinering-steg-for-steg/",
    ],
)
def test_guidance_page_and_styles_fit_20_kb_and_with_fonts_90_kb(client, db, url):
    fonts = sum((STATIC / "fonts" / name).stat().st_size for name in FONTS)
    size = wire_bytes(client, url)

    assert size <= 20_000
    assert size + fonts <= 90_000


@pytest.mark.parametrize(
    "url",
    [
        "/sjukskrivningsprocessen/",
        "/intyg/skriva-bra-intyg/",
        "/sekretess-och-samtycke/samtycke/",
        "/rehabkoordinering/koordinering-steg-for-steg/",
    ],
)
def test_guidance_page_costs_seven_queries_two_of_them_for_content(client, db, url):
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(url)
    content = [query["sql"] for query in queries if 'FROM "guidance_page' in query["sql"]]

    assert len(queries) <= 7
    assert len(content) <= 2


def test_guidance_page_costs_the_same_among_many_pages(client, db, django_assert_num_queries):
    with CaptureQueriesContext(connection) as before:
        client.get("/intyg/skriva-bra-intyg/")
    section = make_version(page=make_page(slug="provavdelning")).page
    for _ in range(60):
        make_version(page=make_page(parent=section))

    with django_assert_num_queries(len(before)):
        client.get("/intyg/skriva-bra-intyg/")


def test_unit_directory_costs_the_same_with_sixty_more_units(client, db, django_assert_num_queries):
    with CaptureQueriesContext(connection) as before:
        client.get("/organisation/enheter/")
    for _ in range(60):
        make_unit()

    with django_assert_num_queries(len(before)):
        client.get("/organisation/enheter/")
