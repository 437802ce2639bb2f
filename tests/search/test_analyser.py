"""The words of a text, on exact examples; no database."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.analyser import STOP_WORDS, compose, fold, stem, stems, tokens
from portal.search.expansion import distances, query_words
from portal.search.highlight import excerpt


def forms(text):
    return [token.form for token in tokens(compose(text))]


def alternatives(text):
    return [word.alternatives for word in query_words(text)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Åtgärd", "atgard"),
        ("ÖVRIGT", "ovrigt"),
        ("idé", "ide"),
        ("Søren", "soren"),
        ("Straße", "strasse"),
        ("rehab\u00adkoordinator", "rehabkoordinator"),
        ("😀", ""),
    ],
)
def test_folds_case_and_accents(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    "words",
    [
        "sjukskriven sjukskrivning sjukskrivningar sjukskrivningarna sjukskriva sjukskrivna",
        "rehabkoordinator rehabkoordinatorer rehabkoordinatorn rehabkoordinatorns",
        "kurs kurser kursen kursernas",
        "smärta smärtan smärtor",
        "intyg intyget intygen intygens intygets",
        "enhet enheter enhetens enheterna",
        "läkare läkaren läkarna läkares läkarnas",
        "samtycke samtycket samtyckets",
        "avstämningsmöte avstämningsmöten avstämningsmötet",
        "medicinsk medicinskt medicinska",
        "behandla behandlande behandling behandlingar",
        "terapi terapin terapier",
        "psykiatri psykiatrin psykiatrins psykiatrisk psykiatriska psykiatriskt",
        "ortopedi ortopedin",
        "ekonomi ekonomin",
        "faktor faktorer",
        "kvalitet kvaliteten",
    ],
)
def test_forms_of_a_word_share_a_stem(words):
    assert len({stem(fold(word)) for word in words.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("kurs", "kur"), ("enhet", "enhälla"), ("samtycke", "samtal"), ("plan", "plats")],
)
def test_different_words_keep_different_stems(one, other):
    assert stem(fold(one)) != stem(fold(other))


def test_short_words_and_numbers_are_not_stemmed():
    assert [stem(form) for form in ("sgi", "mmr", "7804", "gc001")] == [
        "sgi",
        "mmr",
        "7804",
        "gc001",
    ]


def test_token_knows_how_and_where_it_was_written():
    (token,) = tokens("Om Läkarintyget.")

    assert token == ("lakarintyg", "lakarintyget", "Läkarintyget", 3, 15, "")


def test_leaves_out_stop_words_but_not_words_of_the_field():
    assert forms("Vem är det som lider men av AT i vården?") == ["lider", "men", "at", "varden"]
    assert all(fold(word) == word for word in STOP_WORDS)


def test_reads_decomposed_letters_as_whole_ones():
    assert forms("Va\u030ardcentral") == ["vardcentral"]


@pytest.mark.parametrize("text", ["F43.0", "F430", "f43.0", "f 43.0"])
def test_diagnosis_code_in_any_spelling_comes_with_its_category(text):
    assert [token.stem for token in tokens(text)] == ["icdf430", "icdf43"]


def test_diagnosis_category_stands_alone():
    assert stems("F43 och Z73.0") == ["icdf43", "icdz730"]


def test_blank_between_letter_and_number_is_no_code_without_a_point():
    assert forms("i 14 dagar") == ["14", "dagar"]


@pytest.mark.parametrize("text", ["FK 7804", "fk7804", "Fk 7804"])
def test_form_number_whole_and_in_parts(text):
    assert forms(text) == ["fk7804", "fk", "7804"]


def test_employers_certificate():
    assert forms("AG1-14") == ["ag114", "ag", "1", "14"]
    assert stems("AG1-14") == stems("ag 1-14") == ["ag114"]


def test_statute_number_whole_and_in_parts():
    assert forms("SFS 2019:1297") == ["sfs", "20191297", "2019", "1297"]


def test_classification_code_is_one_word():
    assert forms("GC001, gc001") == ["gc001", "gc001"]


def test_hsa_id_whole_and_in_parts():
    assert forms("SE0000000000-E5005") == ["se0000000000e5005", "se0000000000", "e5005"]


def test_query_code_is_one_word_with_its_last_part_as_a_weaker_match():
    assert alternatives("fk 7804") == [{("fk7804",): 1.0, ("7804",): 0.5}]
    assert alternatives("F43.2") == [{("icdf432",): 1.0, ("icdf43",): 0.5}]
    assert alternatives("ag1-14") == [{("ag114",): 1.0}]


def test_query_keeps_each_word_once_and_no_more_than_twelve():
    assert len(query_words("intyg intyget intygen")) == 1
    assert len(query_words(" ".join(f"ord{number}x" for number in range(30)))) == 12


@pytest.mark.parametrize(
    ("word", "term", "expected"),
    [
        ("sekretess", "sekretess", (0, 0)),
        ("sekertess", "sekretess", (1, 1)),
        ("webbcert", "webcert", (1, 1)),
        ("ortopedklniken", "ortopedkliniken", (1, 1)),
        ("sekertess", "sekretesslagen", (3, 1)),
        ("samtycke", "intyg", (3, 3)),
    ],
)
def test_counts_wrong_letters(word, term, expected):
    assert distances(word, term, 2) == expected


def test_excerpt_marks_words_by_stem_and_keeps_their_spelling():
    assert excerpt("Skriv Läkarintyget i tid.", {"lakarintyg"}) == (
        "Skriv <mark>Läkarintyget</mark> i tid."
    )


def test_excerpt_escapes_html():
    assert excerpt('<b onclick="x">intyg</b> & mer', {"intyg"}) == (
        "&lt;b onclick=&quot;x&quot;&gt;<mark>intyg</mark>&lt;/b&gt; &amp; mer"
    )


def test_excerpt_shows_the_place_with_most_marks():
    text = "intyg " + "fyllnad " * 60 + "ett intyg om samtycke " + "fyllnad " * 60

    shown = excerpt(text, {"intyg", "samtyck"})

    assert "ett <mark>intyg</mark> om <mark>samtycke</mark> fyllnad" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(re.sub(r"</?mark>", "", shown)) <= 220 + 4


def test_excerpt_without_marks_shows_the_beginning():
    assert excerpt("Kort text.", {"intyg"}) == "Kort text."
    assert excerpt("", {"intyg"}) == ""


def test_code_is_marked_whole():
    assert excerpt("Fyll i FK 7804.", {"fk7804", "7804"}) == "Fyll i <mark>FK 7804</mark>."


@given(st.text(max_size=300))
def test_any_text_gives_plain_words_in_their_places(text):
    text = compose(text)
    for token in tokens(text):
        assert re.fullmatch("[a-z0-9]+", token.form)
        assert text[token.start : token.end] == token.spelling
    excerpt(text, {"intyg"})
