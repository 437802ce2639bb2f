import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache

from portal.accounts.models import User
from portal.accounts.oidc.config import Provider

from .oidc_provider import CLIENT, LOA3, SECRET, OidcProvider
from .pages import EMAIL, PASSWORD


@pytest.fixture
def provider(settings):
    cache.clear()
    with OidcProvider() as running:
        settings.OIDC = Provider(
            issuer=running.issuer,
            client_id=CLIENT,
            client_secret=SECRET,
            name="SITHS",
            scopes=("openid", "profile"),
            assurance=(LOA3,),
            id_claim="employeeHsaId",
            unit_claim="units",
            origins=(running.issuer.removesuffix("/oidc"),),
            client_auth="",
            makes_accounts=True,
            trusts_email=False,
            seconds=1.0,
        )
        yield running
    cache.clear()


@pytest.fixture
def editor():
    return User.objects.create_user(EMAIL, PASSWORD, is_staff=True)


@pytest.fixture
def administrator():
    return User.objects.create_superuser("admin@exempelland.example.org", PASSWORD)


@pytest.fixture
def secret(editor):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(editor, secret)
    RecoveryCodes.activate(editor)
    return secret
