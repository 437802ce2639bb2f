"""Accounts, the invitations that lead to them, and what a region's sign-in gives them."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from .hsa_id import HsaIdField

# An account must have an address, which is its login name. For who has none it ends so: mail
# to .invalid leads nowhere (RFC 2606), and none is sent.
NO_MAIL = ".invalid"


class AccountManager(UserManager):
    """Django's user manager with the e-mail address as login name."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    username = None
    email = models.EmailField("e-postadress", unique=True)
    hsa_id = HsaIdField(
        "HSA-id",
        unique=True,
        null=True,
        blank=True,
        help_text="Behövs för inloggning genom regionens identitetstjänst.",
    )

    objects = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "användare"
        verbose_name_plural = "användare"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_unique",
                violation_error_message="Det finns redan ett konto med den e-postadressen.",
            )
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    @property
    def has_mail(self):
        return not self.email.endswith(NO_MAIL)


def token_hash(token: str) -> str:
    """What is stored of an invitation's token: a copy of the table opens no door."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class InvitationQuerySet(models.QuerySet):
    def open(self):
        """Invitations that can still be accepted."""
        return self.filter(accepted_at=None, expires_at__gt=timezone.now())

    def with_token(self, token):
        return self.filter(token_hash=token_hash(token))


class Invitation(models.Model):
    email = models.EmailField("e-postadress")
    groups = models.ManyToManyField(
        Group,
        verbose_name="grupper",
        blank=True,
        help_text="Det som personen får arbeta med.",
    )
    is_staff = models.BooleanField(
        "får arbeta i administrationen",
        default=True,
        help_text="Behövs för att öppna /admin/.",
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="sent_invitations",
        verbose_name="inbjuden av",
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("skapad", auto_now_add=True)
    expires_at = models.DateTimeField("gäller till", editable=False)
    accepted_at = models.DateTimeField("antagen", null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "inbjudan"
        verbose_name_plural = "inbjudningar"
        ordering = ["-created_at"]

    def __str__(self):
        return self.email

    def clean(self):
        if self.email and User.objects.filter(email__iexact=self.email).exists():
            raise ValidationError({"email": "Det finns redan ett konto med den e-postadressen."})

    @property
    def state(self):
        if self.accepted_at:
            return "antagen"
        return "öppen" if self.expires_at > timezone.now() else "utgången"

    def renew(self) -> str:
        """A new token, good for some days; what was sent before no longer works."""
        token = secrets.token_urlsafe(32)
        self.token_hash = token_hash(token)
        self.expires_at = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
        return token


class ClaimRule(models.Model):
    """What somebody gets whose claims, from the region's identity provider, hold a value."""

    class Comparison(models.TextChoices):
        EXACT = "exact", "är precis"
        PREFIX = "prefix", "börjar med"

    class UnitFrom(models.TextChoices):
        CLAIM = "claim", "enheterna i inloggningens uppgift om enhet"
        REST = "rest", "enheten vars HSA-id står efter början av värdet"

    claim = models.CharField(
        "uppgift",
        max_length=100,
        default="groups",
        help_text="Vad uppgiften (claim) heter i svaret från regionens inloggning.",
    )
    comparison = models.CharField(
        "villkor", max_length=10, choices=Comparison, default=Comparison.EXACT
    )
    value = models.CharField(
        "värde",
        max_length=500,
        help_text="Stora och små bokstäver spelar ingen roll. Har uppgiften flera värden räcker "
        "det att ett stämmer.",
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name="ger gruppen",
        help_text="Välj en grupp, eller en rätt för enheter nedan.",
    )
    unit_right = models.CharField("ger rätten", max_length=30, blank=True)
    unit_from = models.CharField("gäller", max_length=10, choices=UnitFrom, blank=True)

    class Meta:
        verbose_name = "regel för inloggning"
        verbose_name_plural = "regler för inloggning"
        ordering = ["claim", "value", "pk"]
        constraints = [
            models.CheckConstraint(
                name="claim_rule_gives_one_thing",
                condition=models.Q(group__isnull=False, unit_right="", unit_from="")
                | (models.Q(group=None) & ~models.Q(unit_right="") & ~models.Q(unit_from="")),
                violation_error_message="Välj antingen en grupp, eller en rätt och vilka enheter "
                "den gäller.",
            ),
            models.UniqueConstraint(
                fields=["claim", "comparison", "value", "group"],
                condition=models.Q(group__isnull=False),
                name="claim_rule_for_group_once",
                violation_error_message="Det finns redan en sådan regel.",
            ),
            models.UniqueConstraint(
                fields=["claim", "comparison", "value", "unit_right", "unit_from"],
                condition=models.Q(group=None),
                name="claim_rule_for_units_once",
                violation_error_message="Det finns redan en sådan regel.",
            ),
        ]

    def __str__(self):
        return f"{self.claim} {self.get_comparison_display()} {self.value}"

    def clean(self):
        needs_rest = self.unit_from == self.UnitFrom.REST
        if needs_rest and self.comparison != self.Comparison.PREFIX:
            raise ValidationError(
                {"comparison": "Ska HSA-id stå i värdet måste villkoret vara ”börjar med”."}
            )

    def rests(self, values: set[str]) -> set[str]:
        """What follows the rule's value in each of the values that fit it, all in lower case:
        {"fm-chef-se1-a"} → {"se1-a"}. {""} is a fit too."""
        wanted = self.value.casefold()
        if self.comparison == self.Comparison.EXACT:
            return {""} if wanted in values else set()
        return {value.removeprefix(wanted) for value in values if value.startswith(wanted)}


class ClaimedRights(models.Model):
    """What an account has from claims and would not have had without them. Beside it may have
    been given more by hand; that is no business of claims."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="claimed",
        verbose_name="användare",
    )
    groups = models.ManyToManyField(Group, verbose_name="grupper")
    staff = models.BooleanField("får arbeta i administrationen", default=False)
    made_account = models.BooleanField("kontot kom till vid inloggning", default=False)
    at = models.DateTimeField("senast", auto_now=True)

    class Meta:
        verbose_name = "rättighet från inloggning"
        verbose_name_plural = "rättigheter från inloggning"

    def __str__(self):
        return str(self.user)
