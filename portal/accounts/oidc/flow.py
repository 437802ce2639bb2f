"""From the button to claims: the authorisation code flow with state, nonce and PKCE."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

from django.conf import settings
from django.urls import reverse

from .faults import Refused
from .fetching import fetch, fetch_object, json_object
from .provider import metadata

SESSION_KEY = "oidc_started"
# A card has to be found, and its code remembered.
MINUTES = 10
# Tabs in which one person has pressed the button without going on.
MOST_STARTED = 5


@dataclass(frozen=True)
class Proof:
    """What the provider says of a person.

    claims    of the ID token, and beside them what userinfo adds
    id_token  as it came, for signing out there
    """

    claims: dict
    id_token: str


def start(request, *, after: str) -> str:
    """Remembers an attempt in the session and returns where to send the browser.

    after  the path to go on to, already judged as safe; "" when there is none
    """
    found = metadata()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    kept = _started(request)
    newest = sorted(kept, key=lambda each: kept[each]["at"])[1 - MOST_STARTED :]
    kept = {each: kept[each] for each in newest}
    kept[state] = {"nonce": nonce, "verifier": verifier, "after": after, "at": time.time()}
    request.session[SESSION_KEY] = kept
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    values = {
        "client_id": settings.OIDC.client_id,
        "redirect_uri": _answer_address(request),
        "response_type": "code",
        "scope": " ".join(settings.OIDC.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    if settings.OIDC.assurance:
        values["acr_values"] = " ".join(settings.OIDC.assurance)
    return with_query(found["authorization_endpoint"], values)


def finish(request) -> tuple[Proof, str]:
    """What the browser came back with, checked: (proof, path to go on to)."""
    attempt = _take(request)
    found = metadata()
    # RFC 9207: an answer from another provider is not taken for this one's.
    told = request.GET.get("iss")
    if told != settings.OIDC.issuer and (
        told is not None or found.get("authorization_response_iss_parameter_supported") is True
    ):
        raise Refused("answer", "issuer")
    if error := request.GET.get("error"):
        if error == "access_denied":
            raise Refused("cancelled")
        raise Refused("answer", f"provider {error[:60]}" if error.isidentifier() else "provider")
    code = request.GET.get("code", "")
    if not code:
        raise Refused("answer", "code")
    tokens = _exchange(request, found, code, attempt["verifier"])
    # Here, since not all regions sign in this way, and three megabytes go with it.
    from .tokens import verified_claims

    claims = verified_claims(tokens.get("id_token"), nonce=attempt["nonce"])
    return Proof(_with_userinfo(found, tokens, claims), tokens["id_token"]), attempt["after"]


def _started(request):
    """{state: attempt} of this browser, without what is too old."""
    kept = request.session.get(SESSION_KEY)
    oldest = time.time() - MINUTES * 60
    rows = kept.items() if isinstance(kept, dict) else ()
    return {state: attempt for state, attempt in rows if attempt["at"] > oldest}


def _take(request):
    """The attempt that an answer belongs to. Each is good for one answer, so it is forgotten
    in the database before anything else happens."""
    kept = _started(request)
    attempt = kept.pop(request.GET.get("state", ""), None)
    if attempt is None:
        raise Refused("stale")
    request.session[SESSION_KEY] = kept
    request.session.save()
    return attempt


def _answer_address(request):
    return request.build_absolute_uri(reverse("oidc_answer"))


def _exchange(request, found, code, verifier):
    """The code for tokens. The provider's "no" is no fault of its running."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _answer_address(request),
        "code_verifier": verifier,
    }
    headers = {}
    if not settings.OIDC.client_secret:
        form["client_id"] = settings.OIDC.client_id
    elif _uses_basic(found):
        pair = f"{quote_plus(settings.OIDC.client_id)}:{quote_plus(settings.OIDC.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {
            "client_id": settings.OIDC.client_id,
            "client_secret": settings.OIDC.client_secret,
        }
    status, content = fetch(
        found["token_endpoint"], seconds=settings.OIDC.seconds, form=form, headers=headers
    )
    if 400 <= status < 500:
        raise Refused("answer", f"token status {status}")
    if status != 200:
        raise Refused("down", f"status {status}")
    return json_object(content)


def _uses_basic(found):
    if settings.OIDC.client_auth:
        return settings.OIDC.client_auth == "basic"
    # What the standard says of a provider that does not tell.
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" in methods


def _with_userinfo(found, tokens, claims):
    """Claims that the ID token lacks may be asked for; what it says itself counts."""
    access = tokens.get("access_token")
    if "userinfo_endpoint" not in found or not isinstance(access, str) or not access.isascii():
        return claims
    more = fetch_object(
        found["userinfo_endpoint"],
        seconds=settings.OIDC.seconds,
        headers={"Authorization": f"Bearer {access}"},
    )
    if more.get("sub") != claims["sub"]:
        raise Refused("answer", "userinfo")
    # How one proved who one is stands in what is signed, or nowhere.
    more.pop("acr", None)
    return {**more, **claims}


def end_address() -> str:
    """Where the provider ends its own session; "" when it has no such place or is down."""
    if settings.OIDC is None:
        return ""
    try:
        return metadata().get("end_session_endpoint", "")
    except Refused:
        return ""


def sign_out_address(request, id_token: str) -> str:
    """The same, with whose session it is and where to come back to."""
    if not (end := end_address()):
        return ""
    values = {
        "id_token_hint": id_token,
        "client_id": settings.OIDC.client_id,
        "post_logout_redirect_uri": request.build_absolute_uri(reverse("signed_out")),
    }
    return with_query(end, values)


def with_query(address: str, values: dict) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
