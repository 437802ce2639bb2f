"""Units out of a catalogue's file: all faults at once, differences first, all rows or none."""

import json
import time
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from organisation import intake
from organisation.catalogue import CATALOGUE_FIELDS, locked_fields
from organisation.models import FileImport, Unit, UnitKind
from organisation.unit_files import address_of
from organisation.unit_plan import plan_units
from portal.search.query import search
from tests.conftest import TODAY
from tests.factories import make_unit
from tests.workbooks import xlsx

pytestmark = pytest.mark.django_db
HEADER = "HSA-id;Namn;Enhetstyp"


def csv_of(*lines):
    return "\n".join(lines).encode()


def care_unit(**fields):
    return make_unit(kind=UnitKind.objects.get(code="vardcentral"), **fields)


def write(tmp_path, *lines):
    path = tmp_path / "enheter.csv"
    path.write_bytes(csv_of(*lines))
    return str(path)


def outcome(capsys, *args):
    """(exit code, what was printed as JSON) of import_units."""
    try:
        call_command("import_units", *args, "--json")
        code = 0
    except CommandError as fault:
        code = fault.returncode
    return code, json.loads(capsys.readouterr().out)


def test_new_changed_same_and_missing_are_told_apart_and_stored_together():
    care_unit(hsa_id="T-1", name="Gamla namnet", town="Ed", from_catalogue=True)
    care_unit(hsa_id="T-2", name="Samma", from_catalogue=True)
    care_unit(hsa_id="T-3", name="Borta", from_catalogue=True)
    care_unit(hsa_id="T-4", name="För hand")
    by_hand = Unit.objects.filter(from_catalogue=False).exclude(valid_to__lte=TODAY).count()
    content = csv_of(
        f"{HEADER};Ort",
        "T-1;Nya namnet;Vårdcentral;",
        "T-2;Samma;vardcentral;",
        "T-5;Ny enhet;Vårdcentral;Åby",
    )
    plan = intake.import_units("enheter.csv", content)

    assert [(d.unit.hsa_id, d.row) for d in plan.new] == [("T-5", 4)]
    assert [
        (d.unit.hsa_id, [(each.label, each.old, each.new) for each in d.differences])
        for d in plan.changed
    ] == [("T-1", [("namn", "Gamla namnet", "Nya namnet"), ("ort", "Ed", "")])]
    assert (plan.unchanged, [u.hsa_id for u in plan.missing]) == (1, ["T-3"])
    assert plan.hand_made == by_hand
    new = Unit.objects.get(hsa_id="T-5")
    assert (new.name, new.town, new.kind.code, new.from_catalogue) == (
        "Ny enhet", "Åby", "vardcentral", True,
    )  # fmt: skip
    assert Unit.objects.get(hsa_id="T-1").name == "Nya namnet"
    assert Unit.objects.get(hsa_id="T-3").valid_to is None
    assert [hit.title for hit in search("Ny enhet Åby").hits][:1] == ["Ny enhet"]


def test_history_tells_who_read_in_what():
    user = get_user_model().objects.create_user("it@example.org", "x")
    care_unit(hsa_id="T-1", name="Gamla")
    intake.import_units("lista.csv", csv_of(HEADER, "T-1;Nya;", "T-2;Ny;Vårdcentral"), by=user)

    told = {
        unit.hsa_id: (record.history_type, record.history_user, record.history_change_reason)
        for unit in Unit.objects.filter(hsa_id__in=["T-1", "T-2"])
        for record in [unit.history.first()]
    }
    assert told == {
        "T-1": ("~", user, "Läst ur lista.csv"),
        "T-2": ("+", user, "Läst ur lista.csv"),
    }
    assert Unit.history.filter(hsa_id="T-1").count() == 2


def test_parents_may_come_later_in_the_file():
    content = csv_of(
        f"{HEADER};Tillhör;Vårdgivare;Ersatt av",
        "T-1;Barn;Vårdcentral;T-2;t-3;",
        "T-2;Förälder;Vårdcentral;SE0000000000;;T-1",
        "T-3;Vårdgivare;Privat vårdgivare;;;",
    )
    intake.import_units("enheter.csv", content)

    child, parent = Unit.objects.get(hsa_id="T-1"), Unit.objects.get(hsa_id="T-2")
    assert (child.parent, child.caregiver.hsa_id, parent.parent.hsa_id, parent.successor) == (
        parent, "T-3", "SE0000000000", child,
    )  # fmt: skip


def test_every_fault_is_told_at_once_and_nothing_is_stored():
    before = Unit.objects.count(), Unit.history.count()
    long = "x" * 121
    content = csv_of(
        f"{HEADER};Driftform;Tillhör;E-post;Telefon;Giltig från;Giltig till",
        "T-0;Hel och hållen;Vårdcentral;privat;;;;2026-01-01;2026-12-31",
        "T-1;;Vårdcentral;;;;;;",
        "T-2;Typ;Slott;;;;;;",
        "T-21;Utan typ;;;;;;;",
        "T-3;Driftform;Vårdcentral;halv;;;;;",
        "T-4;Tillhör;Vårdcentral;;FINNS-INTE;;;;",
        "T-5;E-post;Vårdcentral;;;inte en adress;;;",
        "T-6;Datum;Vårdcentral;;;;;2026-02-30;",
        "T-7;Period;Vårdcentral;;;;;2026-02-02;2026-02-01",
        "T-0;Dubblett;Vårdcentral;;;;;;",
        f"T-8;{long};Vårdcentral;;;;;;",
        "T-9;Nummer;Vårdcentral;;;;19121212-1212;;",
        ";Utan id;Vårdcentral;;;;;;",
        "T_10;Tecken;Vårdcentral;;;;;;",
        "T-11;Ring;Vårdcentral;;T-12;;;;",
        "T-12;Ring;Vårdcentral;;T-11;;;;",
        "T-13;Sig själv;Vårdcentral;;T-13;;;;",
    )
    with pytest.raises(intake.ImportStopped) as stop:
        intake.import_units("enheter.csv", content)

    assert [(f.row, f.column) for f in stop.value.plan.faults] == [
        (3, "Namn"), (4, "Enhetstyp"), (5, "Enhetstyp"), (6, "Driftform"), (7, "Tillhör"),
        (8, "E-post"), (9, "Giltig från"), (10, "Giltig till"), (11, "HSA-id"), (12, "Namn"),
        (13, "Telefon"), (14, "HSA-id"), (15, "HSA-id"), (16, "Tillhör"), (17, "Tillhör"),
        (18, "Tillhör"),
    ]  # fmt: skip
    kinds = ", ".join(kind.name for kind in UnitKind.objects.all())
    assert str(stop.value.plan.faults[1]) == (
        f"Rad 4, kolumn Enhetstyp: Enhetstypen är okänd. De som finns är: {kinds}. "
        "Där står ”Slott”."
    )
    assert (Unit.objects.count(), Unit.history.count()) == before
    assert FileImport.objects.count() == 0


def test_ring_through_what_is_stored_already_is_refused():
    top = care_unit(hsa_id="T-1", name="Överst")
    care_unit(hsa_id="T-2", name="Under", parent=top)
    plan = plan_units(csv_of("HSA-id;Namn;Tillhör", "T-1;Överst;T-2"))

    assert [str(fault) for fault in plan.faults] == [
        "Rad 2, kolumn Tillhör: Enheterna leder runt i en ring: T-1 → T-2 → T-1. Där står ”T-2”."
    ]


def test_ids_are_read_as_they_are_compared_and_that_is_told():
    care_unit(hsa_id="SE1-AB", name="A", from_catalogue=True)
    plan = plan_units(csv_of("HSA-id;Namn", " se1-ab ;A"))

    assert plan.unchanged == 1
    assert [str(remark) for remark in plan.remarks] == [
        "Rad 2, kolumn HSA-id: HSA-id läses som SE1-AB: stora bokstäver, utan blanksteg. "
        "Där står ” se1-ab ”."
    ]


def test_what_editors_own_stays_and_is_filled_only_when_empty():
    care_unit(hsa_id="SE1-A", name="A", email="egen@example.org", listed_patients=5)
    care_unit(hsa_id="SE1-B", name="B")
    rows = ["SE1-A;A;ur.fil@example.org", "SE1-B;B;ur.fil@example.org"]
    intake.import_units("fil", csv_of("HSA-id;Namn;E-post", *rows))

    first, second = Unit.objects.get(hsa_id="SE1-A"), Unit.objects.get(hsa_id="SE1-B")
    assert (first.email, first.listed_patients) == ("egen@example.org", 5)
    assert second.email == "ur.fil@example.org"


def test_last_day_and_first_day_without_are_two_columns():
    intake.import_units("fil", csv_of(f"{HEADER};Giltig till", "T-1;A;Vårdcentral;2026-12-31"))
    intake.import_units("fil", csv_of(f"{HEADER};valid_to", "T-2;B;Vårdcentral;2026-12-31"))

    assert Unit.objects.get(hsa_id="T-1").valid_to == date(2027, 1, 1)
    assert Unit.objects.get(hsa_id="T-2").valid_to == date(2026, 12, 31)


def test_far_days_mean_no_limit_where_catalogues_write_so_and_else_a_slip():
    header = f"{HEADER};Giltig från;Giltig till"
    intake.import_units("fil", csv_of(header, "T-1;A;Vårdcentral;1900-01-01;9999-12-31"))
    with pytest.raises(intake.ImportStopped) as stopped:
        intake.import_units("fil", csv_of(header, "T-2;B;Vårdcentral;1926-01-01;2126-12-31"))

    unit = Unit.objects.get(hsa_id="T-1")
    assert (unit.valid_from, unit.valid_to) == (None, None)
    assert ["Kontrollera årtalet" in f.rule for f in stopped.value.plan.faults] == [True, True]


def test_preview_tells_the_last_day_of_a_unit():
    intake.import_units("fil", csv_of(HEADER, "T-1;A;Vårdcentral"))
    content = csv_of(f"{HEADER};Giltig till", "T-1;A;Vårdcentral;2026-12-31")

    [change] = plan_units(content).changed[0].differences
    assert (change.label, change.as_read) == ("gäller till och med", ["tomt", "2026-12-31"])
    # The log and programs read what is stored.
    assert (change.field, change.new) == ("valid_to", "2027-01-01")


def test_missing_units_end_only_when_asked_and_only_those_of_the_catalogue():
    for number in (1, 2):
        care_unit(hsa_id=f"T-{number}", name="A", from_catalogue=number == 1)
    care_unit(hsa_id="T-3", name="A", from_catalogue=True, valid_to=date(2026, 12, 1))
    content = csv_of(HEADER, "T-9;Ny;Vårdcentral")
    plan = intake.import_units("fil", content, end_missing=date(2027, 1, 1))

    assert [unit.hsa_id for unit in plan.ending] == ["T-1"]
    assert dict(Unit.objects.filter(hsa_id__startswith="T-").values_list("hsa_id", "valid_to")) == {
        "T-1": date(2027, 1, 1), "T-2": None, "T-3": date(2026, 12, 1), "T-9": None,
    }  # fmt: skip


def test_end_before_the_beginning_is_refused():
    care_unit(hsa_id="T-1", name="A", from_catalogue=True, valid_from=date(2026, 6, 1))
    plan = plan_units(csv_of(HEADER, "T-9;Ny;Vårdcentral"), end_missing=date(2026, 6, 1))

    assert [str(fault) for fault in plan.faults] == [
        "A (T-1) började 2026-06-01 och kan inte sluta 2026-05-31. Välj en senare dag."
    ]


def test_hsa_catalogues_own_columns_are_read():
    content = csv_of(
        "hsaidentity;ou;l;hsastreetaddress;hsapublictelephonenumber;hsamanagementcode_TEXT;x",
        "SE1-A;Enhet A;Göteborg;Per Dubbsgatan 15$413 45 Göteborg$ $Blå stråket 7;"
        "+46313421367 | +46313422537;Landsting/Region;9",
    )
    plan = intake.import_units("hsa.csv", content, standard_kind="sjukhusklinik")

    unit = Unit.objects.get(hsa_id="SE1-A")
    assert (unit.name, unit.town, unit.address, unit.phone, unit.ownership, unit.kind.code) == (
        "Enhet A", "Göteborg", "Per Dubbsgatan 15, Blå stråket 7", "+46313421367", "public",
        "sjukhusklinik",
    )  # fmt: skip
    assert plan.ignored == ["x"]
    assert len(plan.remarks) == 1


def test_address_of_several_lines():
    assert address_of("Gatan 1$413 45 Ort$\\24\\24") == "Gatan 1"
    assert address_of("Gatan 1, plan 2") == "Gatan 1, plan 2"


def test_second_import_of_the_same_file_changes_nothing():
    content = xlsx([["HSA-id", "Namn", "Enhetstyp"], ["SE1-A", "A", "Vårdcentral"]])
    intake.import_units("enheter.xlsx", content)
    records = Unit.history.count()
    plan = intake.import_units("enheter.xlsx", content)

    assert (plan.new, plan.changed, plan.unchanged) == ([], [], 1)
    assert Unit.history.count() == records


def test_plan_that_has_changed_since_its_preview_is_not_stored():
    content = csv_of(HEADER, "T-1;A;Vårdcentral")
    previewed = plan_units(content).digest
    care_unit(hsa_id="T-1", name="Någon annans")

    with pytest.raises(intake.PlanChanged):
        intake.import_units("fil", content, previewed=previewed)
    assert Unit.objects.get(hsa_id="T-1").name == "Någon annans"


def test_command_tells_in_json_and_by_its_exit_code(tmp_path, capsys):
    file = write(tmp_path, HEADER, "T-1;A;Vårdcentral")

    code, told = outcome(capsys, file, "--dry-run")
    assert (code, told["stored"], [each["hsa_id"] for each in told["new"]]) == (0, False, ["T-1"])
    assert not Unit.objects.filter(hsa_id="T-1").exists()
    code, told = outcome(capsys, file)
    assert (code, told["stored"], told["rows"]) == (0, True, 1)
    batch = FileImport.objects.get()
    assert (batch.file_name, batch.state, batch.result["new"], batch.content) == (
        "enheter.csv", "stored", 1, None,
    )  # fmt: skip
    code, told = outcome(capsys, write(tmp_path, HEADER, "T-2;;Vårdcentral"))
    assert (code, told["stored"]) == (1, False)
    assert told["errors"] == [
        {"row": 2, "column": "Namn", "value": "", "rule": "Namn saknas. Skriv enhetens namn."}
    ]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["/finns/inte.csv"], 2, "Filen /finns/inte.csv kan inte läsas: den finns inte."),
        (["/"], 2, "Filen / kan inte läsas: det är en mapp."),
        (["FIL", "--kind", "slott"], 2, "Enhetstypen slott finns inte."),
        (["FIL", "--end-missing", "i morgon"], None, "--end-missing"),
        (["PDF"], 1, "Filen är en PDF."),
    ],
)
def test_wrong_use_is_told(args, code, said, tmp_path):
    (tmp_path / "fil.pdf").write_bytes(b"%PDF-1.7")
    known = {"FIL": write(tmp_path, HEADER, "T-1;A;Vårdcentral"), "PDF": str(tmp_path / "fil.pdf")}
    with pytest.raises(CommandError) as fault:
        call_command("import_units", *(known.get(each, each) for each in args))

    assert said in str(fault.value)
    assert code is None or fault.value.returncode == code


def test_many_units_are_stored_quickly():
    lines = [
        f"SE9-{n};Enhet {n};Vårdcentral;{f'SE9-{n - n % 10 + 1}' if n % 10 != 1 else ''}"
        for n in range(1, 1000)
    ]
    started = time.process_time()
    plan = intake.import_units("fil", csv_of(f"{HEADER};Tillhör", *lines))

    assert len(plan.new) == 999
    assert time.process_time() - started < 4


def test_lock_follows_the_flag():
    by_hand, imported = care_unit(), care_unit(from_catalogue=True)

    assert locked_fields(by_hand) == frozenset()
    assert locked_fields(imported) == frozenset(CATALOGUE_FIELDS)
    assert locked_fields(None) == frozenset()
