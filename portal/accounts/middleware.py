"""The policy of pages under /konto/, and the second factor at the admin's door."""

from csp.constants import NONCE, NONE, SELF
from django.conf import settings
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from portal.web.addresses import address_of

from .second_factor import lead_to_second_factor, may_act

# Scripts only by nonce: allauth's own for passkeys, named in account/_scripts.html.
ACCOUNT_DIRECTIVES = {
    "default-src": [NONE],
    "script-src": [NONCE],
    "style-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
# The app's QR code is drawn into the page, so that its secret has no address of its own.
QR_DIRECTIVES = {**ACCOUNT_DIRECTIVES, "img-src": [SELF, "data:"]}


# Pages with a button that leads to the region's identity provider, or to where it signs out:
# browsers hold form-action against where a form's answer redirects, too.
LEADING_OUT = {"account_login", "account_home", "oidc_start", "oidc_answer"}


def directives_for(page):
    if page == "mfa_activate_totp":
        return QR_DIRECTIVES
    if settings.OIDC and page in LEADING_OUT:
        return {**ACCOUNT_DIRECTIVES, "form-action": [SELF, *settings.OIDC.origins]}
    return ACCOUNT_DIRECTIVES


def account_pages(get_response):
    """The policy of pages under /konto/, and that nobody stores them. Stands inside
    django-csp's middleware."""

    def middleware(request):
        response = get_response(request)
        if request.path.startswith(address_of("account_home")):
            match = request.resolver_match
            response._csp_config = directives_for(match and match.url_name)
            add_never_cache_headers(response)
        return response

    return middleware


def second_factor_gate(get_response):
    """Leads staff to their second factor when they enter the admin and it is required.

    Elsewhere the user is not even looked at: public pages read no session.
    """

    def middleware(request):
        if (
            request.path.startswith(address_of("admin:index"))
            and request.path != reverse("admin:logout")
            and request.user.is_authenticated
            and request.user.is_staff
            and not may_act(request)
        ):
            return lead_to_second_factor(request)
        return get_response(request)

    return middleware
