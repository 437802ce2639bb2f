"""One `make_<model>(**fields)` per model, valid by default."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from education.models import (
    Course,
    ExternalCalendar,
    Format,
    ImportedEvent,
    Occasion,
    Organiser,
    Session,
    TrainingRequest,
)
from followup.disclosure.plans import years_with_values
from followup.models import (
    ImportBatch,
    Indicator,
    Measurement,
    Release,
    Sex,
    UnitName,
    UnitReview,
)
from followup.releasing import ReleaseRefused, release_year
from guidance.models import (
    Document,
    Feedback,
    LegalReference,
    Notice,
    Page,
    PageVersion,
    ProcessStep,
)
from organisation.models import Appointment, Person, Role, RoleLevel, Unit, UnitKind, UnitManager
from portal.accounts.models import ClaimRule, User
from portal.publishing.models import VersionState
from portal.search.models import BestBet, MissedQuery
from portal.web.models import ServiceMessage, SiteSettings

_number = count(1)


def make_claim_rule(**fields):
    group = Group.objects.get(name="redaktör")
    return ClaimRule.objects.create(**{"value": "FM-Redaktion", "group": group, **fields})


def make_unit_kind(**fields):
    code = fields.setdefault("code", f"slag-{next(_number)}")
    return UnitKind.objects.create(**{"name": code, **fields})


def make_unit(**fields):
    number = next(_number)
    fields.setdefault("hsa_id", f"SE0000000000-T{number:04}")
    fields.setdefault("name", f"Testenhet {number}")
    if "kind" not in fields:
        fields["kind"] = make_unit_kind()
    return Unit.objects.create(**fields)


def make_role(**fields):
    code = fields.setdefault("code", f"roll-{next(_number)}")
    return Role.objects.create(
        **{"title": code, "level": RoleLevel.UNIT, "mandate": "Provar.", **fields}
    )


def make_person(**fields):
    number = next(_number)
    return Person.objects.create(
        **{"hsa_id": f"SE0000000000-T{number:04}", "name": f"Test Testsson {number}", **fields}
    )


def make_appointment(**fields):
    """A held appointment; give `state` for any other."""
    fields.setdefault("state", Appointment.State.HELD)
    if fields["state"] == Appointment.State.HELD and "person" not in fields:
        fields["person"] = make_person()
    for name, make in (("unit", make_unit), ("role", make_role)):
        if name not in fields:
            fields[name] = make()
    return Appointment.objects.create(**fields)


def make_manager(**fields):
    """A manager's right, for an account of its own unless `user` says whose it is."""
    if "user" not in fields:
        fields["user"] = User.objects.create_user(f"chef-{next(_number)}@example.org", "x")
    if "unit" not in fields:
        fields["unit"] = make_unit()
    return UnitManager.objects.create(**fields)


def make_page(**fields):
    slug = fields.setdefault("slug", f"sida-{next(_number)}")
    if "owner" not in fields:
        fields["owner"] = make_role()
    return Page.objects.create(**{"nav_title": slug, "purpose": "En testsida.", **fields})


def make_version(**fields):
    """A version published a day ago, on a page of its own unless one is given."""
    if "page" not in fields:
        fields["page"] = make_page()
    fields.setdefault("state", VersionState.APPROVED)
    fields.setdefault("publish_at", timezone.now() - timedelta(days=1))
    fields.setdefault("number", fields["page"].versions.count() + 1)
    if fields["state"] == VersionState.WITHDRAWN:
        fields.setdefault("withdrawn_at", timezone.now())
    return PageVersion.objects.create(**{"title": "Testsida", "body": "<p>Text.</p>", **fields})


def make_course(**fields):
    slug = fields.setdefault("slug", f"kurs-{next(_number)}")
    if "organiser" not in fields:
        fields["organiser"] = Organiser.objects.create(code=f"anordnare-{slug}", name=slug)
    defaults = {
        "title": slug,
        "aim": "Att prova.",
        "level": Course.CourseLevel.BASIC,
        "format": Format.ONSITE,
        "booking": "Mejla.",
    }
    return Course.objects.create(**{**defaults, **fields})


def make_occasion(*, starts=None, hours=2, **fields):
    """An occasion with one session, in two weeks unless `starts` says otherwise."""
    if "course" not in fields:
        fields["course"] = make_course()
    fields.setdefault("uid", f"tillfalle-{next(_number)}")
    fields.setdefault("format", Format.ONSITE)
    occasion = Occasion.objects.create(**fields)
    starts = starts or timezone.now() + timedelta(weeks=2)
    Session.objects.create(occasion=occasion, starts=starts, ends=starts + timedelta(hours=hours))
    return Occasion.objects.public().select_related("course").get(pk=occasion.pk)


def make_imported_event(*, starts=None, hours=2, **fields):
    """An approved event of another organiser, in two weeks unless `starts` says otherwise."""
    number = next(_number)
    if "calendar" not in fields:
        fields["calendar"] = ExternalCalendar.objects.create(
            code=f"kalender-{number}", name=f"Kalender {number}"
        )
    starts = starts or timezone.now() + timedelta(weeks=2)
    ends = starts + timedelta(hours=hours)
    defaults = {
        "uid": f"post-{number}",
        "title": f"Möte {number}",
        "state": ImportedEvent.State.APPROVED,
        "starts": starts,
        "ends": ends,
        "starts_on": timezone.localdate(starts),
        "ends_on": timezone.localdate(ends),
    }
    return ImportedEvent.objects.create(**{**defaults, **fields})


def make_training_request(**fields):
    defaults = {
        "what": "Intyg.",
        "audience": "Läkare",
        "number": 5,
        "when": "I vår",
        "unit_name": "Fjällmottagningen",
        "contact_name": "Test Testsson",
        "email": "test@region.example",
        "phone": "070-174 06 05",
    }
    return TrainingRequest.objects.create(**defaults | fields)


def make_indicator(**fields):
    code = fields.setdefault("code", f"indikator-{next(_number)}")
    defaults = {
        "name": code,
        "why": "För att prova.",
        "numerator_label": "Täljare",
        "denominator_label": "Nämnare",
        "kind": Indicator.Kind.PROPORTION,
        "direction": Indicator.Direction.LOWER,
        "period": "Helår",
        "level": "Enhet",
        "source": "Prov",
    }
    return Indicator.objects.create(**{**defaults, **fields})


def make_measurement(**fields):
    """A total of 20 in 100 for 2025."""
    defaults = {"year": 2025, "sex": Sex.TOTAL, "numerator": 20, "denominator": 100}
    for name, make in (("indicator", make_indicator), ("unit", make_unit)):
        if name not in fields:
            fields[name] = make()
    fields["indicator"].comparison_kinds.add(fields["unit"].kind)
    return Measurement.objects.create(**{**defaults, **fields})


def let_out(indicator):
    """Release all years of an indicator anew, as if for the first time; a year that the audit
    refuses stays unreleased."""
    Release.objects.filter(indicator=indicator).delete()
    for year in years_with_values([indicator])[indicator.pk]:
        with suppress(ReleaseRefused):
            release_year(indicator, year)


def make_document(**fields):
    number = next(_number)
    slug = fields.setdefault("slug", f"dokument-{number}")
    defaults = {"code": f"D-{number}", "title": slug, "kind": Document.Kind.FORM, "issuer": "Prov"}
    return Document.objects.create(**{**defaults, **fields})


def make_law(**fields):
    code = fields.setdefault("code", f"lag-{next(_number)}")
    defaults = {"short_name": code, "title": code, "number": "2099:1", "governs": "Prov."}
    return LegalReference.objects.create(**{**defaults, **fields})


def make_step(**fields):
    anchor = fields.setdefault("anchor", f"steg-{next(_number)}")
    return ProcessStep.objects.create(**{"title": anchor, "text": "<p>Prova.</p>", **fields})


def make_notice(**fields):
    slug = fields.setdefault("slug", f"nyhet-{next(_number)}")
    defaults = {"title": slug, "text": "Prov.", "published_on": timezone.localdate()}
    return Notice.objects.create(**{**defaults, **fields})


def make_feedback(**fields):
    """A comment nobody has read, on a page of its own unless one is given."""
    if "page" not in fields:
        fields["page"] = make_version().page
    if fields.get("status") == Feedback.Status.DONE:
        fields.setdefault("done_at", timezone.now())
    defaults = {"version_number": 1, "answer": "no", "comment": "Det saknas ett datum."}
    return Feedback.objects.create(**{"status": Feedback.Status.NEW, **defaults, **fields})


def make_service_message(**fields):
    """A message that is shown for an hour, half of which has passed."""
    site, _ = SiteSettings.objects.get_or_create()
    half_an_hour = timedelta(minutes=30)
    fields.setdefault("starts_at", timezone.now() - half_an_hour)
    fields.setdefault("ends_at", timezone.now() + half_an_hour)
    return ServiceMessage.objects.create(**{"site": site, "text": "Provdrift.", **fields})


def make_unit_name(**fields):
    """A name that somebody has chosen a unit for, in an undone batch of its own."""
    if "batch" not in fields:
        indicator = Indicator.objects.exclude(kind="derived").first()
        fields["batch"] = ImportBatch.objects.create(
            indicator=indicator, year=2020, state=ImportBatch.State.UNDONE
        )
    key = fields.setdefault("key", f"enhet {next(_number)}")
    return UnitName.objects.create(**{"name": key.capitalize(), **fields})


def make_review(**fields):
    if "unit" not in fields:
        fields["unit"] = make_unit()
    said = {"comment": "Prov.", "cause": "Prov.", "action": "Prov.", "owner": "Chefen"}
    return UnitReview.objects.create(**{"year": 2025, "due": "2027-01-01", **said, **fields})


def make_missed_query(**fields):
    digest = f"{next(_number):064}"
    monday = "2026-11-16"
    return MissedQuery.objects.create(
        **{"digest": digest, "text": "prov", "week": monday, "count": 3, **fields}
    )


def make_best_bet(**fields):
    return BestBet.objects.create(**{"address": "/intyg/", "words": ["prov"], **fields})
