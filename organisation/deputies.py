"""A deputy for a manager: another account gets the same right for a period.

Whoever gives it never learns whether an address has an account: the answer is the same, and
so is what is shown. A letter goes to the address, with an invitation when there is none.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from portal.accounts.hsa_id import HsaIdField, normal_hsa_id
from portal.accounts.letters import queue_invitation
from portal.accounts.models import Invitation, User
from portal.editing.last_day import day_after
from portal.outbox.actions import queue
from portal.web.personal_numbers import refuse_personal_numbers
from portal.web.typed_dates import TypedDateField

from . import scope
from .models import UnitManager

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
        error_messages={"required": WHO},
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
        help_text="Till exempel 2027-03-01. Högst två år fram, och du kan avsluta tidigare.",
        error_messages={"required": "Skriv rättens sista dag."},
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
        deputies = [each for each in row.deputies.all() if not each.has_ended] if row else []
        if who and last and (same := self._given(deputies, who, first or _today(), last)):
            until = f" till {date_format(same.last_day, 'j F Y')}" if same.last_day else ""
            self.add_error(
                "who", f"Har redan rätten{until}. Avsluta den först för att ändra tiden."
            )
        if len(deputies) >= MOST_DEPUTIES:
            self.add_error(None, f"Högst {MOST_DEPUTIES} ersättare åt gången. Avsluta någon först.")
        return values

    def _given(self, deputies, who, first, last):
        """A right of the same person's on some of the days; by what was written, so that
        nobody learns which address and HSA-id are one account's."""
        for each in deputies:
            begins, ends = each.valid_from or first, each.valid_to or day_after(last)
            if who in {each.email.lower(), each.hsa_id} and begins <= last and first < ends:
                return each
        return None

    @property
    def chosen(self):
        who = self.cleaned_data["who"]
        return {
            "email": who if "@" in who else "",
            "hsa_id": "" if "@" in who else who,
            "first": self.cleaned_data["first"] or _today(),
            "last": self.cleaned_data["last"],
        }


@transaction.atomic
def give_right(right, *, by, email, hsa_id, first, last, site) -> UnitManager:
    """Stores the row by what was written, account or not, and writes to the address."""
    deputy = give_deputy(right, by=by, email=email, hsa_id=hsa_id, first=first, last=last)
    if email:
        _write(deputy, by=by, site=site)
    return deputy


def _write(deputy, *, by, site):
    """Letters in the queue: the answer neither waits for a mail server nor tells of one."""
    if not User.objects.filter(email__iexact=deputy.email).exists():
        _invite(deputy.email, by=by, site=site)
    address = f"{site.rstrip('/')}{reverse('my_units')}"
    context = {"deputy": deputy, "by": by, "address": address}
    queue(
        key=f"deputy {deputy.pk}",
        to=deputy.email,
        subject=f"Ersättare för {deputy.unit.name}",
        body=render_to_string("organisation/deputy_letter.txt", context),
    )


def _invite(email, *, by, site):
    """An account of no group: what it may do is the row's to say."""
    invitation = Invitation.objects.open().filter(email__iexact=email, is_staff=False).first()
    if invitation is None:
        invitation = Invitation(email=email, is_staff=False, invited_by=by)
    elif invitation.groups.exists():
        return  # it waits in her mail already
    invitation.renew()
    invitation.save()
    queue_invitation(invitation, site)


@transaction.atomic
def give_deputy(right: scope.Right, *, by, email, hsa_id, first, last) -> UnitManager:
    """The same right for a period, resting on the manager's own.

    A manager whose right comes from her appointment alone gets a row of her own here, for
    the deputy's to rest on.
    """
    manager = right.row
    if manager is None:
        manager = UnitManager(unit=right.unit, user=by, appointment=right.appointment)
        manager._change_reason = "Uppdraget ger rätten"
        manager.full_clean()
        manager.save()
    deputy = UnitManager(
        unit=right.unit,
        kind=UnitManager.Kind.DEPUTY,
        deputy_for=manager,
        email=email,
        hsa_id=hsa_id,
        valid_from=first,
        valid_to=day_after(last),
    )
    deputy._change_reason = "Utsedd av chefen"
    deputy.full_clean()
    deputy.save()
    return deputy
