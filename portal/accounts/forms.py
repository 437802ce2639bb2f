"""allauth's forms with Swedish labels and no placeholders, and the form of an invitation."""

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth import password_validation

from .letters import queue_new_password
from .models import User

CODE_HINT = "Sex siffror från appen, eller en av dina reservkoder."
PASSWORD_HINT = "Minst tolv tecken. Undvik vanliga lösenord, ditt namn och bara siffror."  # noqa: S105


class PlainMixin:
    """A label stands above its field, so nothing has to stand inside it."""

    labels = {}
    hints = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")


class SignInForm(PlainMixin, account.LoginForm):
    labels = {"login": "E-postadress", "password": "Lösenord"}


class ConfirmPasswordForm(PlainMixin, account.ReauthenticateForm):
    labels = {"password": "Lösenord"}


class NewPasswordForm(PlainMixin, account.ChangePasswordForm):
    labels = {
        "oldpassword": "Nuvarande lösenord",
        "password1": "Nytt lösenord",
        "password2": "Nytt lösenord igen",
    }
    hints = {"password1": PASSWORD_HINT}


class ForgottenPasswordForm(PlainMixin, account.ResetPasswordForm):
    labels = {"email": "E-postadress"}

    def clean_email(self):
        """Nobody is looked for here: whether there is an account is found out by who writes
        the letter, when this answer has been sent."""
        return self.cleaned_data["email"]

    def save(self, request, **kwargs):
        queue_new_password(self.cleaned_data["email"], request)
        return self.cleaned_data["email"]


class NewPasswordFromKeyForm(PlainMixin, account.ResetPasswordKeyForm):
    labels = {"password1": "Nytt lösenord", "password2": "Nytt lösenord igen"}
    hints = {"password1": PASSWORD_HINT}


class SecondFactorForm(PlainMixin, mfa.AuthenticateForm):
    labels = {"code": "Kod"}
    hints = {"code": CODE_HINT}


class ConfirmSecondFactorForm(PlainMixin, mfa.ReauthenticateForm):
    labels = {"code": "Kod"}
    hints = {"code": CODE_HINT}


class ActivateAppForm(PlainMixin, totp.ActivateTOTPForm):
    labels = {"code": "Kod från appen"}
    hints = {"code": "Sex siffror. En ny kod visas var trettionde sekund."}


def key_fault(fault):
    """One message for whatever is wrong with a key; a made-up one may fail anywhere in
    the library, and must not become an error page."""
    if isinstance(fault, forms.ValidationError) and fault.code != "incorrect_code":
        return fault
    return forms.ValidationError("Nyckeln kunde inte användas. Försök igen.")


KEY_FAULTS = (forms.ValidationError, ValueError, TypeError, KeyError, AttributeError)


class KeyMixin:
    def clean_credential(self):
        try:
            return super().clean_credential()
        except KEY_FAULTS as fault:
            raise key_fault(fault) from fault


class SignInByKeyForm(KeyMixin, webauthn.LoginWebAuthnForm):
    pass


class SecondFactorByKeyForm(KeyMixin, webauthn.AuthenticateWebAuthnForm):
    pass


class ConfirmByKeyForm(KeyMixin, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddKeyForm(PlainMixin, webauthn.AddWebAuthnForm):
    labels = {"name": "Namn på nyckeln", "passwordless": "Logga in med bara nyckeln (passkey)"}
    hints = {
        "name": "Så att du känner igen den, till exempel Tjänstetelefonen.",
        "passwordless": "Nyckeln ersätter lösenord och kod. Den måste låsas upp med pinkod, "
        "fingeravtryck eller ansikte.",
    }

    def clean(self):
        try:
            return super().clean()
        except KEY_FAULTS as fault:
            raise key_fault(fault) from fault


class RenameKeyForm(PlainMixin, webauthn.EditWebAuthnForm):
    labels = {"name": "Namn på nyckeln"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 100


class AcceptInvitationForm(forms.Form):
    """Name and password of somebody who was invited."""

    first_name = forms.CharField(
        label="Förnamn",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Efternamn",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    password1 = forms.CharField(
        label="Lösenord",
        help_text=PASSWORD_HINT,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="Lösenord igen",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, email="", **kwargs):
        self.email = email
        super().__init__(*args, **kwargs)

    def clean(self):
        values = super().clean()
        password, again = values.get("password1"), values.get("password2")
        if password and again and password != again:
            self.add_error("password2", "Skriv samma lösenord två gånger.")
        elif password:
            names = {name: values.get(name, "") for name in ("first_name", "last_name")}
            try:
                password_validation.validate_password(password, User(email=self.email, **names))
            except forms.ValidationError as fault:
                self.add_error("password1", fault)
        return values
