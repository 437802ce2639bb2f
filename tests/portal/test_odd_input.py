"""Input of any kind gets an answer below 500, and an odd choice in a form a Swedish message."""

import re
import string
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from education.forms import CalendarForm, CourseFilterForm
from organisation.forms import UnitFilterForm
from portal.web.form_token import form_token

pytestmark = pytest.mark.django_db

# The clock stands still between examples and rows are not changed, so fixtures may be shared.
quickly = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

FORMS = {
    "/organisation/enheter/": UnitFilterForm,
    "/kompetens/kalender/": CalendarForm,
    "/kompetens/kurser/": CourseFilterForm,
}
SEARCH = "/sok/"

# Percent-encoded pieces that are no text: a lone surrogate, half a character, overlong, NUL.
BROKEN = ["%ED%A0%80", "%C3", "%C0%AF", "%FF%FE", "%00", "%", "%u0041", "%2e%2e%2f", "%0d%0a"]
ODD = [
    "",
    " ",
    "\x00",
    "🙂",
    "👩\u200d🔬",
    "\u202egnirts",
    "..",
    "../../etc/passwd",
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    "{{ 7|add:7 }}",
    "<script>alert(1)</script>",
    "å" * 3000,
    "9" * 5000,
    "-1",
    "0",
    "1e9",
    "٣",
    "NaN",
    "null",
    "\ufeff",
    "a\u0308" * 50,
]
texts = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.text("%_\\'\"*()&|!:-<> ", max_size=20),
    st.integers(-(10**30), 10**30).map(str),
)
raw = st.one_of(
    texts.map(lambda text: quote(text, safe="")),
    st.sampled_from(BROKEN),
    st.text(string.ascii_letters + "%;&=+[]", max_size=30),
)


def queries(names):
    """Query strings: known and unknown names, repeated, as arrays, and broken encodings."""
    keys = st.one_of(
        st.sampled_from(names),
        st.sampled_from(names).map(lambda name: f"{name}[]"),
        st.text(string.ascii_letters + "_", min_size=1, max_size=8),
    )
    pairs = st.tuples(keys, raw).map(lambda pair: "=".join(pair))
    return st.lists(pairs, max_size=5).map("&".join)


# How each message that the forms can give begins.
SWEDISH = re.compile(r"(Välj|Fyll i|Kontrollera att|Säkerställ att|Null-tecken|Skriv|Sid|Slaget) ?")


def swedish(message):
    return bool(SWEDISH.match(message))


def names_of(form):
    return [*form.base_fields]


@pytest.mark.parametrize("address", FORMS)
def test_any_query_of_a_filter_gets_a_page_and_faults_get_a_message(address, client):
    form_class = FORMS[address]

    @quickly
    @given(queries(names_of(form_class)))
    def check(query):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 200
        form = response.context["form"]
        # Asked for when the part of the page that shows it is made anew.
        form = form() if callable(form) else form
        for errors in form.errors.values():
            for error in errors:
                assert swedish(error)
        shown = "Ett val i filtret kan inte användas" in response.text
        assert shown == bool(form.errors)
        if form.errors:
            assert '<html lang="sv">' in response.text

    check()


@pytest.mark.parametrize(
    ("address", "name", "value", "message"),
    [
        ("/organisation/enheter/", "typ", "\x00", "Null-tecken är inte tillåtna."),
        ("/organisation/enheter/", "typ", "rymdstation", "Välj en typ av enhet i listan."),
        ("/organisation/enheter/", "drift", "halv", "Välj en driftform i listan."),
        ("/organisation/enheter/", "ort", "\x00", "Välj en ort i listan."),
        ("/organisation/enheter/", "q", "\x00", "Null-tecken är inte tillåtna."),
        (
            "/organisation/enheter/",
            "q",
            "a" * 81,
            "Säkerställ att detta värde har som mest 80 tecken (den har 81).",
        ),
        ("/organisation/enheter/", "page", "två", "Fyll i ett heltal."),
        ("/organisation/enheter/", "page", "9" * 5000, "Fyll i ett heltal."),
        (
            "/kompetens/kalender/",
            "page",
            "0",
            "Kontrollera att detta värde är större än eller lika med 1.",
        ),
        ("/kompetens/kalender/", "malgrupp", "\x00", "Null-tecken är inte tillåtna."),
        ("/kompetens/kalender/", "omrade", "å" * 999, "Välj ett kunskapsområde i listan."),
        ("/kompetens/kalender/", "form", "x", "Välj en form i listan."),
        ("/kompetens/kalender/", "arrangor", "\ud7ff", "Välj en anordnare i listan."),
        ("/kompetens/kalender/", "period", "-1", "Välj en period i listan."),
        ("/kompetens/kurser/", "malgrupp", "x", "Välj en målgrupp i listan."),
    ],
)
def test_odd_choice_gets_its_message_and_the_whole_list(client, address, name, value, message):
    response = client.get(address, {name: value})

    assert response.status_code == 200
    assert f"<li>{message}</li>" in response.text
    assert "Ett val i filtret kan inte användas" in response.text


@pytest.mark.parametrize("address", FORMS)
@pytest.mark.parametrize("value", ["9999", "10000", "99999999999999999999", "1.0", "1&page=2"])
def test_page_number_beyond_the_last_shows_a_page(client, address, value):
    assert client.get(f"{address}?page={value}").status_code == 200


@quickly
@given(queries(["q", "typ", "page"]))
@example("q=%00&typ=%00&page=%00")
@example("q=" + "%C3%A5" * 201)
@example("q=a&page=" + "9" * 40)
def test_any_search_gets_a_page(client, query):
    response = client.get(f"{SEARCH}?{query}")

    assert response.status_code == 200
    for errors in response.context["form"].errors.values():
        for error in errors:
            assert swedish(error)


@quickly
@given(utseende=texts, sida=texts, kod=st.one_of(texts, st.just(None)), more=queries(["kod"]))
def test_any_choice_of_appearance_gets_a_way_back_or_a_message(client, utseende, sida, kod, more):
    fields = {
        "utseende": utseende,
        "sida": sida,
        "kod": form_token("utseende") if kod is None else kod,
    }
    body = urlencode(fields) + (f"&{more}" if more else "")
    response = client.generic(
        "POST", "/utseende/", body.encode(), content_type="application/x-www-form-urlencoded"
    )

    if response.status_code == 302:
        assert re.fullmatch(r"/(?![/\\])[!-~]*|/", response.headers["Location"])
        assert {*response.cookies} <= {"utseende"}
    else:
        assert response.status_code == 400
        assert response.text.startswith("Utseendet kunde inte ändras.")
        assert response.cookies == {}


PREFIXES = [
    "/",
    "/intyg/",
    "/organisation/enheter/",
    "/organisation/roller-och-ansvar/",
    "/kompetens/kurser/",
    "/uppfoljning/indikatorer/",
    "/uppfoljning/enheter/",
    "/dokument/",
    "/aktuellt/",
    "/tema/",
    "/halsa/",
    "/admin/",
]
ENDINGS = ["", "/", ".csv", ".json", ".css", "//", "/../", "/?page=x", "%2f"]


@settings(quickly, max_examples=200)
@given(st.sampled_from(PREFIXES), raw, st.sampled_from(ENDINGS))
@example("/", "/evil.example", "/")
@example("/", "%5Cevil.example", "")
@example("/organisation/enheter/", "se0000000000-e1001", "/")
def test_any_path_gets_an_answer(client, prefix, piece, ending):
    response = client.get(f"{prefix}{piece}{ending}")

    assert response.status_code in {200, 301, 302, 404}
    if response.status_code in {301, 302}:
        assert re.fullmatch(r"/(?!/)[!-~]*", response.headers["Location"])
    if response.status_code == 404:
        assert "Sidan finns inte" in response.text


@settings(quickly, max_examples=20)
@given(number=st.one_of(st.integers(0, 10**40), st.sampled_from([0, 2**31, 2**63, 10**4299])))
def test_any_number_in_an_address_gets_an_answer(client, number):
    code = "antal-sjukfall"
    for address, ending in (
        (f"/uppfoljning/indikatorer/{code}/", "/"),
        (f"/uppfoljning/indikatorer/{code}/", ".csv"),
        (f"/uppfoljning/indikatorer/{code}/", ".json"),
        ("/tema/", ".css"),
    ):
        expected = {200, 404} if number < 3000 else {404}
        assert client.get(f"{address}{number}{ending}").status_code in expected


@pytest.mark.parametrize("digits", [4300, 4301, 100_000])
def test_number_too_long_for_an_address_is_not_found(client, digits):
    for address in ("/uppfoljning/indikatorer/antal-sjukfall/{}/", "/tema/{}.css"):
        assert client.get(address.format("9" * digits)).status_code == 404


@pytest.mark.parametrize("address", [*FORMS, SEARCH])
def test_very_many_parameters_get_an_answer(client, address):
    response = client.get(address + "?" + "&".join(f"q={n}" for n in range(2001)))

    assert response.status_code == 400
    assert "Förfrågan kunde inte tolkas" in response.text


@settings(quickly, max_examples=20)
@given(
    value=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=80),
    name=st.sampled_from(
        ["accept-encoding", "cookie", "accept-language", "if-none-match", "range"]
    ),
)
def test_any_header_gets_a_page(client, name, value):
    assert client.get("/intyg/", headers={name: value}).status_code == 200
