"""Each rule with a text that breaks it and one that does not, and the starting content."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from guidance.content_checks import check_pages
from guidance.content_checks.findings import RULES, Facts, Finding
from guidance.content_checks.links import allowed_hosts, link_references
from guidance.models import Page, PageVersion
from guidance.page_reading import PageText, StepText, lix, sentences, statistics, words
from portal.web.personal_numbers import has_personal_number

PAGE = PageText("samtycke", purpose="Så frågar du.", brief=("Ett.", "Två.", "Tre."))
FACTS = Facts(
    targets=frozenset({("lag", "osl"), ("roll", "fma")}),
    abbreviations=frozenset({"FK"}),
    hosts=frozenset({"skr.se"}),
    today=date(2026, 11, 2),
)


def made(body="", slug="samtycke", **fields):
    """A page that breaks no rule, with some HTML after its text."""
    return replace(PAGE, slug=slug, body=f"<p>{f'{slug} ' * 250}</p>{body}", **fields)


def found(*pages, facts=FACTS):
    return [(each.place, each.rule) for each in check_pages(pages, facts)]


def messages(*pages):
    return [each.message for each in check_pages(pages, FACTS)]


def test_page_that_follows_all_rules_has_no_findings():
    assert found(made()) == []


def test_finding_carries_severity_page_place_rule_and_what_to_do():
    assert check_pages([made('<h2 id="nar">När</h2><h4 id="sen">Sen</h4>')], FACTS) == [
        Finding(
            "error",
            "samtycke",
            "#sen",
            "heading-order",
            "Gör rubriken ”Sen” till h3: h4 hoppar över en nivå.",
        )
    ]


def test_findings_keep_the_order_of_pages_with_errors_first():
    late = made('<p>Klart snart.</p><h2 id="nar">När</h2><h4 id="sen">Sen</h4>', slug="b")
    early = made("<p>Det blir klart inom kort.</p>", slug="a")

    assert [(each.page, each.severity) for each in check_pages([late, early], FACTS)] == [
        ("b", "error"),
        ("b", "warning"),
        ("a", "warning"),
    ]


# -- words -----------------------------------------------------------------------------


def test_lix_adds_words_per_sentence_and_share_of_long_words():
    # 7 words in 2 sentences, one of them longer than six letters: 3.5 + 100/7.
    assert lix("Hunden sover i solen. Katten jagar fåglarna.") == 17.8
    assert lix("") == 0.0


def test_words_keep_codes_and_genitives_together():
    assert words("FK:s intyg AG1-14, dag 1–14") == ["FK:s", "intyg", "AG1-14", "dag", "1", "14"]


def test_sentences_end_before_a_capital_and_not_inside_a_law_reference():
    text = "Se 27 kap. 25 § SFB. Fråga t.ex. Försäkringskassan. Vad\nDu gör: Ring"

    assert sentences(text) == [
        "Se 27 kap. 25 § SFB.",
        "Fråga t.ex. Försäkringskassan.",
        "Vad",
        "Du gör:",
        "Ring",
    ]


def test_statistics_count_body_and_step_texts_but_neither_lead_nor_fact_line():
    page = PageText(
        "a",
        lead="Räknas inte.",
        body='<p>Två ord.</p><ul class="fakta"><li><strong>Vem:</strong> du</li></ul>',
        steps=(StepText("s", "Inte med", "<p>Ett steg till.</p>", when="Genast"),),
    )

    assert statistics(page) == {"words": 7, "lix": 2.5}


# -- fields and length -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "expected"), [(2, [("brief", "brief")]), (3, []), (5, []), (6, [("brief", "brief")])]
)
def test_brief_has_three_to_five_points(count, expected):
    assert found(made(brief=("Punkt.",) * count)) == expected


def test_brief_is_optional_on_listings():
    assert found(made(kind="listing", brief=())) == []


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [("a" * 155, []), ("a" * 156, [("purpose", "purpose")]), ("", [("purpose", "purpose")])],
)
def test_purpose_has_at_most_155_characters(purpose, expected):
    assert found(made(purpose=purpose)) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (None, []),
        (date(2026, 11, 2), [("reviewed_on", "review")]),
        (date(2026, 11, 3), []),
    ],
)
def test_review_is_late_from_its_day(day, expected):
    assert found(made(next_review=day)) == expected


def test_list_stands_under_an_h2_of_the_text():
    body = '<h2 id="valj">Välj</h2><h3 id="mer">Mer</h3>'

    assert found(made(body, register_anchor="valj")) == []
    assert found(made(body, register_anchor="mer")) == [("register_anchor", "register-place")]


@pytest.mark.parametrize(
    ("fields", "count", "expected"),
    [
        ({}, 249, [("body", "length")]),
        ({}, 250, []),
        ({}, 900, []),
        ({}, 901, [("body", "length")]),
        ({"kind": "listing"}, 99, [("body", "length")]),
        ({"kind": "listing"}, 100, []),
        ({"slug": "start", "kind": "start"}, 0, []),
        ({"slug": "sok", "kind": "listing"}, 0, []),
    ],
)
def test_length_depends_on_kind(fields, count, expected):
    assert found(replace(PAGE, body=f"<p>{'ord ' * count}</p>", **fields)) == expected


# -- headings and tables ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<h2 id="a">A</h2><h3 id="b">B</h3><h2 id="c">C</h2>', []),
        ('<h3 id="b">B</h3>', [("#b", "heading-order")]),
        ('<h2 id="a">A</h2><h4 id="b">B</h4>', [("#b", "heading-order")]),
        ("<h2>A</h2>", [("body", "heading-id")]),
        ('<h2 id="a">A</h2><h2 id="a">B</h2>', [("#a", "duplicate-id")]),
    ],
)
def test_headings_go_down_one_level_at_a_time_with_ids_of_their_own(body, expected):
    assert found(made(body)) == expected


def test_heading_shares_its_id_with_neither_step_nor_row():
    page = made(
        '<h2 id="fore">Före</h2><h2 id="underlag">Underlag</h2>',
        steps=(StepText("fore"), StepText("efter")),
        shown_ids=("underlag", "osl", "osl"),
    )

    assert found(page) == [("#fore", "duplicate-id"), ("#underlag", "duplicate-id")]


def test_table_has_header_cells():
    cells = "<tbody><tr><td>a</td></tr></tbody>"
    head = '<thead><tr><th scope="col">A</th></tr></thead>'

    assert found(made(f"<table>{head}{cells}</table>")) == []
    assert found(made(f'<h2 id="a">A</h2><table>{head}{cells}</table><table>{cells}</table>')) == [
        ("#a", "table-header")
    ]


# -- facts of a process -------------------------------------------------------------------


def facts_line(*labels):
    items = "".join(f"<li><strong>{label}:</strong> ja</li>" for label in labels)
    return f'<h2 id="gor">Gör</h2><ul class="fakta">{items}</ul>'


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("Vem", "När", "Dokumenteras", "Lag"), []),
        (("Vem", "När", "Dokumenteras"), []),
        (("Vem", "När"), [("#gor", "facts")]),
        (("Vem", "När", "Lag", "Dokument"), [("#gor", "facts")]),
    ],
)
def test_fact_line_may_lack_one_label(labels, expected):
    assert found(made(facts_line(*labels), kind="guideline")) == expected


def test_fact_line_is_not_judged_on_editorial_pages():
    assert found(made(facts_line("Vem"))) == []


def test_missing_labels_are_named():
    assert messages(made(facts_line("Vem", "Lag"), kind="guideline")) == [
        "Faktaraden saknar När och Dokumenteras. Fyll i det som gäller avsnittet."
    ]


def test_step_may_lack_one_label():
    filled = StepText("fore", labels=frozenset({"Vem", "När", "Dokumenteras"}))
    bare = StepText("efter", labels=frozenset({"Vem", "När"}))

    assert found(made(kind="guideline", steps=(filled, bare))) == [("#efter", "facts")]


def test_guideline_has_steps_or_a_fact_line():
    assert found(made(kind="guideline")) == [("body", "facts")]


# -- wording ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Mallen publiceras snart.",
        "Mallen publiceras inom kort.",
        "Under hösten startar kursen.",
        "Reglerna kommer att ändras.",
        "Senast uppdaterad 3 maj.",
        "Varje landsting bestämmer.",
        "Enligt SKL gäller det alla.",
    ],
)
def test_stale_phrase_is_found(text):
    assert found(made(f'<h2 id="a">A</h2><p>{text}</p>'), facts=KNOWS_SKL) == [
        ("#a", "stale-phrase")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ring så snart du kan.",
        "Fråga snarast.",
        "Kursen ges under hösten 2027.",
        "Läkaren kommer till mötet.",
        "Rapporten ”Landstingens arbete med SKL” är från 2010.",
        "Avtalet slöts med SKL (nu Sveriges Kommuner och Regioner).",
    ],
)
def test_phrase_that_holds_is_left_alone(text):
    assert found(made(f"<p>{text}</p>"), facts=KNOWS_SKL) == []


KNOWS_SKL = replace(FACTS, abbreviations=frozenset({"SKL"}))


def test_stale_phrase_is_found_in_fields_and_steps():
    page = made(
        lead="Klart snart.",
        review_note="Granskas snart.",
        steps=(StepText("fore", when="Snart"),),
    )

    assert found(page) == [
        ("lead", "stale-phrase"),
        ("review_note", "stale-phrase"),
        ("#fore", "stale-phrase"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Modellen ska införas 2025.", [("body", "past-future")]),
        ("Modellen ska införas 2027.", []),
        ("Modellen infördes 2025.", []),
        ("Planen ska sedan 2020 finnas.", []),
        ("Regionen ska följa lag 2019:1297.", []),
        ("Du ska fråga. År 2025 ändrades lagen.", []),
    ],
)
def test_future_does_not_lie_in_a_year_that_has_gone(text, expected):
    assert found(made(f"<p>{text}</p>")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Registrera KVÅ.", [("body", "abbreviation")]),
        ("Registrera KVÅ och åter KVÅ-koden.", [("body", "abbreviation")]),
        ("Klassifikation av vårdåtgärder (KVÅ) används. Registrera KVÅ.", []),
        ("KVÅ (klassifikation av vårdåtgärder) används.", []),
        ("KVÅ står för klassifikation av vårdåtgärder.", []),
        ("FK beslutar, enligt del II av EU-rätten.", []),
        ("Kod GC001, ICD-10-SE och rollen INTYG;Rehab.", [("body", "abbreviation")]),
        ("Kod GC001 och rollen INTYG;Rehab.", []),
    ],
)
def test_abbreviation_is_written_out_or_in_the_glossary(text, expected):
    assert found(made(f"<p>{text}</p>")) == expected


# -- what must not stand in a text ----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["121212-1212", "19121212-1212", "191212121212", "121212+1212", "Född 121272-1219, kvinna"],
)
def test_personal_number_is_known_by_its_date_and_control_digit(text):
    assert has_personal_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "121212-1213",  # control digit
        "121312-1211",  # month
        "121200-1216",  # day
        "556036-0793",  # a company's number
        "1121212-12122",
    ],
)
def test_other_numbers_are_no_personal_numbers(text):
    assert not has_personal_number(text)


def test_personal_number_is_found_in_text_and_rows_and_not_repeated():
    page = made("<p>Exempel: 121212-1212.</p>", shown_html="<dl><dd>19121212-1212</dd></dl>")

    assert found(page) == [("body", "personal-number"), ("list", "personal-number")]
    assert "1212" not in "".join(messages(page))


@pytest.mark.parametrize(
    "text",
    ["08-123 456 78", "070-123 45 67", "0771-524 524", "+46 10 123 45 67", "namn.efter@region.se"],
)
def test_contact_details_do_not_stand_in_text(text):
    assert found(made(f"<p>Ring eller skriv: {text}</p>")) == [("body", "contact-details")]


@pytest.mark.parametrize(
    "text",
    ["Ring 1177 eller 112.", "Kontrollerad 2025-09-01.", "Kl. 08.00–16.30", "618 000 personer"],
)
def test_other_figures_are_no_contact_details(text):
    assert found(made(f"<p>{text}</p>")) == []


def test_contact_details_do_not_stand_in_links():
    body = '<p><a href="tel:112">Ring</a> eller <a href="mailto:x">skriv</a></p>'

    assert found(made(body)) == [("body", "contact-details")] * 2


# -- links ----------------------------------------------------------------------------------


def link(href):
    return f'<p><a href="{href}">länk</a></p>'


def test_link_leads_to_a_live_page_and_an_anchor_on_it():
    target = made(
        '<h2 id="nar">När</h2><h3 id="djup">Djup</h3><h2>Utan id</h2>',
        slug="mal",
        steps=(StepText("steg-1"),),
        shown_ids=("osl",),
    )
    target = replace(target, body=target.body.replace("<h2>", '<h2 id="utan-id">'))
    good = "".join(
        map(link, ["sida:mal", *(f"sida:mal#{x}" for x in ("nar", "djup", "steg-1", "osl"))])
    )

    assert found(made(good), target) == []
    assert found(made(link("sida:mal#borta")), target) == [("body", "link-anchor")]
    assert found(made(link("sida:utkast")), target) == [("body", "link-target")]


def test_link_within_the_page_leads_to_an_anchor_on_it():
    body = '<h2 id="nar">När</h2>'

    assert found(made(body + link("#nar"))) == []
    assert found(made(body + link("#borta"))) == [("#nar", "link-anchor")]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("lag:osl", []),
        ("roll:fma", []),
        ("lag:fma", [("body", "link-target")]),
        ("kurs:borta", [("body", "link-target")]),
        ("", [("body", "link-target")]),
        ("https://skr.se/halsa", []),
        ("https://exempel.se/", [("body", "link-host")]),
        ("https://skr.se.exempel.se/", [("body", "link-host")]),
        ("//exempel.se/", [("body", "link-target")]),
        ("/intyg/", [("body", "link-path")]),
    ],
)
def test_link_leads_to_what_exists_or_to_an_allowed_host(href, expected):
    assert found(made(link(href))) == expected


def test_link_in_the_rows_of_a_list_leads_to_an_allowed_host():
    rows = '<a href="/intyg/">x</a><a href="https://skr.se/">x</a><a href="https://x.se/">x</a>'

    assert found(made(shown_html=rows)) == [("list", "link-host")]


def test_allowed_hosts_come_from_addresses_and_patterns():
    assert allowed_hosts(["https://SKR.se/x", "https://lagen.nu/{sfs_number}"]) == {
        "skr.se",
        "lagen.nu",
    }


def test_link_references_are_collected_from_body_and_steps():
    page = made(
        link("sida:a#b") + link("https://skr.se/"),
        steps=(StepText("s", text=link("lag:osl")),),
    )

    assert link_references([page]) == {("sida", "a", "b"), ("lag", "osl", "")}


# -- two pages --------------------------------------------------------------------------------


PARAGRAPH = "Fråga alltid patienten först, och skriv svaret i journalen samma dag som mötet."


def test_paragraph_stands_on_one_page():
    one = made(f"<p>{PARAGRAPH}</p>", slug="ett")
    two = made(f'<h2 id="b">B</h2><p>{PARAGRAPH}</p>')

    assert check_pages([one, two], FACTS) == [
        Finding(
            "error",
            "samtycke",
            "#b",
            "doubled-paragraph",
            "”Fråga alltid patienten först, och skriv svaret i …” står också på sidan ”ett”. "
            "Behåll det på en av dem och länka dit.",
        )
    ]


def test_sentence_of_more_than_ten_words_stands_on_one_page():
    one = made(f"<p>{PARAGRAPH}</p>", slug="ett")
    two = made(f"<ul><li>Först. {PARAGRAPH}</li></ul>")

    assert found(one, two) == [("body", "doubled-sentence")]


def test_short_paragraphs_and_sentences_may_stand_on_two_pages():
    short = "<p>Läs mer om intyg.</p><ul><li>Fråga patienten, skriv sedan i journalen.</li></ul>"

    assert found(made(short), made(short, slug="ett")) == []


# -- the command and the starting content -----------------------------------------------------


def test_starting_content_has_no_errors(db):
    out = StringIO()

    call_command("check_content", "--json", "--statistics", stdout=out)

    result = json.loads(out.getvalue())
    assert [each for each in result["findings"] if each["severity"] == "error"] == []
    assert {each["rule"] for each in result["findings"]} <= set(RULES)
    assert len(result["statistics"]) == Page.objects.count()


def test_error_on_a_page_is_told_and_gives_exit_code_1(db):
    version = PageVersion.objects.live().get(page__slug="samtycke")
    version.body += link("sida:finns-inte") + link("sida:lagar-och-regler#osl")
    version.save()
    out = StringIO()

    with pytest.raises(CommandError) as stopped:
        call_command("check_content", stdout=out)

    assert str(stopped.value) == "1 fel ska rättas."
    assert stopped.value.returncode == 1
    assert "går till sidan ”finns-inte”, som inte finns eller inte är publicerad" in out.getvalue()
    assert f"{RULES['link-target'][1]:44}{1:>6}{0:>11}" in out.getvalue()


@pytest.mark.django_db
def test_command_says_what_it_needs_before_it_reads(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }

    with pytest.raises(CommandError, match="Statiska filer saknas"):
        call_command("check_content")
