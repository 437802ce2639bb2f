import pytest
from django.core.cache import cache

from portal.accounts.oidc.config import Provider

from .oidc_provider import CLIENT, LOA3, SECRET, OidcProvider


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
