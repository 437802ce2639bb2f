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
