"""Calendar files of other organisers, most of them wrong in a way of their own."""

import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from education.external_properties import FLOATING, clean_url
from education.external_reading import HIDDEN_TITLE, NoCalendar, read_calendar

FIRST, LAST = date(2026, 10, 23), date(2028, 5, 23)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
TIMES = "DTSTART:20261201T090000Z\nDTEND:20261201T100000Z"


def event(*lines, uid="a", title="Möte", times=TIMES):
    head = [f"UID:{uid}" if uid else "", f"SUMMARY:{title}" if title else "", times]
    return "\n".join(["BEGIN:VEVENT", *filter(None, head), *lines, "END:VEVENT"])


def calendar(*parts):
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR"])


def read(text, **more):
    content = text if isinstance(text, bytes) else text.encode()
    return read_calendar(content, first=FIRST, last=LAST, **more)


def only(text, **more):
    [facts] = read(text, **more).events.values()
    return facts


def starts_of(*parts):
    """The Swedish wall times of a series' well times, in order."""
    found = read(calendar(*parts)).events.values()
    return [
        f"{facts.starts.astimezone(STOCKHOLM):%m-%d %H:%M}" for facts in found if not facts.fault
    ]


def faults_of(*parts):
    return [facts.fault for facts in read(calendar(*parts)).faulty]


def test_event_is_read_as_plain_facts():
    facts = only(
        calendar(
            event(
                "LOCATION:Folkets hus\\, sal 2\\, provstad",
                "DESCRIPTION:<p>Hej <b>alla</b> &amp; en</p><script>x()</script>"
                "<br>Rad\\n\\n\\n\\ntvå",
                "URL:https://example.org/a?b=1",
                "ATTENDEE;CN=Någon:mailto:nagon@example.org",
                title="Möte\\; om\x07 rehab\u202e",
            )
        ),
        towns=["Provstad"],
    )

    assert facts.title == "Möte; om rehab"
    assert (facts.place, facts.town) == ("Folkets hus, sal 2, provstad", "Provstad")
    assert facts.description == "Hej alla & en\n\nRad\n\ntvå"
    assert facts.url == "https://example.org/a?b=1"
    assert facts.starts == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert facts.ends == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert (facts.starts_on, facts.ends_on) == (date(2026, 12, 1), date(2026, 12, 1))
    assert "nagon" not in repr(facts)


@pytest.mark.parametrize(
    ("start", "utc_hour", "note"),
    [
        ("DTSTART:20261201T090000", 8, FLOATING),
        ("DTSTART:20261201T090000Z", 9, ""),
        ("DTSTART;TZID=Europe/Stockholm:20261201T090000", 8, ""),
        ('DTSTART;TZID="Europe/Helsinki":20261201T090000', 7, ""),
        ("DTSTART;TZID=W. Europe Standard Time:20261201T090000", 8, ""),
        ("DTSTART;TZID=/example.org/2026/Europe/London:20261201T090000", 9, ""),
        ('DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin, Bern":20261201T090000', 8, ""),
        ("DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern:20261201T090000", 8, ""),
        ("DTSTART;TZID=(UTC-05:00) Eastern Time (US & Canada):20261201T090000", 14, ""),
        ("DTSTART;TZID=Egen:20261201T090000", 6, ""),
    ],
)
def test_zones_of_all_programs(start, utc_hour, note):
    own = (
        "BEGIN:VTIMEZONE\nTZID:Egen\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE"
    )
    facts = only(calendar(own, event(times=start)))

    assert (facts.fault, facts.starts.hour, facts.note) == ("", utc_hour, note)
    assert facts.ends == facts.starts


def test_whole_days_end_with_the_day_before_the_one_told():
    found = read(
        calendar(
            event(uid="1", times="DTSTART;VALUE=DATE:20270328"),
            event(uid="2", times="DTSTART;VALUE=DATE:20261208\nDTEND;VALUE=DATE:20261210"),
            event(uid="3", times="DTSTART;VALUE=DATE:20261208\nDTEND;VALUE=DATE:20261208"),
            event(uid="4", times="DTSTART;VALUE=DATE:20261208\nDURATION:P3D"),
        )
    ).events.values()

    assert [(facts.starts_on.day, facts.ends_on.day) for facts in found] == [
        (28, 28), (8, 9), (8, 8), (8, 10),
    ]  # fmt: skip
    spring = next(iter(found))
    assert spring.is_all_day
    assert (spring.ends - spring.starts).total_seconds() == 23 * 3600


def test_series_with_a_day_left_out_and_one_moved():
    times = "DTSTART;TZID=Europe/Stockholm:20270301T090000\nDURATION:PT1H"
    parts = [
        event("RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE;TZID=Europe/Stockholm:20270308T090000",
              times=times),
        event("RECURRENCE-ID;TZID=Europe/Stockholm:20270315T090000", title="Flyttat",
              times="DTSTART;TZID=Europe/Stockholm:20270316T130000\nDURATION:PT1H"),
    ]  # fmt: skip

    # Over the change to summer time the wall clock stays.
    assert starts_of(*parts) == ["03-01 09:00", "03-16 13:00", "03-22 09:00", "03-29 09:00",
                                 "04-05 09:00"]  # fmt: skip
    by_time = read(calendar(*parts)).events
    moved = by_time["a", "20270315T090000+0100"]
    assert moved.title == "Flyttat"
    assert by_time["a", "20270329T090000+0200"].title == "Möte"


def test_faulty_exception_is_set_aside_alone_and_its_time_is_not_shown():
    parts = [
        event("RRULE:FREQ=DAILY;COUNT=3"),
        event("RECURRENCE-ID:20261202T090000Z",
              times="DTSTART:20261205T090000Z\nDTEND:20261204T090000Z"),
    ]  # fmt: skip

    assert starts_of(*parts) == ["12-01 10:00", "12-03 10:00"]
    assert faults_of(*parts) == ["Slutar innan den börjar."]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("FREQ=SECONDLY", "Upprepas oftare än varje dag."),
        ("FREQ=HOURLY;COUNT=2", "Upprepas oftare än varje dag."),
        ("FREQ=DAILY;COUNT=100000", "Upprepas fler än 400 gånger under perioden."),
        ("FREQ=FOO", "Upprepningen (RRULE) går inte att läsa."),
        ("FREQ=WEEKLY;INTERVAL=0", "Upprepningen (RRULE) går inte att räkna ut."),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
         "Upprepningen (RRULE) tar för lång tid att räkna ut."),
        ("FREQ=DAILY" + ";COUNT=3" * 99, "Upprepningen (RRULE) är för lång."),
    ],
)  # fmt: skip
def test_rules_that_would_never_end_are_set_aside_in_time(rule, fault):
    began = time.perf_counter()
    found = faults_of(event(f"RRULE:{rule}"), event(uid="b"))

    assert found == [fault]
    assert time.perf_counter() - began < 4


def test_many_endless_rules_share_one_time(monkeypatch):
    monkeypatch.setattr("education.external_clock.FILE_SECONDS", 1.5)
    began = time.perf_counter()
    rule = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    found = faults_of(*(event(rule, uid=str(number)) for number in range(20)))

    assert time.perf_counter() - began < 6
    assert len(found) == 20
    assert found[-1] == "Kalenderns upprepningar tar för lång tid att räkna ut."


def test_zone_that_changes_each_second_does_not_keep_us():
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Ond\nBEGIN:STANDARD\nDTSTART:19000101T000000\nTZOFFSETFROM:+0300\n"
        "TZOFFSETTO:+0300\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE"
    )
    began = time.perf_counter()

    [facts] = read(calendar(zone, event(times="DTSTART;TZID=Ond:20261201T090000"))).events.values()

    assert facts.starts.hour == 6
    assert time.perf_counter() - began < 4


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        (event(title=""), "Saknar titel (SUMMARY)."),
        (event(times="DTEND:20261201T100000Z"), "Saknar starttid (DTSTART)."),
        (event(times="DTSTART:20261301T090000"), "Tiden ”20261301T090000” finns inte."),
        (event(times="DTSTART:snart"), "Tiden ”snart” går inte att läsa."),
        (event(times="DTSTART:00000101T000000"), "Tiden ”00000101T000000” finns inte."),
        (event(times="DTSTART:99991231T235959Z"), "Tiden ”99991231T235959Z” finns inte."),
        (event(times="DTSTART:20261201T090000\nDTEND:20261201T080000"), "Slutar innan den börjar."),
        (event(times="DTSTART:20261201\nDURATION:-P1D"), "Slutar innan den börjar."),
        (event(times="DTSTART:20261201\nDURATION:P9999999999D"),
         "Längden (DURATION) går inte att läsa."),
        (event(times="DTSTART:20261201\nDTEND:20281201"), "Pågår i mer än ett år."),
        (event(times="DTSTART:20261201T090000\nDTEND:20261202"),
         "Börjar med en dag men slutar med ett klockslag, eller tvärtom."),
        (event(times="DTSTART;TZID=Mars/Olympus:20261201T090000"),
         "Tidszonen ”Mars/Olympus” är okänd."),
        (event("DESCRIPTION:Om 19121212-1212"), "Det ser ut att stå ett personnummer i posten."),
    ],
)  # fmt: skip
def test_faulty_event_is_set_aside_with_its_reason_and_the_rest_come_in(part, fault):
    reading = read(calendar(part, event(uid="b", title="Bra")))

    assert [facts.fault for facts in reading.faulty] == [fault]
    assert [facts.title for facts in reading.events.values() if not facts.fault] == ["Bra"]


def test_personal_number_is_kept_nowhere():
    reading = read(calendar(event(title="Om 19121212-1212", uid="19121212-1212")))

    assert [facts.title for facts in reading.faulty] == [HIDDEN_TITLE]
    assert "1212" not in repr(reading)


def test_of_two_with_one_identity_the_newest_counts():
    reading = read(
        calendar(event("SEQUENCE:2", title="Ny"), event("SEQUENCE:1", title="Gammal"))
    )  # fmt: skip

    assert reading.events["a", ""].title == "Ny"
    assert [(facts.title, facts.fault) for facts in reading.faulty] == [
        ("Gammal", "Har samma identitet (UID) som en annan post.")
    ]


def test_event_without_identity_keeps_the_one_made_for_it():
    text = calendar(event(uid=""))

    assert only(text).uid == only(text).uid
    assert only(text).uid != only(calendar(event(uid="", title="Annat"))).uid


def test_long_values_are_cut_and_odd_identities_kept_apart():
    facts = only(calendar(event(f"DESCRIPTION:{'å' * 9000}", title="å" * 900, uid="u" * 900)))

    assert (len(facts.title), len(facts.description), len(facts.uid)) == (200, 2000, 73)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + calendar(event()).encode(),
        calendar(event()).replace("\n", "\r\n").encode(),
        calendar(event()).replace("\n", "\r").encode(),
        calendar(event()).replace("SUMMARY:Möte", "SUMM\n ARY\n\t:Mö\n te").encode(),
        calendar(event()).encode("utf-16"),
        calendar(event()).encode("cp1252"),
        ("\n\n" + calendar(event()) + "\nskräp").encode(),
        event().encode(),
        (calendar() + "\n" + calendar(event())).encode(),
        calendar(event("BEGIN:VALARM", "SUMMARY:Larm", "DTSTART:1", "END:VALARM")).encode(),
        calendar(event("X-ODD", ";;;", "\x00\x01", ":")).encode(),
        calendar(event()).replace("\nEND:VCALENDAR", "").encode(),
    ],
)
def test_files_of_all_kinds(content):
    facts = only(content)

    assert (facts.title, facts.fault) == ("Möte", "")


def test_cut_short_event_is_set_aside_and_those_before_come_in():
    reading = read(calendar(event(), event(uid="b", title="Avbruten"))[:-35])

    assert [facts.title for facts in reading.events.values() if not facts.fault] == ["Möte"]
    assert [facts.fault for facts in reading.faulty] == ["Posten är avbruten: END:VEVENT saknas."]


@pytest.mark.parametrize("content", [b"", b"\x00" * 99, b"hej", bytes(range(256)), b"\xff\xfe"])
def test_what_is_no_calendar_is_refused(content):
    with pytest.raises(NoCalendar, match="Innehållet är ingen kalender"):
        read(content)


def test_web_page_is_told_from_a_calendar():
    with pytest.raises(NoCalendar, match="Det är en webbsida, ingen kalender"):
        read(b"<!doctype html><title>Logga in</title>")


def test_outside_the_period_is_left_out_with_the_reason():
    reading = read(calendar(event(times="DTSTART:20250101T090000")))

    assert reading.events == {}
    assert reading.outside == [("Möte", "Ligger utanför perioden 2026-10-23–2028-05-23.")]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://", "https://a.se/\x01", "https://u:p@a.se/", "//a.se",
     "https://a.se/" + "x" * 999, "ftp://a.se/", "https://[::1", "https://intern/"],
)  # fmt: skip
def test_only_plain_web_addresses_are_linked(url):
    assert clean_url(url) == ""


@pytest.mark.skipif("PORTAL_SAMPLE_DATA" not in os.environ, reason="no sample data")
def test_sample_files_are_read_or_told_of():
    files = sorted((Path(os.environ["PORTAL_SAMPLE_DATA"]) / "ics").rglob("*.ics"))
    readings = [
        read_calendar(path.read_bytes(), first=date(2000, 1, 1), last=date(2024, 12, 31))
        for path in files
    ]

    assert len(files) > 20
    assert sum(len(reading.events) - len(reading.faulty) for reading in readings) > 300
    assert all(facts.fault for reading in readings for facts in reading.faulty)
