"""Whether an ID token is true, meant for us, of today and strong enough.

Each rule of OpenID Connect Core 3.1.3.7. The signature is checked though the token comes
straight from the provider, where the standard lets one trust TLS alone: a proxy that opens
TLS is common in a region's network.
"""

import hmac

import jwt
from django.conf import settings

from .faults import Refused
from .provider import signing_key

# Public keys only. A shared secret (HS256) or no signature ("none") proves nothing here.
ALGORITHMS = {
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}  # fmt: skip
# Two machines' clocks may differ by so many seconds.
SKEW = 60
LONGEST = 200_000
DETAILS = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "clock",
    jwt.InvalidIssuedAtError: "clock",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidSignatureError: "signature",
    jwt.MissingRequiredClaimError: "claims",
}


def verified_claims(token, *, nonce: str) -> dict:
    """The claims of an ID token. Raises Refused, with a word about what is wrong."""
    if not isinstance(token, str) or len(token) > LONGEST:
        raise Refused("answer", "token")
    claims = _decoded(token)
    if not _same(claims.get("nonce"), nonce):
        raise Refused("answer", "nonce")
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        raise Refused("answer", "audience")
    if claims.get("azp", settings.OIDC.client_id) != settings.OIDC.client_id:
        raise Refused("answer", "audience")
    if settings.OIDC.assurance and claims.get("acr") not in settings.OIDC.assurance:
        raise Refused("assurance")
    return claims


def _decoded(token):
    # A made-up token may fail anywhere in the libraries, and must not become an error page.
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Refused("answer", "token") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise Refused("answer", "algorithm")
    if "crit" in header:
        raise Refused("answer", "token")
    key = signing_key(kid)
    if key is None or key.get("alg", algorithm) != algorithm:
        raise Refused("answer", "key")
    try:
        return jwt.decode(
            token,
            key=jwt.PyJWK(key, algorithm=algorithm),
            algorithms=[algorithm],
            audience=settings.OIDC.client_id,
            issuer=settings.OIDC.issuer,
            leeway=SKEW,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except jwt.PyJWTError as fault:
        raise Refused("answer", DETAILS.get(type(fault), "token")) from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Refused("answer", "token") from None


def _same(found, wanted):
    return isinstance(found, str) and hmac.compare_digest(
        found.encode(errors="replace"), wanted.encode()
    )
