"""import_values and approve_batch: what they print, store and leave with."""

import json
import os
import resource
import time
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from followup.intake import actions
from followup.intake.plan import GivenFile
from followup.intake.planning import make_plan
from followup.models import ImportBatch, Indicator, Measurement, UnitName
from organisation.models import Listing, Unit, UnitKind
from portal.accounts.models import User
from tests.factories import make_unit
from tests.workbooks import book

from .exports import IDS, UNITS, all_cases, flat, long_cases, shape_a, shape_c, top

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """run("import_values", b"…", "--json", indicator=…) → (exit code, what was printed)."""

    def command(*contents, options=(), indicator="langa-90", year="2025", name="fil.csv"):
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"{number}-{name}")
            paths[-1].write_bytes(content)
        out = StringIO()
        arguments = [*map(str, paths), "--indicator", indicator, "--year", year, *options]
        try:
            call_command("import_values", *arguments, stdout=out)
        except CommandError as fault:
            return fault.returncode, f"{out.getvalue()}{fault}"
        return 0, out.getvalue()

    return command


def follower(email="folja@example.org"):
    user = User.objects.create_user(email, "x", is_staff=True)
    user.groups.add(Group.objects.get(name="uppföljningsansvarig"))
    return user


def approve(number, email):
    out = StringIO()
    try:
        call_command("approve_batch", str(number), "--as", email, stdout=out)
    except CommandError as fault:
        return fault.returncode, f"{out.getvalue()}{fault}"
    return 0, out.getvalue()


def values(indicator="langa-90", year=2025, unit=IDS[0]):
    rows = Measurement.objects.filter(
        indicator__code=indicator, year=year, unit__hsa_id=unit
    ).order_by("sex")
    return list(rows.values_list("sex", "state", "numerator", "denominator", "reported"))


def plan(*contents, code="langa-90", year=2025, choices=None):
    files = [GivenFile("fil.xlsx", content) for content in contents]
    return make_plan(Indicator.objects.get(code=code), year, files, choices)


def said(faults):
    return [(fault.row, fault.value, fault.said) for fault in faults]


def test_batch_waits_until_somebody_approves_it(run):
    follower()
    before = values()
    code, text = run(flat(f"{IDS[0]};2025;total;30;120"))
    batch = ImportBatch.objects.get()

    assert (code, batch.state, batch.uploaded_by) == (0, "waiting", None)
    assert f"Inläsning {batch.pk} väntar på godkännande" in text
    assert values() == before
    assert approve(batch.pk, "FOLJA@example.org") == (
        0,
        "Infört: 0 nya och 1 ändrade värden.\n",
    )
    assert ("total", "value", 30, 120, None) in values()
    assert approve(batch.pk, "folja@example.org")[0] == 1


def test_dry_run_as_json_keeps_nothing(run):
    code, text = run(
        long_cases(), all_cases(), options=["--dry-run", "--json"], name="rapport.xlsx"
    )
    told = json.loads(text)

    assert code == 0
    assert told["files"] == ["0-rapport.xlsx", "1-rapport.xlsx"]
    assert (told["batch"], told["rows"], told["changed"], told["new"]) == (None, 6, 9, 0)
    assert told["matched"] == {"name": 3}
    assert not ImportBatch.objects.exists()


def test_forty_faults_are_forty_and_leave_with_1(run):
    rows = [f"{IDS[0]};2024;flicka;a;-1" for _ in range(10)]

    code, text = run(flat(*rows), options=["--json"])

    assert code == 1
    told = json.loads(text[: text.rindex("}") + 1])
    assert len(told["errors"]) == 40
    assert told["errors"][1] == {
        "row": 2,
        "column": "sex",
        "value": "flicka",
        "rule": "Skriv totalt, kvinnor eller män.",
    }
    assert text.endswith("40 fel i 0-fil.csv. Inget har sparats.")
    assert not ImportBatch.objects.exists()


def test_name_that_is_doubtful_is_a_fault_with_what_it_may_be(run):
    rows = [["Norra vc Provstad", 30, 20, 10]]
    code, text = run(long_cases(rows), all_cases([[rows[0][0], 100, 60, 40]]), name="r.xlsx")

    assert code == 1
    assert f"Liknar {UNITS[0]} ({IDS[0]})" in text


def test_rows_outside_the_comparison_are_set_aside_with_3(run):
    outside = make_unit(hsa_id="SE0000000000-UTAN", name="Utanför")
    make_unit(
        hsa_id="SE0000000000-SLUT",
        kind=UnitKind.objects.get(code="vardcentral"),
        valid_to=date(2024, 7, 1),
    )
    code, text = run(
        flat(
            f"{IDS[0]};2025;total;30;120",
            f"{outside.hsa_id};2025;total;3;20",
            "SE0000000000-SLUT;2025;total;3;20",
        )
    )

    assert code == 3
    assert "2 rader har lagts åt sidan." in text
    assert ImportBatch.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["saknas.csv", "--indicator", "langa-90", "--year", "2025"], "den finns inte"),
        (["tests", "--indicator", "langa-90", "--year", "2025"], "det är en mapp"),
        (["a.csv", "--indicator", "finns-inte", "--year", "2025"], "Ingen indikator"),
        (["a.csv", "--indicator", "sjuk-1000-median", "--year", "2025"], "Ingen indikator"),
        (["a", "b", "c", "--indicator", "langa-90", "--year", "2025"], "Ange en fil, eller två"),
        (["a.csv", "--indicator", "langa-90", "--year", "25"], "year"),
        (["a.csv", "--indicator", "langa-90"], "year"),
    ],
)
def test_wrong_use_leaves_with_2(arguments, told):
    with pytest.raises((CommandError, SystemExit), match=told) as stop:
        call_command("import_values", *arguments)
    assert getattr(stop.value, "returncode", 2) in {1, 2}


def test_who_may_not_approve_leaves_with_2(run):
    run(flat(f"{IDS[0]};2025;total;30;120"))
    batch = ImportBatch.objects.get()
    User.objects.create_user("annan@example.org", "x", is_staff=True)

    assert approve(batch.pk, "annan@example.org")[0] == 2
    assert approve(batch.pk, "finns@inte.example")[0] == 2
    follower()
    assert approve(batch.pk + 1, "folja@example.org")[0] == 2
    assert approve(10**30, "folja@example.org")[0] == 2
    batch.refresh_from_db()
    assert batch.state == "waiting"


def test_own_batch_is_not_approved_by_command(run):
    user = follower()
    run(flat(f"{IDS[0]};2025;total;30;120"))
    ImportBatch.objects.update(uploaded_by=user)

    code, text = approve(ImportBatch.objects.get().pk, user.email)

    assert (code, "kan inte själv godkänna" in text) == (1, True)


def test_period_of_another_year_is_a_fault_and_of_a_part_a_remark():
    other = shape_c([[UNITS[0], 80, 5000, "16,00"]], period="januari–december 2024")
    assert said(plan(other, code="sjuk-1000").faults) == [
        (2, "januari–december 2024", "Rapportens period är inte 2025, som du har valt. Ta ut "
         "rapporten för januari–december 2025 eller välj ett annat år.")
    ]  # fmt: skip
    part = shape_c([[UNITS[0], 80, 5000, "16,00"]], period="mars 2025")
    found = plan(part, code="sjuk-1000")
    assert found.faults == []
    assert "Rapporten gäller mars 2025, inte hela året." in found.remarks[0].said


def test_two_reports_of_different_periods_are_a_fault():
    below = shape_a("Antal sjukfall mars 2025", [[UNITS[0], 100, 60, 40]])

    assert plan(long_cases(), below).faults[0].said == (
        "Täljarens rapport gäller januari–december 2025 och nämnarens mars 2025. Ta ut båda för "
        "samma period."
    )


def test_counts_alone_need_their_denominator():
    assert "Filen har antal men ingen nämnare." in plan(long_cases()).faults[0].said


def test_counts_of_a_rate_take_the_listed_patients_of_the_year():
    unit = Unit.objects.get(hsa_id=IDS[0])
    Listing.objects.create(unit=unit, year=2025, listed_patients=6000)
    content = shape_a("Antal sjukfall januari–december 2025", [[UNITS[0], 90, 50, 40]])

    found = plan(content, code="sjuk-1000")

    assert [(each.sex, *each.value[:3]) for each in found.stored] == [("total", "value", 90, 6000)]
    assert found.faults == []
    missing = plan(
        shape_a("Antal sjukfall januari–december 2025", [[UNITS[1], 90, 50, 40]]), code="sjuk-1000"
    )
    assert missing.faults[0].said.startswith("Antal listade 2025 saknas för enheten.")


def test_share_without_counts_is_kept_as_reported():
    header = ["Vårdenhet", "Andel intyg totalt"]
    rows = [*top("Andel intyg januari–december 2025"), header, [UNITS[0], "12%"]]

    found = plan(book({"tabell": rows}), code="komp-andel")

    (each,) = found.stored
    assert each.value[:4] == ("value", None, None, Decimal("12.0000"))


def test_unit_that_only_the_denominator_knows_may_have_been_hidden():
    above = shape_a(
        "Antal januari–december 2025", [[UNITS[0], 30, 20, 10]], level="Regionstatistik"
    )
    found = plan(above, all_cases())

    states = {(each.unit.name, each.sex): each.value[:3] for each in found.stored}
    assert states[UNITS[1], "total"] == ("zero_or_hidden", None, 150)
    own = plan(long_cases([[UNITS[0], 30, 20, 10]]), all_cases())
    states = {(each.unit.name, each.sex): each.value[:3] for each in own.stored}
    assert states[UNITS[1], "total"] == ("missing", None, 150)


def test_reports_that_are_divided_differently_give_the_total():
    header = ["Vårdenhet", "Antal sjukfall totalt"]
    title = "Antal sjukfall totalt januari–december 2025"
    below = book({"tabell": [*top(title), header, [UNITS[0], 120]]})

    found = plan(long_cases([[UNITS[0], 30, 20, 10]]), below)

    assert [each.sex for each in found.stored] == ["total"]
    assert "bara den ena rapporten är uppdelad på kön" in found.remarks[-1].rule


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("total;130;120", "Täljaren är större än nämnaren, men indikatorn är en andel."),
        ("total;1;0", "Nämnaren är noll men täljaren är det inte."),
    ],
)
def test_what_cannot_be_is_a_fault(row, told):
    (fault,) = plan(flat(f"{IDS[0]};2025;{row}")).faults
    assert told in fault.said
    assert fault.row == 2


def test_nought_of_nought_can_be():
    assert plan(flat(f"{IDS[0]};2025;total;0;0")).faults == []


def test_jumps_against_last_year_and_sums_that_differ_are_told():
    rows = [f"{IDS[0]};{{0}};{sex};{counts}" for sex, counts in (("total", "30;120"),
            ("women", "20;70"), ("men", "10;50"))]  # fmt: skip
    follower()
    Measurement.objects.filter(indicator__code="langa-90", unit__hsa_id=IDS[0]).delete()
    files = [GivenFile("x.csv", flat(*[row.format(2024) for row in rows]))]
    indicator = Indicator.objects.get(code="langa-90")
    batch = actions.keep(indicator, 2024, files, state="waiting")
    actions.approve(batch.pk, by=User.objects.get(email="folja@example.org"))

    def jumps(*lines):
        return [(fault.value, fault.said) for fault in plan(flat(*lines)).jumps]

    assert jumps(*[row.format(2025) for row in rows]) == []
    assert jumps(f"{IDS[0]};2025;total;90;300") == [
        (f"{UNITS[0]}, totalt", "Nämnaren går från 120 år 2024 till 300.")
    ]
    assert jumps(f"{IDS[0]};2025;total;110;120") == [
        (
            f"{UNITS[0]}, totalt",
            "Från 30 av 120 år 2024 till 110 av 120, mer än slumpen brukar ge.",
        )
    ]
    assert jumps(
        f"{IDS[0]};2025;total;31;120", f"{IDS[0]};2025;women;20;70", f"{IDS[0]};2025;men;10;50"
    ) == [(UNITS[0], "Kvinnor (20) och män (10) blir inte totalt (31) i täljaren.")]


def test_units_of_one_name_are_told_apart_by_the_id_that_follows():
    kind = UnitKind.objects.get(code="vardcentral")
    for number in (1, 2):
        make_unit(hsa_id=f"SE0000000000-D{number}", name="Dubbla vårdcentralen", kind=kind)
    rows = [["Dubbla vårdcentralen SE0000000000-D2", 9, 900, "10,00"]]

    found = plan(shape_c(rows), code="sjuk-1000")
    assert [each.unit.hsa_id for each in found.stored] == ["SE0000000000-D2"]
    doubtful = plan(shape_c([["Dubbla vårdcentralen", 9, 900, "10,00"]]), code="sjuk-1000").doubtful
    assert [unit.hsa_id for unit in doubtful[0].candidates] == [
        "SE0000000000-D1",
        "SE0000000000-D2",
    ]


def test_two_names_for_one_unit_are_a_fault():
    rows = [[UNITS[0], 30, 20, 10], [f"{UNITS[0]} ({IDS[0]})", 30, 20, 10]]
    found = plan(long_cases(rows), all_cases())

    assert said(found.faults)[0][:2] == (12, f"{UNITS[0]} ({IDS[0]})")
    assert found.faults[0].said.startswith("Enheten står redan på rad 11")


def test_personal_number_in_a_file_is_refused_and_not_shown():
    rows = [["19121212-1212", 30, 20, 10]]
    found = plan(long_cases(rows), all_cases([["19121212-1212", 100, 60, 40]]))

    assert found.faults[0].said.startswith("Det ser inte ut som en enhet.")
    assert "1212" not in "".join(map(str, [*found.faults, *found.remarks]))
    assert found.doubtful == []


def test_too_many_unknown_units_are_one_fault():
    rows = [[f"Okänd {number}", 30, 20, 10] for number in range(201)]
    found = plan(long_cases(rows), all_cases([[row[0], 100, 60, 40] for row in rows]))

    assert found.faults[0].said.startswith("201 enheter i filen finns inte i portalen")
    assert found.doubtful == []


def test_indicator_without_sexes_takes_the_total_alone():
    Indicator.objects.filter(code="langa-90").update(sex_split=False)
    found = plan(long_cases(), all_cases())

    assert {each.sex for each in found.stored} == {"total"}
    assert "indikatorn delas inte upp på kön" in found.remarks[-1].rule


def test_filter_of_an_export_is_told():
    content = shape_a(
        "Antal sjukfall januari–december 2025",
        [[UNITS[0], 30, 20, 10]],
        filters=[("Valda diagnoser", ["F00-F99 Psykiska sjukdomar"])],
    )
    remarks = [remark.said for remark in plan(content, all_cases()).remarks]
    assert "Rapporten är ett urval. Valda diagnoser: F00-F99 Psykiska sjukdomar." in remarks


def test_remembered_name_of_a_unit_that_is_gone_is_forgotten():
    unit = make_unit(kind=UnitKind.objects.get(code="vardcentral"))
    batch = actions.keep(Indicator.objects.get(code="langa-90"), 2025, [GivenFile("x", b"x")])
    UnitName.objects.create(key="gamla namnet", name="Gamla namnet", unit=unit, batch=batch)
    unit.delete()

    assert not UnitName.objects.exists()


def test_forgotten_draft_goes_with_its_files(clock):
    indicator = Indicator.objects.get(code="langa-90")
    old = actions.keep(indicator, 2025, [GivenFile("x", b"x")])
    clock.shift(15 * 24 * 3600)
    actions.keep(indicator, 2025, [GivenFile("y", b"y")])

    old.refresh_from_db()
    assert (old.state, old.files.get().content) == ("cancelled", None)


FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"


def test_a_hundred_thousand_rows():
    """With PORTAL_FULL_SCALE=1 all of them in ten seconds and 150 MB more than the process
    had; else a tenth, in the same share of the time."""
    units = 33_333 if FULL else 3_333
    kind = UnitKind.objects.get(code="vardcentral")
    Unit.objects.bulk_create(
        [
            Unit(hsa_id=f"SE9990000000-{number:05}", name=f"Stor {number}", kind=kind)
            for number in range(units)
        ],
        batch_size=500,
    )
    lines = [
        f"SE9990000000-{number:05};2025;{sex};{count};{count * 4 + number % 7}"
        for number in range(units)
        for sex, count in (("total", 30), ("women", 20), ("men", 10))
    ]
    content = flat(*lines)
    user = follower()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()

    found = plan(content)
    assert len(found.new) == units * 3
    batch = actions.keep(
        found.indicator, 2025, [GivenFile("x.csv", content)], state=ImportBatch.State.WAITING
    )
    read = time.process_time() - started
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    actions.approve(batch.pk, by=user)

    assert Measurement.objects.filter(batch=batch).count() == units * 3
    assert read < (10 if FULL else 2)
    assert more < 150
    actions.undo(batch.pk, by=user)
    assert not Measurement.objects.filter(batch=batch).exists()
