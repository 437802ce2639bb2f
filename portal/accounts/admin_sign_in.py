"""The admin's own sign-in would know neither limits nor second factors: it uses /konto/."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.shortcuts import redirect, render


def staff_only(view):
    """Who has signed in without staff rights gets told so, instead of an empty admin."""

    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_staff:
            return render(request, "account/no_staff_rights.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def use_account_pages(site=admin.site):
    site.login = staff_only(secure_admin_login(site.login))
    site.password_change = lambda request, *args, **kwargs: redirect("account_change_password")
