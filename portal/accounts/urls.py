"""Addresses under /konto/: only the pages of allauth that the portal offers, in Swedish.

allauth finds its pages by name, so the names are its own. Left out on purpose: sign-up,
changing the address oneself, and codes by mail.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as sessions
from django.urls import path, re_path
from django.views.generic import RedirectView

from . import views
from .oidc import views as oidc

KEYS = "tvasteg/nycklar/"
CODES = "tvasteg/reservkoder/"

urlpatterns = [
    path("", views.account_home, name="account_home"),
    path("logga-in/", account.login, name="account_login"),
    # The region's identity provider; the e-mail address has its own page then.
    path("logga-in/e-post/", oidc.where_offered(account.login), name="login_by_email"),
    path("logga-in/region/", oidc.start, name="oidc_start"),
    path("logga-in/region/svar/", oidc.answer, name="oidc_answer"),
    path("logga-ut/region/", oidc.sign_out_there, name="oidc_sign_out"),
    path("logga-ut/", account.logout, name="account_logout"),
    path("utloggad/", views.signed_out, name="signed_out"),
    # Closed: the adapter answers with a page that says how accounts are made.
    path("ny-anvandare/", account.signup, name="account_signup"),
    path("inaktivt/", account.account_inactive, name="account_inactive"),
    path("inbjudan/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("bekrafta/", account.reauthenticate, name="account_reauthenticate"),
    path("losenord/", account.password_change, name="account_change_password"),
    # Who has no password yet proves the address by mail first.
    path(
        "losenord/valj/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("losenord/glomt/", account.password_reset, name="account_reset_password"),
    path(
        "losenord/glomt/skickat/", account.password_reset_done, name="account_reset_password_done"
    ),
    path(
        "losenord/glomt/klart/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^losenord/glomt/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("tvasteg/", mfa.index, name="mfa_index"),
    path("tvasteg/kod/", mfa.authenticate, name="mfa_authenticate"),
    path("tvasteg/bekrafta/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("tvasteg/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("tvasteg/app/ta-bort/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(CODES, recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        f"{CODES}nya/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        f"{CODES}hamta/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path(KEYS, webauthn.list_webauthn, name="mfa_list_webauthn"),
    path(f"{KEYS}ny/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path(f"{KEYS}logga-in/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(f"{KEYS}bekrafta/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path(f"{KEYS}<int:pk>/ta-bort/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path(f"{KEYS}<int:pk>/namn/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("inloggningar/", sessions.list_usersessions, name="usersessions_list"),
    path("inloggningar/avsluta-alla/", views.sign_out_everywhere, name="sign_out_everywhere"),
]
