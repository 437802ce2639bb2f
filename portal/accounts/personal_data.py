"""What accounts hold about people, for the table, the export and the erasure."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.utils.formats import date_format

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
    traces_of_user,
)

from .actions import end_all_sessions
from .models import Invitation, User

UNTIL_ERASED = "Så länge kontot finns"

tell(
    "Den som loggar in",
    [
        Told(
            "E-postadress och namn",
            "Kontot ska gå att logga in med, och andra ska se vem som har ändrat något.",
            Access.INTERNAL,
            UNTIL_ERASED,
            fields=("accounts.User.email", "accounts.User.first_name", "accounts.User.last_name"),
        ),
        Told(
            "HSA-id",
            "Inloggning genom regionens identitetstjänst.",
            Access.INTERNAL,
            UNTIL_ERASED,
            fields=("accounts.User.hsa_id",),
        ),
        Told(
            "Grupper och behörigheter",
            "Styr vad kontot får göra.",
            Access.INTERNAL,
            UNTIL_ERASED,
            fields=(
                "accounts.User.is_staff",
                "accounts.User.is_superuser",
                "accounts.User.is_active",
            ),
        ),
        Told(
            "Lösenord och tvåstegsverifiering",
            "Skyddar kontot. Lösenordet sparas så att det inte går att läsa.",
            Access.INTERNAL,
            UNTIL_ERASED,
            fields=("accounts.User.password",),
        ),
        Told(
            "Tid för senaste inloggning och när kontot gjordes",
            "Konton som inte används ska kunna stängas.",
            Access.INTERNAL,
            UNTIL_ERASED,
            fields=("accounts.User.last_login", "accounts.User.date_joined"),
        ),
        Told(
            "Nätverksadress och webbläsare för varje inloggning",
            "Du ska kunna se och avsluta dina egna inloggningar.",
            Access.INTERNAL,
            f"Tills inloggningen slutar, högst {settings.SESSION_COOKIE_AGE // 3600} timmar",
        ),
        Told(
            "Vad kontot har ändrat och när",
            "Texter och uppgifter ska kunna granskas, och fel rättas.",
            Access.INTERNAL,
            "Tills vidare. När kontot är raderat utan namn",
            fields=("admin.LogEntry",),
        ),
        Told(
            "E-postadress i en inbjudan",
            "Visar vem som har bjudits in och av vem.",
            Access.INTERNAL,
            "Tills vidare",
            fields=("accounts.Invitation.email",),
        ),
    ],
)


@identifies
def names_and_addresses(subject):
    for user in User.objects.filter(hsa_id=subject.hsa_id):
        subject.names |= {user.get_full_name()} - {""}
        subject.addresses |= {user.email}


@holds
def account(subject):
    parts = []
    for user in User.objects.filter(hsa_id=subject.hsa_id):
        row = {
            "E-postadress": user.email,
            "Namn": user.get_full_name(),
            "HSA-id": user.hsa_id,
            "Grupper": ", ".join(sorted(user.groups.values_list("name", flat=True))),
            "Skapat": date_format(user.date_joined, "Y-m-d"),
            "Senast inloggad": user.last_login and date_format(user.last_login, "Y-m-d H:i"),
            "Tvåstegsverifiering": str(Authenticator.objects.filter(user=user).count()),
        }
        sessions = [
            {"Nätverksadress": each.ip, "Webbläsare": each.user_agent}
            for each in UserSession.objects.filter(user=user)
        ]
        parts += [
            Held("Konto", [{name: value for name, value in row.items() if value}]),
            Held("Inloggningar just nu", sessions),
            Held("Spår av vad kontot har gjort", traces_of_user(user)),
        ]
    invited = Invitation.objects.filter(email__in=subject.addresses)
    rows = [{"Till": row.email, "Skapad": date_format(row.created_at, "Y-m-d")} for row in invited]
    return [*parts, Held("Inbjudningar", rows)]


@forgets
def erase(subject):
    """An account that has done something stays as a number; what tells who it was goes.

    Its address is one that no letter reaches, since an account must have one of its own.
    """
    done = Forgotten()
    for user in User.objects.filter(hsa_id=subject.hsa_id):
        end_all_sessions(user)
        Authenticator.objects.filter(user=user).delete()
        EmailAddress.objects.filter(user=user).delete()
        user.groups.clear()
        user.user_permissions.clear()
        user.email = f"raderat-konto-{user.pk}@invalid.invalid"
        user.first_name = user.last_name = ""
        user.hsa_id = user.last_login = None
        user.is_active = user.is_staff = user.is_superuser = False
        user.set_unusable_password()
        user.save()
        done.gone.append("Kontots namn, e-postadress, HSA-id, behörigheter och inloggningar.")
        done.stays.append(
            f"Kontot som nummer {user.pk}, avstängt: historiken behöver kunna säga att samma "
            "konto har gjort flera ändringar."
        )
    if number := Invitation.objects.filter(email__in=subject.addresses).delete()[0]:
        done.gone.append(f"Inbjudningar: {number}.")
    if number := scrub_log(LogEntry.objects.all().iterator(), subject.words):
        done.gone.append(f"Namn och adresser i administrationens logg: {number} rader.")
    return done
