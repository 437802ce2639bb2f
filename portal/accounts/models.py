from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower

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
