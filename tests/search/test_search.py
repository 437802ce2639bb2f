"""Searching the starting content, and rows of the tests' own."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from education.models import Course
from guidance.models import Notice, PageVersion
from organisation.models import Level
from portal.publishing.models import VersionState
from portal.search import sources
from portal.search.forms import SearchForm
from portal.search.index import index, rebuild, remove
from portal.search.models import SearchEntry, SearchPosting, SearchTerm
from portal.search.postings import MOST_OF_MANY
from portal.search.query import MOST_SUGGESTIONS, PER_PAGE, search, suggest
from portal.search.sources import Searchable
from tests.factories import (
    make_appointment,
    make_course,
    make_page,
    make_person,
    make_role,
    make_unit,
    make_unit_kind,
    make_version,
)

pytestmark = pytest.mark.django_db
SWEDEN = ZoneInfo("Europe/Stockholm")


def urls(text, **kwargs):
    return [hit.url for hit in search(text, **kwargs).hits]


def titles(text, **kwargs):
    return [hit.title for hit in search(text, **kwargs).hits]


# The order is the same on SQLite and PostgreSQL: the suite is run on both.
TOP_THREE = {
    "rehabkoordinator": [
        "/organisation/roller-och-ansvar/rehabkoordinator/",
        "/organisation/roller-och-ansvar/processtod/",
        "/rehabkoordinering/",
    ],
    "samtycke arbetsgivare": [
        "/dokument/blanketter-for-samtycke/",
        "/samverkan/arbetsgivaren/",
        "/dokument/samtycke-arbetsgivare/",
    ],
    "fk 7804": [
        "/intyg/lakarintyg-for-sjukpenning/",
        "/dokument/fk-7804/",
        "/intyg/intyg-till-arbetsgivare/",
    ],
    "2019:1297": [
        "/lagar-och-regler/#koordineringslagen",
        "/uppfoljning/kva-registrering/",
        "/organisation/roller-och-ansvar/rehabkoordinator/",
    ],
    "sekertess": [
        "/sekretess-och-samtycke/",
        "/sekretess-och-samtycke/inre-och-yttre-sekretess/",
        "/ordlista/#inre-sekretess",
    ],
    "vårdcentralen skissvik": [
        "/organisation/enheter/SE0000000000-E1005/",
        "/organisation/enheter/SE0000000026-E2003/",
        "/organisation/enheter/SE0000000000-E1004/",
    ],
    "90 dagar": [
        "/uppfoljning/indikatorer/langa-90/",
        "/uppfoljning/indikatorer/koord-90/",
        "/sjukskrivningsprocessen/tidslinje/",
    ],
    "smartmottagningen": [
        "/organisation/enheter/SE0000000000-E6001/",
        "/organisation/enheter/SE0000000042-E4004/",
        "/sekretess-och-samtycke/samtycke/",
    ],
    "kurs för st-läkare": [
        "/kompetens/kurser/forsakringsmedicin-for-st-lakare/",
        "/kompetens/kurser/forsakringsmedicin-for-at-lakare/",
        "/kompetens/kurser/verksamhetsanknuten-utbildning/",
    ],
    "vem skriver intyg till arbetsgivaren": [
        "/intyg/intyg-till-arbetsgivare/",
        "/intyg/",
        "/intyg/skriva-bra-intyg/",
    ],
}


# -- what comes first ------------------------------------------------------------------------


@pytest.mark.parametrize("text", TOP_THREE)
def test_first_three_are_the_same_on_every_database(text):
    assert urls(text)[:3] == TOP_THREE[text]


def test_finds_inflected_folded_and_compound_words(trial):
    trial(
        Searchable(1, "Zebrarandning", "/1/", "Om zebrarandningens former."),
        Searchable(2, "Annat", "/2/", "Här nämns zebrarandningar."),
        Searchable(3, "Övrigt", "/3/", "Inget av det."),
    )

    assert titles("zebrarandningarna", kinds=["prov"]) == ["Zebrarandning", "Annat"]
    assert titles("ovrigt", kinds=["prov"]) == ["Övrigt"]
    assert titles("randning", kinds=["prov"]) == ["Zebrarandning", "Annat"]
    assert titles("zebra", kinds=["prov"]) == ["Zebrarandning", "Annat"]
    assert titles("zebra randning", kinds=["prov"]) == ["Zebrarandning", "Annat"]


def test_finds_two_words_written_as_one(trial):
    trial(Searchable(1, "Randig zebra", "/1/", ""), Searchable(2, "Randig giraff", "/2/", ""))

    assert titles("randigzebra", kinds=["prov"]) == ["Randig zebra"]


def test_title_comes_before_keyword_and_keyword_before_text(trial):
    trial(
        Searchable(1, "Ett", "/1/", "zebra"),
        Searchable(2, "Två", "/2/", "annat", keywords="zebra"),
        Searchable(3, "Zebra", "/3/", "annat"),
        Searchable(4, "Fyra", "/4/", "annat", names="zebra"),
    )

    assert titles("zebra", kinds=["prov"]) == ["Zebra", "Fyra", "Två", "Ett"]


def test_equal_hits_stand_by_title_and_id(trial):
    trial(
        Searchable(3, "Zebra b", "/3/", "x"),
        Searchable(2, "Zebra a", "/2/", "x"),
        Searchable(1, "Zebra b", "/1/", "x"),
    )

    assert urls("zebra", kinds=["prov"]) == ["/2/", "/1/", "/3/"]


def test_same_title_comes_first_little_words_too(trial):
    trial(
        Searchable(1, "Om zebror", "/1/", "zebra zebra zebra"),
        Searchable(2, "Vad är en zebra?", "/2/", "giraff"),
    )

    assert urls("vad är en zebra", kinds=["prov"]) == ["/2/", "/1/"]


def test_whole_page_is_listed_once_its_parts_each(trial):
    trial(
        Searchable(1, "Zebra", "/zebra/", "x"),
        Searchable(2, "Blankett om zebra", "/zebra/", "x"),
        Searchable(3, "Zebrans ränder", "/zebra/#rander", "x"),
        Searchable(4, "Zebrans öron", "/zebra/#oron", "x"),
    )

    results = search("zebra", kinds=["prov"])

    assert urls("zebra", kinds=["prov"]) == ["/zebra/", "/zebra/#rander", "/zebra/#oron"]
    assert results.hits[0].title == "Zebra"
    assert results.total == sum(kind.count for kind in results.counts if kind.kind == "prov") == 3


def test_word_that_looks_like_an_ending_is_not_joined_with_the_one_before(trial):
    trial(Searchable(1, "Samtycke", "/1/", ""), Searchable(2, "Ringa", "/2/", "samtycke"))

    assert urls("samtycke ringa", kinds=["prov"]) == ["/2/"]


def test_weight_lets_an_entry_give_way(trial):
    trial(Searchable(1, "Zebra", "/1/", "x", weight=0.5), Searchable(2, "Zebra", "/2/", "x"))

    assert urls("zebra", kinds=["prov"]) == ["/2/", "/1/"]


def test_entries_with_all_words_shut_out_the_others_when_they_are_enough(trial):
    both = [Searchable(pk, f"Zebra och giraff {pk}", f"/{pk}/", "") for pk in range(1, 6)]
    trial(*both, Searchable(9, "Zebra", "/9/", ""))

    assert search("zebra giraff", kinds=["prov"]).total == 5
    remove("prov", [1])
    assert search("zebra giraff", kinds=["prov"]).total == 5
    assert urls("zebra giraff", kinds=["prov"])[-1] == "/9/"


def test_synonyms_stand_for_each_other(trial, monkeypatch):
    groups = [["zebra", "randdjur"], ["ZGR", "zebra gnu rådjur"]]
    monkeypatch.setattr(sources, "_synonyms", [lambda: groups])
    trial(
        Searchable(1, "Randdjur", "/1/", ""),
        Searchable(2, "Gnu", "/2/", "Zebra, gnu och rådjur."),
        Searchable(3, "Gnu", "/3/", "Bara en gnu."),
    )

    assert urls("zebra", kinds=["prov"]) == ["/1/", "/2/"]
    assert urls("zgr", kinds=["prov"]) == ["/2/"]


# -- misspellings ----------------------------------------------------------------------------


def test_proposes_and_uses_the_right_spelling():
    results = search("vad är Sekertess")

    assert results.did_you_mean == "vad är sekretess"
    assert results.hits[0].url == "/sekretess-och-samtycke/"


def test_two_letters_and_a_word_are_no_compound(trial):
    trial(Searchable(1, "Mest om djur", "/1/", ""), Searchable(2, "Vävmest", "/2/", ""))

    assert titles("semester", kinds=["prov"]) == []
    assert titles("allramest", kinds=["prov"]) == ["Mest om djur"]


def test_proposes_nothing_for_what_is_spelled_right():
    assert search("sekretess").did_you_mean == ""


def test_proposes_nothing_for_nonsense():
    results = search("qqxxzzyyw")

    assert (results.hits, results.total, results.did_you_mean) == ([], 0, "")


# -- what the results hold -------------------------------------------------------------------


def test_hit_tells_kind_and_marks_the_words(trial):
    trial(Searchable(1, "Djur", "/djur/", "Här bor <b>zebror</b>."))

    (hit,) = search("zebra", kinds=["prov"]).hits

    assert (hit.kind, hit.label, hit.title, hit.url) == ("prov", "Prov", "Djur", "/djur/")
    assert hit.excerpt == "Här bor &lt;b&gt;<mark>zebror</mark>&lt;/b&gt;."


def test_counts_by_kind_stay_when_a_kind_is_chosen():
    everything = search("rehabkoordinator")
    roles = search("rehabkoordinator", kinds=["role"])

    assert everything.total == sum(kind.count for kind in everything.counts)
    assert roles.counts == everything.counts
    assert {hit.kind for hit in roles.hits} == {"role"}
    assert [kind.count for kind in roles.counts if kind.kind == "role"] == [roles.total]


def test_pages_of_twenty(trial):
    trial(*(Searchable(pk, f"Zebra {pk:02}", f"/{pk}/", "") for pk in range(45)))

    pages = [titles("zebra", kinds=["prov"], page=number) for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [PER_PAGE, PER_PAGE, 5]
    assert [title for page in pages for title in page] == [f"Zebra {pk:02}" for pk in range(45)]
    assert titles("zebra", kinds=["prov"], page=99) == pages[2]


# -- hidden things ---------------------------------------------------------------------------
# With words that are no Swedish, lest a part of them be found on other pages.


def found(text):
    return search(text).total, [s.text for s in suggest(text)]


NOTHING = (0, [])


def versions_of(page):
    return list(page.versions.values_list("pk", flat=True))


@pytest.mark.parametrize("state", [VersionState.DRAFT, VersionState.IN_REVIEW])
def test_unpublished_version_is_not_found(state):
    version = make_version(title="Zyxoqvar", state=state, publish_at=None)
    index("page", [version.pk])

    assert found("zyxoqvar") == NOTHING


def test_draft_beside_the_live_text_is_not_found():
    live = make_version(title="Zyxoqvar")
    make_version(page=live.page, title="Wexoplim", state=VersionState.DRAFT, publish_at=None)
    index("page", versions_of(live.page))

    assert titles("zyxoqvar") == ["Zyxoqvar"]
    assert found("wexoplim") == NOTHING


def test_page_leaves_the_search_when_it_expires(clock):
    version = make_version(title="Zyxoqvar", expire_at=timezone.now() + timedelta(days=2))
    index("page", [version.pk])
    assert titles("zyxoqvar") == ["Zyxoqvar"]

    clock.move_to(datetime(2026, 11, 25, 9, 1, tzinfo=SWEDEN))

    assert found("zyxoqvar") == NOTHING


def test_page_with_a_time_to_come_is_found_from_then(clock):
    version = make_version(title="Zyxoqvar", publish_at=timezone.now() + timedelta(days=2))
    index("page", [version.pk])
    assert found("zyxoqvar") == NOTHING

    clock.move_to(datetime(2026, 11, 25, 9, 1, tzinfo=SWEDEN))

    assert titles("zyxoqvar") == ["Zyxoqvar"]


def test_new_version_takes_over_at_its_time_without_indexing(clock):
    first = make_version(title="Zyxoqvar")
    make_version(page=first.page, title="Wexoplim", publish_at=timezone.now() + timedelta(days=2))
    index("page", versions_of(first.page))
    assert (titles("zyxoqvar"), found("wexoplim")) == (["Zyxoqvar"], NOTHING)

    clock.move_to(timezone.now() + timedelta(days=2, minutes=1))

    assert (found("zyxoqvar"), titles("wexoplim")) == (NOTHING, ["Wexoplim"])


def test_expired_page_is_not_indexed_nor_an_older_version_of_it():
    first = make_version(title="Zyxoqvar")
    make_version(page=first.page, title="Wexoplim", expire_at=timezone.now() - timedelta(hours=1))
    index("page", versions_of(first.page))

    assert found("zyxoqvar") == found("wexoplim") == NOTHING


def test_withdrawn_page_is_gone_with_its_words():
    version = make_version(title="Zyxoqvar", body="<p>Wexoplim</p>")
    index("page", [version.pk])
    PageVersion.objects.filter(pk=version.pk).update(
        state=VersionState.WITHDRAWN, withdrawn_at=timezone.now()
    )
    index("page", [version.pk])

    assert found("zyxoqvar") == found("wexoplim") == NOTHING
    assert search("zyxoqvat").did_you_mean == ""


def test_unpublished_course_is_not_found():
    course = make_course(title="Zyxoqvar")
    index("course", [course.pk])
    assert titles("zyxoqvar") == ["Zyxoqvar"]

    Course.objects.update(is_published=False)
    index("course", [course.pk])

    assert found("zyxoqvar") == NOTHING


def test_unit_is_found_through_its_last_day(clock):
    kind = make_unit_kind(level=Level.UNIT)
    unit = make_unit(name="Zyxoqvar", kind=kind, valid_to=date(2026, 11, 25))
    index("unit", [unit.pk])

    clock.move_to(datetime(2026, 11, 24, 23, 59, tzinfo=SWEDEN))
    assert titles("zyxoqvar") == ["Zyxoqvar"]
    clock.move_to(datetime(2026, 11, 25, 0, 1, tzinfo=SWEDEN))
    assert found("zyxoqvar") == NOTHING
    index("unit", [unit.pk])
    assert not SearchEntry.objects.filter(kind="unit", object_id=unit.pk).exists()


def test_notice_is_found_from_its_day(clock):
    notice = Notice.objects.create(
        slug="zebra", title="Zyxoqvar", text="Text.", published_on=date(2026, 11, 25)
    )
    index("notice", [notice.pk])
    assert found("zyxoqvar") == NOTHING

    clock.move_to(datetime(2026, 11, 25, 0, 1, tzinfo=SWEDEN))

    assert titles("zyxoqvar") == ["Zyxoqvar"]


# -- what the rooms register -----------------------------------------------------------------


def test_unit_is_found_by_its_hsa_id_town_and_roles():
    unit = make_unit(name="Zebrakliniken", town="Giraffby", hsa_id="SE0000000000-T9999")
    make_appointment(unit=unit, role=make_role(title="Antilopvakt"))
    index("unit", [unit.pk])

    for text in ("se0000000000-t9999", "t9999", "giraffby", "antilopvakter"):
        assert titles(text) == ["Zebrakliniken"]


def test_person_is_found_by_name_until_the_appointment_ends(clock):
    today = timezone.localdate()
    appointment = make_appointment(
        person=make_person(name="Greta Gnuberg"), valid_to=today + timedelta(days=2)
    )
    index("contact", [appointment.pk])
    assert titles("gnuberg") == ["Greta Gnuberg"]

    clock.move_to(timezone.now() + timedelta(days=2))

    assert found("gnuberg") == NOTHING


def test_page_is_found_by_its_text_without_markup():
    page = make_page(purpose="Om antiloper.")
    make_version(
        page=page, title="Djur", lead="Giraff.", body='<p class="zebra">Gnu<b>pälsar</b></p>'
    )
    index("page", versions_of(page))

    assert titles("gnu") == titles("antilop") == titles("giraff") == ["Djur"]
    assert found("zebra") == NOTHING


def test_every_kind_has_entries_with_addresses_of_the_site():
    assert {source.kind: source.label for source in sources.all_sources()} == {
        "role": "Roll",
        "unit": "Enhet",
        "contact": "Kontakt",
        "page": "Vägledning",
        "document": "Dokument",
        "law": "Lag",
        "term": "Ordlista",
        "certificate": "Intyg",
        "notice": "Aktuellt",
        "course": "Utbildning",
        "indicator": "Indikator",
    }
    for source in sources.all_sources():
        rows = list(source.rows())
        assert rows
        assert all(row.url.startswith("/") and row.title for row in rows)


# -- writing the index -----------------------------------------------------------------------


def test_indexing_again_replaces_and_removing_removes(trial):
    trial(Searchable(1, "Zebra", "/1/", ""), Searchable(2, "Giraff", "/2/", ""))
    trial(Searchable(1, "Antilop", "/1/", ""))

    assert titles("zebra", kinds=["prov"]) == []
    assert titles("antilop", kinds=["prov"]) == ["Antilop"]

    remove("prov", [1])
    assert titles("antilop", kinds=["prov"]) == []
    assert titles("giraff", kinds=["prov"]) == ["Giraff"]


def strengths():
    rows = SearchPosting.objects.filter(entry__kind="prov")
    return dict(rows.values_list("stem", "strength"))


def test_a_changed_sentence_leaves_the_strength_of_all_other_words(trial):
    text = " ".join(f"gnu{number}" for number in range(100))
    trial(Searchable(1, "Zebra", "/1/", text))
    before = strengths()

    trial(Searchable(1, "Zebra", "/1/", f"{text} giraff okapi {text[-5:]}"))
    changed = strengths()
    assert changed.keys() - before.keys() == {"giraf", "okapi"}
    assert [stem for stem in before if changed[stem] != before[stem]] == ["gnu99"]

    trial(Searchable(1, "Zebra", "/1/", f"{text} {'giraff ' * 30}"))
    longer = strengths()
    assert longer.keys() - before.keys() == {"giraf"}
    assert all(longer[stem] < before[stem] for stem in before)


def test_many_small_changes_are_weighed_as_the_large_one_they_make(trial):
    words = [f"gnu{number}" for number in range(100)]
    trial(Searchable(1, "Zebra", "/1/", " ".join(words)))
    before = strengths()["gnu0"]
    for length in range(105, 205, 5):
        text = " ".join([*words, *["giraff"] * (length - 100)])
        trial(Searchable(1, "Zebra", "/1/", text))
    after_each = strengths()["gnu0"]
    rebuild()
    assert before > after_each == pytest.approx(strengths()["gnu0"], rel=0.03)


def test_a_new_form_of_a_word_that_stood_there_is_known(trial):
    trial(Searchable(1, "Antilopen", "/1/", "Antilopen vilar."))
    assert not SearchTerm.objects.filter(form="antiloperna").exists()
    trial(Searchable(1, "Antilopen", "/1/", "Antilopen och antiloperna vilar."))
    assert SearchTerm.objects.get(form="antiloperna").stem == "antilop"


def test_rebuild_counts_entries_and_drops_orphan_terms(trial):
    trial(Searchable(1, "Zebra", "/1/", ""))
    remove("prov", [1])
    assert SearchTerm.objects.filter(form="zebra").exists()
    before = SearchPosting.objects.count()

    remaining = SearchEntry.objects.count() + 1  # the trial's row comes back

    assert rebuild() == remaining == SearchEntry.objects.count()
    assert SearchPosting.objects.count() == before + 1
    remove("prov", [1])
    sources._sources.pop("prov")
    rebuild()
    assert not SearchTerm.objects.filter(form="zebra").exists()


def test_command_tells_how_many(capsys):
    entries = SearchEntry.objects.count()

    call_command("rebuild_search")

    assert capsys.readouterr().out == f"{entries} poster i sökindexet.\n"


def test_hit_on_a_contact_tells_the_role_that_is_not_searched(client, db):
    unit, role = make_unit(name="Zebragården"), make_role(title="Antilopvakt")
    for number in range(3):
        person = make_person(name=f"Okapia Provsson{number}")
        acting = number == 2
        make_appointment(unit=unit, role=role, person=person, acting=acting)
    rebuild()

    before = queries_of(search, "antilopvakt")
    hits = search("okapia").hits

    assert sorted(hit.told for hit in hits) == [
        "Antilopvakt",
        "Antilopvakt",
        "Antilopvakt (tillförordnad)",
    ]
    assert all(hit.kind != "contact" for hit in search("antilopvakt").hits)
    assert queries_of(search, "okapia") == before + 1
    page = client.get("/sok/", {"q": "okapia"}).content.decode()
    assert "<p>Antilopvakt · Zebragården</p>" in page


# -- cost ------------------------------------------------------------------------------------


def queries_of(call, *args):
    with CaptureQueriesContext(connection) as captured:
        call(*args)
    return len(captured)


def test_query_count_does_not_grow_with_the_entries(trial):
    texts = ["zebra", "zebra giraff gnu", "zebrra girafff", "fk 7804 zebra f43.2"]
    counts = []
    # More of a word are cut, which may cost another query (tests/search/test_found_at_once.py).
    for entries in (30, MOST_OF_MANY):
        trial(*(Searchable(pk, f"Zebra {pk}", f"/{pk}/", "giraff gnu") for pk in range(entries)))
        counts.append([queries_of(search, text) for text in texts])

    # Of these two are kept from one request to the next while no content changes, and a third
    # where a word is misspelled.
    assert counts == [[7, 7, 10, 7]] * 2
    # One of these, what editors put first, is kept too.
    assert queries_of(suggest, "zeb") == 6
    assert queries_of(search, "och i att") == 0


# -- odd input -------------------------------------------------------------------------------

HOSTILE = [
    "", " ", '"', "'", '"ofullständig', "%", "_", "*", "%%%intyg___", "intyg*", "\\", "\x00",
    "intyg\x00", "😀", "😀 intyg", "(intyg OR", "intyg AND NOT", "-intyg", "a" * 300,
    "intyg " * 100, "och i att", "'; DROP TABLE search_searchentry; --", "<script>x</script>",
    "Ａ１", "ﬁ", "½", "ß", "İ", "\u202eintyg", "e\u0301", "F43.", "2019:", "fk", "SE-", "١٢٣",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_odd_input_gives_no_error(text):
    results = search(text)

    assert results.total >= len(results.hits)
    assert len(suggest(text)) <= MOST_SUGGESTIONS


def test_only_stop_words_find_nothing():
    assert search("och i att").hits == []


# -- suggestions -----------------------------------------------------------------------------


def test_suggests_titles_that_begin_so_then_words_in_titles_then_words(trial):
    trial(
        Searchable(1, "Den randiga zebran", "/1/", "En zebrahage."),
        Searchable(2, "Zebra", "/2/", ""),
        Searchable(3, "Zebror i Åhus", "/3/", ""),
    )

    assert [(s.text, s.url) for s in suggest("Zeb")] == [
        ("Zebra", "/2/"),
        ("Zebror i Åhus", "/3/"),
        ("Den randiga zebran", "/1/"),
        ("zebrahage", ""),
    ]
    assert [s.text for s in suggest("ahu")] == ["Zebror i Åhus", "Åhus"]


def test_one_letter_suggests_nothing():
    assert suggest("z") == []


# -- the form --------------------------------------------------------------------------------


def test_form_takes_a_search():
    form = SearchForm({"q": " intyg ", "typ": "page", "page": "2"})

    assert form.is_valid()
    assert form.cleaned_data == {"q": "intyg", "typ": "page", "page": 2}


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"q": "a" * 201}, {"q": ["Skriv högst 200 tecken."]}),
        ({"q": "intyg\x00"}, {"q": ["Null-tecken är inte tillåtna."]}),
        ({"typ": "zebra"}, {"typ": ["Slaget ”zebra” finns inte."]}),
        ({"page": "två"}, {"page": ["Sidan anges som ett heltal."]}),
        ({"page": "0"}, {"page": ["Sidorna räknas från 1."]}),
    ],
)
def test_form_says_in_swedish_what_is_wrong(data, errors):
    assert SearchForm(data).errors == errors
