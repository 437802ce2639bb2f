"""The provider's metadata and keys, asked for once an hour and shared by all workers."""

import hashlib

from django.conf import settings
from django.core.cache import cache

from .config import is_safe, origin
from .faults import Refused
from .fetching import fetch_object

HOUR = 3600
# After a fault nobody else waits for the provider; a moment later it gets another chance.
PAUSE = 10
# Keys are asked for again when a token has an unknown one, but not for each made-up token.
KEY_PAUSE = 60
DEMANDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")


def metadata() -> dict:
    """The provider's own description, held against what was agreed with it."""
    return _kept("metadata", _read_metadata)


def _read_metadata():
    issuer = settings.OIDC.issuer
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = fetch_object(address, seconds=settings.OIDC.seconds)
    if found.get("issuer") != issuer:
        raise Refused("down", "metadata issuer")
    for name in DEMANDED:
        if not is_safe(found.get(name)):
            raise Refused("down", f"metadata {name}")
    if origin(found["authorization_endpoint"]) not in settings.OIDC.origins:
        raise Refused("down", "PORTAL_OIDC_FORM_ORIGINS")
    for name in OPTIONAL:
        if not is_safe(found.get(name)):
            found.pop(name, None)
    # Left out, the site says that one is still signed in there.
    if origin(found.get("end_session_endpoint", "")) not in settings.OIDC.origins:
        found.pop("end_session_endpoint", None)
    return found


def signing_key(kid: str | None) -> dict | None:
    """The provider's public key with a name (any, when it has one only and the token names
    none); None when it has no such key, also when asked afresh."""
    address = metadata()["jwks_uri"]
    found = _pick(_kept("keys", lambda: _read_keys(address)), kid)
    if found is None and cache.add(_name("keys asked again"), 1, KEY_PAUSE):
        fresh = _read_keys(address)
        cache.set(_name("keys"), fresh, HOUR)
        found = _pick(fresh, kid)
    return found


def _read_keys(address):
    keys = fetch_object(address, seconds=settings.OIDC.seconds).get("keys")
    if not isinstance(keys, list):
        raise Refused("down", "keys")
    return [key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig"]


def _pick(keys, kid):
    if kid is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.get("kid") == kid), None)


def _kept(what, read):
    """What was read within the hour, or is read now; faults too are remembered a moment."""
    if (found := cache.get(_name(what))) is not None:
        return found
    if (fault := cache.get(_name(f"{what} fault"))) is not None:
        raise Refused("down", fault)
    try:
        found = read()
    except Refused as refused:
        cache.set(_name(f"{what} fault"), refused.detail, PAUSE)
        raise
    cache.set(_name(what), found, HOUR)
    return found


def _name(what):
    """Another provider, or another agreement with it, shares nothing with this one's cache."""
    agreed = f"{settings.OIDC.issuer} {settings.OIDC.origins}"
    return f"oidc:{what}:{hashlib.sha256(agreed.encode()).hexdigest()[:16]}".replace(" ", "-")
