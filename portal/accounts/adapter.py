import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.urls import reverse

from portal.outbox.actions import queue_confidential
from portal.web import panels
from portal.web.models import SiteSettings

from .models import NO_MAIL

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Where the portal wants something else than allauth does by itself."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "E-postadressen eller lösenordet stämmer inte.",
        "too_many_login_attempts": "För många misslyckade försök. Vänta fem minuter och "
        "försök igen, eller välj ett nytt lösenord.",
    }

    def is_open_for_signup(self, request):
        """Accounts are made by invitation only."""
        return False

    def get_client_ip(self, request):
        """Whom limits count. A request that passed fewer proxies than the setting says is
        counted by who connected: that cannot be forged, and is shared at worst."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            log.warning("PORTAL_PROXY_COUNT är fler än proxyerna i X-Forwarded-For.")
            if address := request.META.get("REMOTE_ADDR"):
                return address
            raise PermissionDenied("Unable to determine client IP address") from None

    def _get_login_attempts_cache_key(self, request, **credentials):
        """By the address that signs in alone. allauth's own has the host in it as the client
        wrote it, whose port nobody checks: each port would be given five attempts of its own."""
        return credentials.get("email", "").lower()

    def get_login_redirect_url(self, request):
        """To the work, or to the account for who has none in the admin. Also where "Logga in"
        on a public page leads somebody who is signed in already: those pages know nobody."""
        if request.user.is_staff:
            return reverse("admin:index")
        landings = (panel.leave_for for panel in panels.collect("account", request.user))
        return next(filter(None, landings), reverse("account_home"))

    def get_password_change_redirect_url(self, request):
        return reverse("account_home")

    def send_mail(self, template_prefix, email, context):
        """Into the queue: a mail server that is slow or fails must not tell, by time or an
        error page, that an account exists. Letters with a link: portal.accounts.letters."""
        if email.endswith(NO_MAIL):
            return
        request = self.request
        about = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**about, **context})
        queue_confidential(to=email, subject=message.subject, body=message.body)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """To the account's own address: accounts from the command line have no other."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self):
        """What an app of codes calls the account."""
        return f"Försäkringsmedicin {SiteSettings.objects.current().name}"
