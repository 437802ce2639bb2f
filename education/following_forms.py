"""Who wants to follow what → checked values, with messages that say what to do."""

from django import forms

from portal.web.open_forms import WRONG_ADDRESS, SentByAnybody
from portal.web.personal_numbers import refuse_personal_numbers

from .models import CHOSEN_KINDS, Rhythm, Subscription

LONGEST = Subscription._meta.get_field("address").max_length


class FollowForm(SentByAnybody):
    epost = forms.EmailField(
        label="Din e-postadress",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        validators=[refuse_personal_numbers],
        max_length=LONGEST,
        error_messages={
            "required": WRONG_ADDRESS,
            "invalid": WRONG_ADDRESS,
            "max_length": f"E-postadressen kan ha högst {LONGEST} tecken.",
        },
    )
    slag = forms.MultipleChoiceField(
        label="Berätta om",
        choices=[(each.value, each.label.capitalize()) for each in CHOSEN_KINDS],
        widget=forms.CheckboxSelectMultiple,
        initial=CHOSEN_KINDS,
        error_messages={
            "required": "Välj minst en sak att få brev om.",
            "invalid_choice": "Välj bland sakerna i listan.",
            "invalid_list": "Välj bland sakerna i listan.",
        },
    )
    takt = forms.ChoiceField(
        label="Hur ofta?",
        choices=[(each.value, each.label.capitalize()) for each in Rhythm],
        widget=forms.RadioSelect,
        initial=Rhythm.AT_ONCE,
        error_messages={
            "required": "Välj hur ofta du vill ha brev.",
            "invalid_choice": "Välj hur ofta du vill ha brev.",
        },
    )

    def __init__(self, data=None, **kwargs):
        # The calendar's page has a form of its own, whose names must not be taken.
        super().__init__(data, auto_id="folj_%s", **kwargs)
