"""Who did what: rows that are only ever added, a chain through them, and values beside them.

An entry has ids and names of fields, never a personal value, so it can stay for ever. The values
before and after lie in `Values`, which may be erased; the entry keeps their digest, so that they
cannot be changed. Rows and chain are two tables because a chain has one end: an entry is stored
in the transaction that does what it tells, the link when that has been committed (chain.py).
"""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone


class Action(models.TextChoices):
    CREATE = "create", "skapade"
    CHANGE = "change", "ändrade"
    DELETE = "delete", "tog bort"
    RIGHTS = "rights", "ändrade behörighet"
    PUBLISH = "publish", "publicerade"
    WITHDRAW = "withdraw", "avpublicerade"
    IMPORT = "import", "läste in"
    EXPORT = "export", "tog ut uppgifter"
    SIGN_IN = "sign_in", "loggade in"
    SIGN_IN_FAILED = "sign_in_failed", "inloggning misslyckades"
    SIGN_OUT = "sign_out", "loggade ut"
    CLOSE_ACCOUNT = "close_account", "stängde konto"
    ERASE = "erase", "raderade personuppgifter"
    ERASE_VALUES = "erase_values", "raderade värden ur loggen"


# What libraries call their models is English.
FOREIGN_KINDS = {
    "mfa.authenticator": "tvåstegsverifiering",
    "account.emailaddress": "kontots e-postadress",
}


def kind_of(label: str) -> str:
    """ "organisation.unit" → "enhet"; a kind of an earlier version as it was written."""
    try:
        return FOREIGN_KINDS.get(label) or str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


class Entry(models.Model):
    """facts  what can be told in numbers and codes: {"state": ["draft", "approved"]},
    {"groups": {"added": [3], "removed": []}}"""

    at = models.DateTimeField("när", default=timezone.now, db_index=True)
    # An account that is gone stays as its number.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name="konto",
    )
    action = models.CharField("vad", max_length=20, choices=Action)
    model = models.CharField("slag", max_length=100, blank=True)
    object_id = models.CharField("rad", max_length=64, blank=True)
    fields = models.JSONField("fält", default=list)
    facts = models.JSONField("uppgifter", default=dict)
    source = models.CharField("genom", max_length=100, blank=True)
    request_id = models.CharField("förfrågan", max_length=64, blank=True)
    values_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = "post i granskningsloggen"
        verbose_name_plural = "poster i granskningsloggen"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["model", "object_id"], name="audit_entry_of_row"),
            models.Index(fields=["action", "-id"], name="audit_entry_of_action"),
        ]

    def __str__(self):
        return f"{self.get_action_display()} {kind_of(self.model)} {self.object_id}".strip()


class Values(models.Model):
    """What stood in the fields before and after, with the row's name and the reason given.

    content  JSON: {"name", "reason", "changes": {field: [before, after]}}
    salt     without it a digest of a short value could be guessed
    """

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="values_beside"
    )
    salt = models.CharField(max_length=32)
    content = models.TextField("värden")

    class Meta:
        verbose_name = "värden i granskningsloggen"
        verbose_name_plural = "värden i granskningsloggen"

    def __str__(self):
        return str(self.entry_id)


class Link(models.Model):
    """The chain: each link's digest holds the one before and its entry."""

    number = models.BigIntegerField("nummer", primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="link")
    digest = models.CharField("kontrollsumma", max_length=64)

    class Meta:
        verbose_name = "länk i granskningsloggen"
        verbose_name_plural = "länkar i granskningsloggen"

    def __str__(self):
        return str(self.number)


class ChainEnd(models.Model):
    """One row, locked by who adds links."""

    class Meta:
        verbose_name = "kedjans lås"
        verbose_name_plural = "kedjans lås"

    def __str__(self):
        return str(self.pk)


class Checkpoint(models.Model):
    """How long the chain was and how it ended, signed with a key that is not in the database."""

    number = models.BigIntegerField("nummer")
    digest = models.CharField("kontrollsumma", max_length=64)
    at = models.DateTimeField("när")
    key = models.CharField("nyckel", max_length=16)
    signature = models.CharField("underskrift", max_length=128)

    class Meta:
        verbose_name = "kontrollpunkt"
        verbose_name_plural = "kontrollpunkter"

    def __str__(self):
        return f"{self.number} {self.at:%Y-%m-%d %H:%M}"
