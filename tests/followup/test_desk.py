"""The import desk on the site: uploaded, looked at, sent, approved by another, undone."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from followup.models import ImportBatch, Measurement, UnitName
from portal.accounts.models import User

from .exports import IDS, UNITS, all_cases, flat, long_cases, shape_a

pytestmark = pytest.mark.django_db
DESK = "/uppfoljning/import/"


def importer(name):
    user = User.objects.create_user(f"{name}@example.org", "x", is_staff=True, first_name=name)
    user.groups.add(Group.objects.get(name="uppföljningsansvarig"))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def anna():
    return importer("anna")


@pytest.fixture
def bo():
    return importer("bo")


def upload(client, *contents, indicator="langa-90", year=2025, name="rapport.xlsx"):
    names = ["fil", "namnare"]
    files = {
        key: SimpleUploadedFile(name, content)
        for key, content in zip(names, contents, strict=False)
    }
    return client.post(DESK, {"indikator": indicator, "ar": year, **files})


def page(response):
    return " ".join(response.content.decode().split())


def press(client, batch, name, **fields):
    return client.post(reverse(f"followup:desk_{name}", args=[batch.pk]), fields, follow=True)


def value(unit=IDS[0], sex="total", year=2025, indicator="langa-90"):
    rows = Measurement.objects.filter(
        indicator__code=indicator, unit__hsa_id=unit, year=year, sex=sex
    )
    return rows.values_list("state", "numerator", "denominator", "reported").first()


def waiting(client, *contents, **options):
    """A batch on its way: uploaded and sent."""
    upload(client, *contents, **options)
    batch = ImportBatch.objects.latest("pk")
    press(client, batch, "send")
    batch.refresh_from_db()
    assert batch.state == "waiting"
    return batch


def digest(client, batch):
    return client.get(reverse("followup:desk_batch", args=[batch.pk])).context["plan"].digest


def approve(client, batch):
    return press(client, batch, "approve", digest=digest(client, batch))


def test_two_reports_become_values_when_another_has_approved(anna, bo):
    before = value()
    answer = upload(anna, long_cases(), all_cases())
    batch = ImportBatch.objects.get()
    assert answer.url == f"{DESK}{batch.pk}/"
    shown = page(anna.get(answer.url))
    assert "30 av 120 (25,0 %)" in shown
    assert "1 tabell!B11, 2 tabell!B11" in shown
    assert value() == before

    assert "En annan uppföljningsansvarig ska godkänna den." in page(press(anna, batch, "send"))
    assert "Godkänn och inför 9 värden" in page(bo.get(answer.url))
    done = page(approve(bo, batch))

    assert "Godkänd. 9 värden är införda." in done
    assert value() == ("value", 30, 120, None)
    assert value(sex="men") == ("value", 10, 50, None)
    batch.refresh_from_db()
    assert (batch.uploaded_by, batch.decided_by) == (anna.user, bo.user)
    assert [file.content for file in batch.files.all()] == [None, None]
    assert [len(file.checksum) for file in batch.files.all()] == [64, 64]


def test_undo_puts_back_what_stood_there_and_takes_away_what_was_added(anna, bo):
    before = value()
    added = flat(f"{IDS[0]};2024;total;7;70", f"{IDS[0]};2024;women;3;40")
    Measurement.objects.filter(year=2024, indicator__code="langa-90", sex="women").delete()
    batch = waiting(anna, long_cases(), all_cases())
    approve(bo, batch)
    other = waiting(anna, added, year=2024)
    approve(bo, other)
    assert value(year=2024, sex="women") == ("value", 3, 40, None)

    assert "Värdena är som de var före inläsningen." in page(press(anna, batch, "undo"))
    press(anna, other, "undo")

    assert value() == before
    assert value(year=2024, sex="women") is None
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by) == ("undone", anna.user)


def test_undo_refuses_when_a_later_batch_has_changed_the_same_values(anna, bo):
    first = waiting(anna, long_cases(), all_cases())
    approve(bo, first)
    second = waiting(bo, flat(f"{IDS[0]};2025;total;31;120"))
    approve(anna, second)

    told = page(press(anna, first, "undo"))
    assert f"1 av dess värden har ändrats senare, i inläsning {second.pk}" in told
    assert value() == ("value", 31, 120, None)

    press(anna, second, "undo")
    assert value() == ("value", 30, 120, None)
    press(anna, first, "undo")
    first.refresh_from_db()
    assert first.state == "undone"


def test_who_uploaded_does_not_approve(anna):
    batch = waiting(anna, long_cases(), all_cases())
    before = value()

    assert "någon annan ska godkänna den" in page(anna.get(f"{DESK}{batch.pk}/"))
    assert "Någon annan än du ska godkänna" in page(approve(anna, batch))
    assert value() == before
    batch.refresh_from_db()
    assert batch.state == "waiting"


def test_second_press_is_told_that_it_is_decided(anna, bo):
    batch = waiting(anna, long_cases(), all_cases())
    seen = digest(bo, batch)
    press(bo, batch, "approve", digest=seen)
    stored = Measurement.objects.filter(batch=batch).count()

    assert "redan avgjord" in page(press(bo, batch, "approve", digest=seen))
    assert "redan avgjord" in page(press(bo, batch, "reject", skal="Fel fil."))
    assert "redan avgjord" in page(press(anna, batch, "cancel"))
    assert Measurement.objects.filter(batch=batch).count() == stored == 9


def test_newer_values_are_shown_anew_before_they_are_replaced(anna, bo):
    batch = waiting(anna, long_cases(), all_cases())
    seen = digest(bo, batch)
    newer = waiting(bo, flat(f"{IDS[0]};2025;total;99;120"))
    approve(anna, newer)

    answer = page(press(bo, batch, "approve", digest=seen))

    assert "har ändrats sedan du såg sidan" in answer
    assert "99 av 120 (82,5 %)" in answer
    assert value() == ("value", 99, 120, None)
    approve(bo, batch)
    assert value() == ("value", 30, 120, None)


@pytest.mark.parametrize("forged", ["", "x" * 5000, "å\0"])
def test_forged_digest_stores_nothing(forged, anna, bo):
    batch = waiting(anna, long_cases(), all_cases())
    before = value()

    assert press(bo, batch, "approve", digest=forged).status_code == 200
    assert value() == before


def test_doubtful_name_is_chosen_once_and_remembered(anna, bo):
    rows = [["Norra vc Provstad", 30, 20, 10], ["Mellanstora mottagningen", 9, 5, 4]]
    shares = [[row[0], row[1] * 4, row[2] * 4, row[3] * 4] for row in rows]
    upload(anna, long_cases(rows), all_cases(shares))
    batch = ImportBatch.objects.get()
    shown = anna.get(f"{DESK}{batch.pk}/")
    first, second = shown.context["plan"].doubtful
    assert first.candidates[0].name == UNITS[0]
    assert "Något behöver rättas" in page(press(anna, batch, "send"))

    unknown = press(anna, batch, "units", **{first.field: "+", f"{first.field}-id": "SE1-FEL"})
    assert "Ingen enhet i portalen har det HSA-id:t." in page(unknown)
    press(anna, batch, "units", **{first.field: IDS[0], second.field: "-"})
    press(anna, batch, "send")
    seen = page(bo.get(f"{DESK}{batch.pk}/"))
    assert f"”Norra vc Provstad” är {UNITS[0]}" in seen
    assert "”Mellanstora mottagningen” tas inte med" in seen
    assert not UnitName.objects.exists()
    approve(bo, batch)

    assert value() == ("value", 30, 120, None)
    upload(anna, long_cases(rows), all_cases(shares))
    again = ImportBatch.objects.latest("pk")
    plan = anna.get(f"{DESK}{again.pk}/").context["plan"]
    assert (plan.doubtful, plan.how["remembered"], len(plan.aside)) == ([], 1, 1)
    press(anna, batch, "undo")
    assert not UnitName.objects.exists()


def test_rest_of_the_names_can_be_left_out(anna):
    rows = [[UNITS[0], 30, 20, 10], ["Okänd ett", 9, 5, 4], ["Okänd två", 9, 5, 4]]
    upload(anna, long_cases(rows), all_cases([[r[0], 100, 60, 40] for r in rows]))
    batch = ImportBatch.objects.get()

    press(anna, batch, "units", rest="on")

    batch.refresh_from_db()
    assert batch.choices == {"okänd ett": "", "okänd två": ""}


def test_forty_faults_are_forty_and_nothing_is_kept(anna):
    rows = [f"{IDS[0]};2024;flicka;a{number};-{number + 1}" for number in range(10)]
    before = Measurement.objects.count()

    answer = upload(anna, flat(*rows), name="fel.csv")

    assert answer.status_code == 200
    shown = page(answer)
    assert "40 fel i filen" in shown
    assert shown.count('<td data-label="Rad">') == 40
    assert "Skriv totalt, kvinnor eller män." in shown
    assert not ImportBatch.objects.exists()
    assert Measurement.objects.count() == before


def test_faults_are_told_in_the_order_of_the_rows(anna):
    """A numerator over its denominator is seen later than a cell that is no number."""
    more, word = f"{IDS[0]};2025;total;200;100", f"{IDS[1]};2025;total;tjugo;100"
    answer = upload(anna, flat(more, word), name="fel.csv")

    assert [fault.row for fault in answer.context["plan"].faults] == [2, 3]


def test_a_file_has_to_be_chosen_again_and_its_headings_are_said_in_swedish(anna):
    shown = page(upload(anna, b"a;b\n1;2\n", name="fel.csv"))

    assert "Välj också filen på nytt: webbläsaren minns den inte." in shown
    assert "Mallen har rubrikerna HSA-id, År, Kön, Täljare och Nämnare;" in shown


def test_rejected_batch_says_why_and_stores_nothing(anna, bo):
    batch = waiting(anna, long_cases(), all_cases())
    before = value()

    assert "Skriv varför" in page(press(bo, batch, "reject", skal=""))
    assert "personnummer" in page(press(bo, batch, "reject", skal="Se 19121212-1212"))
    press(bo, batch, "reject", skal="Fel period.")

    batch.refresh_from_db()
    assert (batch.state, batch.reason, batch.decided_by) == ("rejected", "Fel period.", bo.user)
    assert "Fel period." in page(anna.get(f"{DESK}{batch.pk}/"))
    assert value() == before


def test_zero_of_one_sex_in_a_regions_report_may_be_hidden(anna, bo):
    rows = [[UNITS[0], 30, 30, 0], [UNITS[1], 40, 25, 15]]
    batch = waiting(
        anna,
        shape_a("Antal sjukfall januari–december 2025", rows, level="Regionstatistik"),
        all_cases([[row[0], 100, 60, 40] for row in rows]),
    )
    approve(bo, batch)

    assert value(sex="men") == ("zero_or_hidden", None, 40, None)
    assert value() == ("value", 30, 100, None)


def test_where_a_value_comes_from(anna, bo):
    batch = waiting(anna, long_cases(), all_cases(), name="långa fall.xlsx")
    approve(bo, batch)

    address = reverse("followup:desk_sources")
    shown = anna.get(address, {"indikator": "langa-90", "ar": 2025, "enhet": "provstad norr"})

    text = page(shown)
    assert "3 värden" in text
    assert "långa fall.xlsx" in text
    assert "1 tabell!B11, 2 tabell!B11" in text
    assert (text.count("anna"), text.count("bo")) >= (3, 3)
    assert UNITS[1] not in text
    other = page(anna.get(address, {"indikator": "langa-90", "ar": 2024}))
    assert "innehållspaket" in other


@pytest.mark.parametrize("size", [1, 3])
def test_queries_do_not_grow_with_the_rows(size, anna, bo, django_assert_max_num_queries):
    rows = [[name, 30, 20, 10] for name in UNITS[:size]]
    batch = waiting(anna, long_cases(rows), all_cases([[r[0], 100, 60, 40] for r in rows]))
    with django_assert_max_num_queries(14):
        bo.get(f"{DESK}{batch.pk}/")
    approve(bo, batch)
    with django_assert_max_num_queries(12):
        bo.get(DESK)
    address = reverse("followup:desk_sources")
    with django_assert_max_num_queries(12):
        bo.get(address, {"indikator": "langa-90", "ar": 2025})


ADDRESSES = [
    ("desk", []), ("desk_sources", []), ("desk_template_csv", []), ("desk_template_xlsx", []),
    ("desk_batch", [1]),
]  # fmt: skip
PRESSES = ["units", "send", "approve", "reject", "cancel", "undo"]


@pytest.mark.parametrize("group", [None, "redaktör", "granskare", "enhetschef", "administratör"])
def test_desk_does_not_exist_for_others(group, anna, client):
    batch = waiting(anna, long_cases(), all_cases())
    if group:
        user = User.objects.create_user("nagon@example.org", "x", is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
    for name, args in ADDRESSES:
        args = [batch.pk] if args else []
        answer = client.get(reverse(f"followup:{name}", args=args))
        assert answer.status_code == (404 if group else 302), name
    for name in PRESSES:
        answer = client.post(reverse(f"followup:desk_{name}", args=[batch.pk]))
        assert answer.status_code == (404 if group else 302), name
    batch.refresh_from_db()
    assert batch.state == "waiting"


def test_pages_are_kept_by_no_cache_and_answer_404_for_what_is_not(anna):
    assert "no-store" in anna.get(DESK)["Cache-Control"]
    assert anna.get(f"{DESK}4711/").status_code == 404
    assert anna.get(f"{DESK}{'9' * 40}/").status_code == 404
    assert anna.get(reverse("followup:desk_approve", args=[1])).status_code == 405


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"indikator": "", "ar": "2025"}, "Välj en indikator."),
        ({"indikator": "sjuk-1000-median", "ar": "2025"}, "Välj en indikator i listan."),
        ({"indikator": "langa-90", "ar": "tjugofem"}, "Skriv året med fyra siffror."),
        ({"indikator": "langa-90", "ar": "9" * 5000}, "Ange ett "),
        ({"indikator": "langa-90\0", "ar": "2025"}, "indikator"),
        ({"indikator": "langa-90", "ar": "2025"}, "Välj en fil."),
    ],
)
def test_odd_choices_are_told(fields, told, anna):
    answer = anna.post(DESK, fields)

    assert answer.status_code == 200
    assert "uppgift" in page(answer)
    if told != "Ange ett ":
        assert told in page(answer)
    assert not ImportBatch.objects.exists()


def test_name_of_a_file_with_a_personal_number_is_refused(anna):
    answer = upload(anna, long_cases(), name="191212121212.xlsx")

    assert "personnummer" in page(answer)
    assert not ImportBatch.objects.exists()


def test_denominator_that_cannot_be_read_is_told_at_its_own_field(anna):
    answer = upload(anna, long_cases(), b"%PDF-1.7")

    assert answer.context["form"].errors == {
        "namnare": ["Filen är en PDF. Välj en CSV, XLSX, ODS eller XLS."]
    }


def test_template_has_the_units_of_the_comparison_and_comes_back_as_it_is(anna):
    query = {"indikator": "langa-90", "ar": 2026}
    text = anna.get(reverse("followup:desk_template_csv"), query).content.decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "HSA-id;År;Kön;Täljare;Nämnare;Enhet"
    assert f"{IDS[0]};2026;kvinnor;;;{UNITS[0]}" in lines

    for name in ("csv", "xlsx"):
        file = anna.get(reverse(f"followup:desk_template_{name}"), query)
        assert f'filename="langa-90-2026.{name}"' in file["Content-Disposition"]
        upload(anna, file.content, year=2026, name=f"mall.{name}")
        plan = anna.get(f"{DESK}{ImportBatch.objects.latest('pk').pk}/").context["plan"]
        assert len(plan.new) == len(lines) - 1
        assert {each.value.state for each in plan.new} == {"missing"}


def test_template_is_safe_from_formulas(anna):
    from organisation.models import Unit

    Unit.objects.filter(hsa_id=IDS[0]).update(name="=HYPERLINK(1)")
    query = {"indikator": "langa-90", "ar": 2026}

    text = anna.get(reverse("followup:desk_template_csv"), query).content.decode("utf-8-sig")
    assert f"{IDS[0]};2026;totalt;;;'=HYPERLINK(1)" in text.splitlines()


def test_empty_template_has_the_headings_alone(anna):
    answer = anna.get(reverse("followup:desk_template_csv"))

    assert answer.content.decode("utf-8-sig").strip() == ("HSA-id;År;Kön;Täljare;Nämnare;Enhet")


@pytest.mark.parametrize(
    "query",
    ["indikator=%00&ar=2025", "indikator=langa-90&ar=%00", "indikator=langa-90&ar=2025&enhet=%00",
     "indikator=langa-90&ar=2025&enhet=%28%5B*", "indikator=langa-90&ar=2025&page=-1",
     "indikator=langa-90&ar=" + "9" * 5000, "indikator=langa-90&ar=2025&enhet=%ED%A0%80",
     "indikator=langa-90&ar=2025&enhet=191212121212", "page=x"],
)  # fmt: skip
def test_odd_questions_are_answered(query, anna):
    for name in ("desk_sources", "desk_template_csv", "desk_template_xlsx", "desk"):
        assert anna.get(f"{reverse(f'followup:{name}')}?{query}").status_code == 200


def test_importer_is_told_what_waits_for_her(anna, bo):
    batch = waiting(anna, long_cases(), all_cases())

    assert "1 inläsning väntar på dig." in page(bo.get("/konto/"))
    assert "väntar på dig" not in page(anna.get("/konto/"))
    assert "Mätvärden att godkänna <b>1</b>" in page(bo.get("/admin/"))
    assert "Mätvärden att godkänna" not in page(anna.get("/admin/"))
    approve(bo, batch)
    assert "Läs in mätvärden" in page(bo.get("/konto/"))
    assert "väntar på dig" not in page(bo.get("/konto/"))


def test_who_may_approve_does_not_choose_units_first(anna, bo):
    rows = [["Norra vc Provstad", 30, 20, 10]]
    upload(anna, long_cases(rows), all_cases([[rows[0][0], 100, 60, 40]]))
    batch = ImportBatch.objects.get()
    shown = bo.get(f"{DESK}{batch.pk}/")
    assert "Använd valen" not in page(shown)
    assert "förbereder inläsningen" in page(shown)
    field = shown.context["plan"].doubtful[0].field

    for name, fields in (("units", {field: IDS[1]}), ("send", {})):
        assert "Den som laddade upp filen väljer enheter" in page(press(bo, batch, name, **fields))
    batch.refresh_from_db()
    assert (batch.choices, batch.state) == ({}, "draft")
