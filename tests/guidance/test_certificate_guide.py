"""Which certificate: every day, occupation and recipient has exactly one rule."""

import pytest

from guidance.models import Certificate, CertificateRule, Occupation
from tests.pages import found, main_of, queries_of, words

pytestmark = pytest.mark.django_db

ADDRESS = "/intyg/"
Recipient = Certificate.Recipient
NO_EMPLOYER = ["egenforetagare", "arbetssokande", "studerande", "foraldraledig"]
# (recipient, occupations) → the last day of each stretch and its answer: the table of C14.
EXPECTED = {
    ("arbetsgivare", ("anstalld",)): [
        (7, "on_request", ["AG1-14"]),
        (14, "needed", ["AG1-14"]),
        (None, "on_request", ["AG7804"]),
    ],
    ("arbetsgivare", tuple(NO_EMPLOYER)): [(None, "ask", [])],
    ("fk", ("anstalld",)): [(14, "not_yet", []), (None, "needed", ["FK 7804"])],
    ("fk", ("egenforetagare", "arbetssokande", "foraldraledig")): [
        (7, "not_yet", []),
        (None, "needed", ["FK 7804"]),
    ],
    ("fk", ("studerande",)): [(14, "not_yet", []), (None, "needed", ["FK 7804"])],
    ("af", ("arbetssokande",)): [(7, "not_yet", []), (None, "needed", ["AF 00251"])],
    ("af", ("anstalld", "egenforetagare", "studerande", "foraldraledig")): [
        (None, "on_request", ["AF 00213"])
    ],
}
DAYS = [*range(1, 40), 90, 91, 180, 181, 364, 365, 366, 550, 999, 9000]


def expected(recipient, occupation, day):
    (stretches,) = (
        rows for (to, who), rows in EXPECTED.items() if to == recipient and occupation in who
    )
    return next((need, codes) for last, need, codes in stretches if last is None or day <= last)


def test_every_combination_has_the_one_answer_of_the_table():
    rules = [*CertificateRule.objects.prefetch_related("certificates")]
    for recipient in Recipient.values:
        for occupation in Occupation.values:
            for day in DAYS:
                found_rules = [
                    (rule.need, [each.code for each in rule.certificates.all()])
                    for rule in rules
                    if rule.recipient == recipient and rule.covers(day, occupation)
                ]
                assert found_rules == [expected(recipient, occupation, day)], (
                    recipient,
                    occupation,
                    day,
                )


def test_every_rule_says_why_what_to_do_and_where_to_read_more():
    for rule in CertificateRule.objects.all():
        assert rule.answer, rule.code
        assert rule.next_step, rule.code
        assert rule.page_id, rule.code
        assert rule.anchor, rule.code
        assert rule.law_text or rule.review_note, rule.code
        codes = [each.recipient for each in rule.certificates.all()]
        assert {*codes} <= {rule.recipient}, rule.code


def heading(response):
    return found(r'<h3 id="svar"[^>]*>(.*?)</h3>', main_of(response))


def ask(client, **query):
    return client.get(ADDRESS, {"dag": "10", "sysselsattning": "anstalld", **query})


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "Skriv AG1-14"),
        ({"mottagare": "fk"}, "Inget intyg behövs normalt än"),
        ({"mottagare": "af"}, "Intyg bara på begäran"),
        ({"dag": "15"}, "Skriv FK 7804"),
        ({"dag": "dag 15", "mottagare": "arbetsgivare"}, "Intyg bara på begäran"),
        ({"dag": "3", "sysselsattning": "studerande", "mottagare": "arbetsgivare"},
         "Inget granskat svar"),
        ({"dag": "8", "sysselsattning": "arbetssokande"}, "Skriv FK 7804 och AF 00251"),
    ],
)  # fmt: skip
def test_heading_gives_the_answer(client, query, said):
    response = ask(client, **query)

    assert heading(response) == [said]
    assert found(r"<title>(.*?)</title>", response.text)[0].startswith(f"{said} – Intyg")


def test_answer_says_why_by_which_law_and_what_next(client):
    main = main_of(ask(client, mottagare="arbetsgivare"))
    answer = main.partition('class="answer"')[2].partition("</section>")[0]

    assert found(r"<h4>(.*?)</h4>", answer) == ["Till arbetsgivaren: AG1-14"]
    assert "Gör så här: Skriv AG1-14 och ge det till patienten" in words(answer)
    assert '<a href="/lagar-och-regler/#sjuklonelagen">' in answer
    assert '<a href="/intyg/intyg-till-arbetsgivare/#ag1-14">' in answer
    assert "Sjuklönelagens regler om intyg till arbetsgivaren ska granskas." in answer
    assert "Försäkringskassan behöver inget intyg" not in answer


def test_combination_without_an_answer_says_so_and_whom_to_ask(client):
    response = ask(client, sysselsattning="foraldraledig", mottagare="arbetsgivare")
    text = words(main_of(response))

    assert "Det finns inget granskat svar om intyg till en arbetsgivare" in text
    assert "rådfråga försäkringsmedicinskt sakkunnig läkare" in text
    assert "/organisation/kontaktfunktioner/#medicinska-fragor" in response.text


def test_first_day_is_counted_to_today(client):
    response = ask(client, dag="14 november 2026", mottagare="arbetsgivare")

    assert "Gäller dag 10, räknat från 14 november 2026 till i dag" in words(main_of(response))
    assert heading(response) == ["Skriv AG1-14"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"dag": ""}, "Skriv vilken dag i sjukfallet det är"),
        ({"dag": "0"}, "Skriv dagen som ett tal från 1 till 999."),
        ({"dag": "-3"}, "Skriv dagen som ett tal från 1 till 999."),
        ({"dag": "1000"}, "Skriv dagen som ett tal från 1 till 999."),
        ({"dag": "2026-11-24"}, "Dagen ska ligga mellan 2000-01-01 och 2026-11-23."),
        ({"dag": "31 feb 2026"}, "Dagen finns inte i kalendern."),
        ({"dag": "tio"}, "Skriv dagen som"),
        ({"sysselsattning": "x"}, "Välj i listan vad patienten är."),
        ({"mottagare": "x"}, "Välj mottagare i listan."),
    ],
)
def test_fault_is_told_and_the_list_still_stands(client, query, message):
    response = ask(client, **query)

    assert response.status_code == 200
    assert heading(response) == ["Rätta det här för att få ett svar"]
    assert message in words(main_of(response))
    assert 'class="answer"' not in response.text
    assert "Läkarutlåtande för assistansersättning" in response.text


def test_identity_number_is_taken_out_of_the_address(client):
    response = ask(client, dag="121212-1212")

    assert response.headers["Location"] == "/intyg/?fel=personnummer#svar"
    assert heading(client.get("/intyg/?fel=personnummer")) == ["Det såg ut som ett personnummer"]


def test_answer_is_private_and_the_plain_page_is_not(client):
    assert ask(client).headers["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get(ADDRESS).headers


def test_cost_does_not_grow_with_the_rules(client, django_assert_num_queries):
    address = f"{ADDRESS}?dag=10&sysselsattning=anstalld"
    client.get(address)
    before = len(queries_of(client, address))
    for number in range(20):
        CertificateRule.objects.create(
            code=f"P{number}", recipient="fk", occupations=["anstalld"], need="ask", answer="x",
            next_step="y",
        )  # fmt: skip

    assert before <= 10
    with django_assert_num_queries(before):
        client.get(address)


def test_rule_that_an_editor_took_away_leaves_no_answer_made_up(client):
    CertificateRule.objects.filter(code="I02").delete()

    response = ask(client, mottagare="arbetsgivare")

    assert heading(response) == ["Inget granskat svar"]
    assert "Rådfråga försäkringsmedicinskt sakkunnig läkare" in response.text
