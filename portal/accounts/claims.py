"""What the claims of the region's provider mean here: whose account, which groups and units.

Claims are text from outside. Rules (ClaimRule) say what they give; what an account got from
them is marked (ClaimedRights) and follows them at each sign-in. What somebody had been given
by hand before stays, whatever the claims say. No rule makes a superuser.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from . import rights
from .actions import end_all_sessions
from .hsa_id import HsaIdField, normal_hsa_id
from .models import NO_MAIL, ClaimedRights, ClaimRule, User
from .oidc.faults import Refused

_hsa_id = HsaIdField()


@dataclass
class Given:
    """groups  {Group}
    units   HSA-ids of units by kind of right: {"manager": {"SE1-A"}}
    """

    groups: set = field(default_factory=set)
    units: dict = field(default_factory=lambda: defaultdict(set))

    def __bool__(self):
        return bool(self.groups or any(self.units.values()))


def plain(text) -> str:
    """Text that any database takes: no NUL, no half characters, no line breaks."""
    whole = str(text).encode("utf-8", "ignore").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split())


def values_of(claims: dict, name: str) -> list[str]:
    """A claim's values, whether it is missing, one text or a list: ["FM-Chef", "FM-Redaktion"]."""
    found = claims.get(name)
    rows = found if isinstance(found, list) else [found]
    return [plain(row) for row in rows if isinstance(row, str | int) and plain(row)]


def hsa_ids(values) -> set[str]:
    """Those of the texts that are HSA-ids, in their normal form."""
    found = set()
    for value in values:
        try:
            found.add(_hsa_id.clean(normal_hsa_id(value), None))
        except ValidationError:
            continue
    return found


def identity(claims: dict) -> str:
    """The person's HSA-id. `sub` will not do: at Inera's provider it is new each time."""
    found = hsa_ids(values_of(claims, settings.OIDC.id_claim))
    if len(found) != 1:
        raise Refused("identity", settings.OIDC.id_claim)
    return found.pop()


def given_by(claims: dict) -> Given:
    """What the rules give for these claims."""
    given = Given()
    values = {}
    units = hsa_ids(values_of(claims, settings.OIDC.unit_claim))
    for rule in ClaimRule.objects.select_related("group"):
        if rule.claim not in values:
            values[rule.claim] = {value.casefold() for value in values_of(claims, rule.claim)}
        matched = rule.rests(values[rule.claim])
        if not matched:
            continue
        if rule.group:
            given.groups.add(rule.group)
        else:
            from_rest = rule.unit_from == ClaimRule.UnitFrom.REST
            given.units[rule.unit_right] |= hsa_ids(matched) if from_rest else units
    return given


def account_of(claims: dict) -> User:
    """The account to sign in, with the rights that the claims give.

    Raises Refused when there is none and none is made, when it is closed, and when nothing is
    left that it may do; its other sessions end then.
    """
    hsa_id = identity(claims)
    given = given_by(claims)
    user = User.objects.filter(hsa_id=hsa_id).first()
    is_new = user is None
    if is_new:
        gets_something = given or rights.awaits(hsa_id)
        if not gets_something or not settings.OIDC.makes_accounts:
            raise Refused("no_right", hsa_id=hsa_id)
        user = _made(hsa_id, claims)
    if not user.is_active:
        raise Refused("inactive", hsa_id=hsa_id)
    hold(user, given, claims)
    user = User.objects.get(pk=user.pk)
    if not rights.has_any(user):
        # Rules gave units that nobody here knows: no empty account is left behind.
        user.delete() if is_new else end_all_sessions(user)
        raise Refused("no_right", hsa_id=hsa_id)
    return user


def _made(hsa_id, claims):
    """A new account. Never one that is there already by the same mail address: whoever could
    choose their address would choose their account."""
    email, names = _address(claims, hsa_id), _names(claims)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, None, hsa_id=hsa_id, **names)
            ClaimedRights.objects.create(user=user, made_account=True)
    except IntegrityError:
        # Signed in twice at once: the other one made it.
        user = User.objects.filter(hsa_id=hsa_id).first()
        if user is None:
            raise Refused("address", hsa_id=hsa_id) from None
    return user


def _address(claims, hsa_id):
    """The claimed mail address, when it is proved; else one that leads nowhere. Rights may be
    waiting for an address, so that nobody may choose theirs."""
    address = "".join(values_of(claims, "email")[:1])
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > 254 or address.endswith(NO_MAIL):
        return f"{hsa_id.lower()}@hsa-id{NO_MAIL}"
    other = User.objects.filter(email__iexact=address).first()
    if other is not None and not other.hsa_id:
        # Most likely hers, made by invitation. Two accounts would serve nobody.
        raise Refused("address", hsa_id=hsa_id)
    proved = settings.OIDC.trusts_email or claims.get("email_verified") is True
    # Several people may share a mailbox.
    return address if proved and other is None else f"{hsa_id.lower()}@hsa-id{NO_MAIL}"


def _names(claims):
    pairs = {"first_name": "given_name", "last_name": "family_name"}
    return {name: "".join(values_of(claims, claim)[:1])[:150] for name, claim in pairs.items()}


def hold(user: User, given: Given, claims: dict | None = None) -> None:
    """Make what the account has from claims be exactly what they give now."""
    with transaction.atomic():
        ClaimedRights.objects.get_or_create(user=user)
        mark = ClaimedRights.objects.select_for_update().get(user=user)
        # What stands in the database now, not when the sign-in began.
        user = User.objects.select_for_update().get(pk=user.pk)
        _hold_groups(user, mark, given.groups)
        for kind in rights.kinds():
            kind.hold(user=user, hsa_ids=set(given.units.get(kind.code, ())))
        if mark.made_account and claims is not None:
            for name, value in _names(claims).items():
                setattr(user, name, value or getattr(user, name))
        user.save()
        mark.save()


def _hold_groups(user, mark, groups):
    held, marked = set(user.groups.all()), set(mark.groups.all())
    came, went = groups - held, (marked - groups) & held
    user.groups.add(*came)
    user.groups.remove(*went)
    mark.groups.set((marked & groups) | came)
    works_in_admin = Permission.objects.filter(group__in=groups).exists()
    if works_in_admin and not user.is_staff:
        user.is_staff = mark.staff = True
    elif mark.staff and not works_in_admin:
        user.is_staff = mark.staff = False
    words = [
        f"{verb} {', '.join(sorted(map(str, rows)))}"
        for verb, rows in (("lade till", came), ("tog bort", went))
        if rows
    ]
    if words:
        message = f"Regionens inloggning: grupper: {'; '.join(words)}."
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, message, single_object=True)


def forget(user: User) -> None:
    """Nobody has vouched for the account this time: what claims gave it goes, until the
    region's provider vouches for it again."""
    if ClaimedRights.objects.filter(user=user).exists():
        hold(user, Given())
