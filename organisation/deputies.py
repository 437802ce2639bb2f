"""A deputy for a manager: another account gets the same right for a period.

Whoever gives it never learns whether an address has an account: the answer is the same, and
so is what is shown. A letter goes to the address, with an invitation when there is none.
"""

import logging
from smtplib import SMTPException

from django import forms
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions import send_invitation
from portal.accounts.hsa_id import HsaIdField, normal_hsa_id
from portal.accounts.models import Invitation, User
from portal.web.personal_numbers import refuse_personal_numbers
from portal.web.typed_dates import TypedDateField

from .manager_actions import give_deputy
from .models import UnitManager

log = logging.getLogger(__name__)

MOST_DEPUTIES = 20
WHO = "Skriv en e-postadress eller ett HSA-id."


def _today():
    return timezone.localdate()


def _latest():
    return _today().replace(year=_today().year + 2, day=1)


class DeputyForm(forms.Form):
    who = forms.CharField(
        label="E-postadress eller HSA-id",
        max_length=254,
        help_text="Den adress som personen loggar in med.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        validators=[refuse_personal_numbers],
    )
    first = TypedDateField(
        label="Första dag",
        required=False,
        help_text="Tomt: från i dag.",
        earliest=_today,
        latest=_latest,
    )
    last = TypedDateField(
        label="Sista dag",
        help_text="Högst två år fram. Du kan avsluta tidigare.",
        earliest=_today,
        latest=_latest,
    )

    def __init__(self, *args, right, by, **kwargs):
        self.right, self.by = right, by
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    def clean_who(self):
        text = self.cleaned_data["who"].strip()
        if "@" in text:
            try:
                validate_email(text)
            except ValidationError:
                raise ValidationError(WHO) from None
            return text.lower()
        try:
            return HsaIdField().clean(normal_hsa_id(text), None)
        except ValidationError:
            raise ValidationError(WHO) from None

    def clean(self):
        values = super().clean()
        first, last = values.get("first"), values.get("last")
        if last and first and last < first:
            self.add_error("last", "Sista dagen kan inte komma före den första.")
        who = values.get("who", "")
        if who and who in {self.by.email.lower(), self.by.hsa_id}:
            self.add_error("who", "Du har redan rätten själv.")
        row = self.right.row
        if row and sum(not each.has_ended for each in row.deputies.all()) >= MOST_DEPUTIES:
            self.add_error(None, f"Högst {MOST_DEPUTIES} ersättare åt gången. Avsluta någon först.")
        return values

    @property
    def chosen(self):
        who = self.cleaned_data["who"]
        return {
            "email": who if "@" in who else "",
            "hsa_id": "" if "@" in who else who,
            "first": self.cleaned_data["first"] or _today(),
            "last": self.cleaned_data["last"],
        }


def give_right(right, *, by, email, hsa_id, first, last, site) -> UnitManager:
    """Stores the row by what was written, account or not, and writes to the address."""
    deputy = give_deputy(right, by=by, email=email, hsa_id=hsa_id, first=first, last=last)
    if email:
        transaction.on_commit(lambda: _write(deputy, by=by, site=site.rstrip("/")))
    return deputy


def _write(deputy, *, by, site):
    """A fault of the mail server is logged and changes nothing: the answer tells no more."""
    if not User.objects.filter(email__iexact=deputy.email).exists():
        _invite(deputy.email, by=by, site=site)
    context = {"deputy": deputy, "by": by, "address": f"{site}{reverse('my_units')}"}
    try:
        send_mail(
            f"Ersättare för {deputy.unit.name}",
            render_to_string("organisation/deputy_letter.txt", context),
            None,
            [deputy.email],
        )
    except (OSError, SMTPException) as fault:
        log.error("Ett brev till en ersättare kunde inte skickas: %s", type(fault).__name__)


def _invite(email, *, by, site):
    """An account of no group: what it may do is the row's to say."""
    invitation = Invitation.objects.open().filter(email__iexact=email, is_staff=False).first()
    if invitation is None:
        invitation = Invitation(email=email, is_staff=False, invited_by=by)
    elif invitation.groups.exists():
        return  # it waits in her mail already
    secret = invitation.renew()
    invitation.save()
    send_invitation(invitation, f"{site}{reverse('accept_invitation', args=[secret])}")
