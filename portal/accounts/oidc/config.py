"""The provider as the environment describes it. Nothing set: there is none."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL = {"localhost", "127.0.0.1", "::1"}
# Level of assurance 3 in Sambi's terms: what SITHS cards and their like give.
STRONG = "http://id.sambi.se/loa/loa3"
CLIENT_AUTH = ("", "basic", "post")


@dataclass(frozen=True)
class Provider:
    """issuer        exactly as the provider's metadata spells it
    name          what the button says one signs in with
    assurance     the acr values that are let in; empty: any, and none counts as strong
    id_claim      the claim with the person's HSA-id
    unit_claim    the claim with HSA-ids of units, for rules that give rights for them
    origins       where browsers may be sent by a form (CSP form-action)
    makes_accounts  for whom the rules give something
    trusts_email  an address counts though the provider does not say that it has proved it
    client_auth   "basic" or "post"; empty: what the provider's metadata says
    seconds       how long one request to the provider may take in all
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str
    scopes: tuple[str, ...]
    assurance: tuple[str, ...]
    id_claim: str
    unit_claim: str
    origins: tuple[str, ...]
    client_auth: str
    makes_accounts: bool
    trusts_email: bool
    seconds: float


def provider_from(env) -> Provider | None:
    issuer = env("PORTAL_OIDC_ISSUER", default="")
    if not issuer:
        return None
    client_id = env("PORTAL_OIDC_CLIENT_ID", default="")
    if not client_id:
        raise ImproperlyConfigured("Set PORTAL_OIDC_CLIENT_ID; see README.md, 'Settings'.")
    auth = env("PORTAL_OIDC_CLIENT_AUTH", default="")
    if auth not in CLIENT_AUTH:
        raise ImproperlyConfigured("PORTAL_OIDC_CLIENT_AUTH is basic or post.")
    _demand_https(issuer)
    return Provider(
        issuer=issuer,
        client_id=client_id,
        client_secret=_secret(env),
        name=env("PORTAL_OIDC_NAME", default="SITHS"),
        scopes=_scopes(env.str("PORTAL_OIDC_SCOPES", default="openid profile")),
        assurance=tuple(env.str("PORTAL_OIDC_LOA", default=STRONG).split()),
        id_claim=env("PORTAL_OIDC_ID_CLAIM", default="employeeHsaId"),
        unit_claim=env("PORTAL_OIDC_UNIT_CLAIM", default=""),
        origins=_origins([issuer, *env.list("PORTAL_OIDC_FORM_ORIGINS", default=[])]),
        client_auth=auth,
        makes_accounts=env.bool("PORTAL_OIDC_NEW_ACCOUNTS", default=True),
        trusts_email=env.bool("PORTAL_OIDC_TRUST_EMAIL", default=False),
        seconds=env.float("PORTAL_OIDC_TIMEOUT", default=5.0),
    )


def _secret(env):
    if path := env("PORTAL_OIDC_CLIENT_SECRET_FILE", default=""):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise ImproperlyConfigured(
                f"PORTAL_OIDC_CLIENT_SECRET_FILE cannot be read ({fault.strerror}: {path})."
            ) from None
    return env("PORTAL_OIDC_CLIENT_SECRET", default="")


def _scopes(text):
    scopes = tuple(text.split())
    return scopes if "openid" in scopes else ("openid", *scopes)


def _demand_https(issuer):
    parts = urlsplit(issuer)
    if not (is_safe(issuer) and parts.hostname) or parts.query or parts.fragment:
        raise ImproperlyConfigured("PORTAL_OIDC_ISSUER is an https address.")


def _origins(addresses):
    return tuple(dict.fromkeys(origin(address) for address in addresses))


def origin(address: str) -> str:
    """ "https://idp.example.org/oidc?x" → "https://idp.example.org"."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def is_safe(address) -> bool:
    """Whether a secret may be sent there: https, or this very machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (raises for a port that is none)
    except ValueError:
        return False
    if not parts.hostname or parts.username or parts.password:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
