"""What organisation holds about people, for the table, the export and the erasure."""

from django.conf import settings
from django.utils.formats import date_format
from django.utils.text import capfirst

from portal.editing.history_timeline import value_in_words
from portal.search.index import index
from portal.web.personal_data import (
    Access,
    Forgotten,
    Held,
    Told,
    forgets,
    holds,
    identifies,
    scrub_log,
    tell,
)

from .forgetting import forget_holders, forget_persons, log_of
from .models import Appointment, Person

UNTIL_PURGED = f"{settings.NAME_DAYS} dagar efter att uppdraget har slutat"
WITH_THE_NAME = "Lika länge som namnet"

tell(
    "Den som har ett uppdrag",
    [
        Told(
            "Namn",
            "Kollegor och andra aktörer ska veta vem som svarar för en roll, i dag och den dag "
            "som ett ärende gäller.",
            Access.PUBLIC,
            UNTIL_PURGED,
            fields=("organisation.Person.name", "organisation.Appointment.person"),
        ),
        Told(
            "Roll, enhet och period",
            "Visar vem som svarar för vad, och var en funktion saknas.",
            Access.PUBLIC,
            "Tills vidare, utan namn när namnet är gallrat",
            fields=(
                "organisation.Appointment.role",
                "organisation.Appointment.unit",
                "organisation.Appointment.state",
                "organisation.Appointment.acting",
            ),
        ),
        Told(
            "Funktionsbrevlåda, telefon och telefontid i arbetet",
            "Rollen ska gå att nå. Funktionens adress och nummer går före personens egna.",
            Access.PUBLIC,
            "Visas så länge uppdraget pågår, sparas lika länge som namnet",
            fields=(
                "organisation.Appointment.email",
                "organisation.Appointment.phone",
                "organisation.Appointment.phone_hours",
            ),
        ),
        Told(
            "Anmärkning",
            "Kort upplysning till den som söker kontakt.",
            Access.PUBLIC,
            "Visas så länge uppdraget pågår, sparas lika länge som namnet",
            fields=("organisation.Appointment.note",),
        ),
        Told(
            "Yrkestitel",
            "Skiljer personer med samma namn åt.",
            Access.INTERNAL,
            WITH_THE_NAME,
            fields=("organisation.Person.title",),
        ),
        Told(
            "Personens e-postadress i arbetet",
            "Påminnelser om uppdraget när funktionen saknar brevlåda.",
            Access.INTERNAL,
            WITH_THE_NAME,
            fields=("organisation.Person.email",),
        ),
        Told(
            "HSA-id",
            "En person med flera uppdrag ska vara en enda person i registret.",
            Access.INTERNAL,
            WITH_THE_NAME,
            fields=("organisation.Person.hsa_id",),
        ),
        Told(
            "Uppgift om skyddade personuppgifter",
            "Namnet visas då aldrig. Läsaren ser funktionen och dess brevlåda.",
            Access.INTERNAL,
            WITH_THE_NAME,
            fields=("organisation.Person.protected",),
        ),
        Told(
            "Tidigare uppgifter om person och uppdrag",
            "Fel ska kunna spåras och rättas.",
            Access.INTERNAL,
            WITH_THE_NAME,
            fields=("organisation.HistoricalPerson", "organisation.HistoricalAppointment"),
        ),
    ],
)


def persons_of(subject):
    return Person.objects.filter(hsa_id=subject.hsa_id)


@identifies
def names_and_addresses(subject):
    now = persons_of(subject)
    then = Person.history.filter(hsa_id=subject.hsa_id)
    for rows in (now, then):
        for name, email in rows.values_list("name", "email"):
            subject.names |= {name}
            subject.addresses |= {email} - {""}


@holds
def rows_about(subject):
    ids = set(persons_of(subject).values_list("pk", flat=True)) | set(
        Person.history.filter(hsa_id=subject.hsa_id).values_list("id", flat=True)
    )
    appointments = (
        Appointment.objects.filter(person__in=ids)
        .select_related("role", "unit")
        .order_by("valid_from", "pk")
    )
    named = set(Appointment.history.filter(person__in=ids).values_list("id", flat=True))
    return [
        Held("Person", [words_of(row) for row in persons_of(subject)]),
        Held("Uppdrag", [words_of(row) for row in appointments]),
        Held("Personens historik", records(Person.history.filter(id__in=ids))),
        Held("Uppdragens historik", records(Appointment.history.filter(person__in=ids))),
        Held(
            "Administrationens logg om person och uppdrag",
            [
                {
                    "När": date_format(entry.action_time, "Y-m-d H:i"),
                    "Rad": entry.object_repr,
                    "Vad": entry.get_change_message(),
                }
                for entry in [*log_of(Person, ids), *log_of(Appointment, named)]
            ],
        ),
    ]


def words_of(row):
    return _words(row, [field for field in row._meta.concrete_fields if not field.primary_key])


def _words(row, fields):
    """{the field's name in Swedish: its value in words}, without what is empty."""
    return {
        capfirst(str(field.verbose_name)): value_in_full(row, field)
        for field in fields
        if getattr(row, field.attname) not in {None, "", False}
    }


def value_in_full(row, field):
    if field.is_relation:
        target = field.related_model._base_manager.filter(pk=getattr(row, field.attname)).first()
        return str(target or f"borttagen {field.related_model._meta.verbose_name}")
    return value_in_words(row, field)


def records(rows):
    shown = []
    for record in rows.order_by("history_date", "history_id"):
        words = _words(record, [field for field in record.tracked_fields if field.name != "id"])
        words["Sparat"] = date_format(record.history_date, "Y-m-d H:i")
        if record.history_change_reason:
            words["Skäl"] = record.history_change_reason
        shown.append(words)
    return shown


@forgets
def erase(subject):
    """Ended appointments lose the name at once; one that lasts or is to come keeps it."""
    done = Forgotten()
    ids = list(persons_of(subject).values_list("pk", flat=True))
    lost = [*Person.history.filter(hsa_id=subject.hsa_id).values_list("id", flat=True)]
    rows = list(Appointment.objects.filter(person__in=ids).select_related("role", "unit"))
    ended = [row for row in rows if row.has_ended]
    lasting = [row for row in rows if not row.has_ended]
    forget_holders(row.pk for row in ended)
    for row in ended:
        done.gone.append(f"Namn och kontaktuppgifter i uppdraget {_told(row)}.")
        done.stays.append(
            f"Att någon hade uppdraget {_told(row)}: rollens historia behövs för att visa att "
            "funktionen fanns. Den säger inte vem."
        )
    for row in lasting:
        done.stays.append(
            f"Namn och kontaktuppgifter i uppdraget {_told(row)}: det pågår eller är bestämt. "
            "Avsluta uppdraget först och kör kommandot igen."
        )
    if lasting:
        done.stays.append("Personraden med sin historik: uppdragen ovan behöver den.")
    elif every := sorted({*ids, *lost}):
        forget_persons(every)
        done.gone.append("Personraden och allt i dess historik.")
        index("contact", [row.pk for row in rows])
    scrub_log(log_of(Person, ids if not lasting else []), subject.words)
    return done


def _told(row):
    return f"{row.role}, {row.unit} ({row.period_in_words})"
