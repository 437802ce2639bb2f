"""The site's addresses, and three of the tests' own whose views fail."""

from django.core.exceptions import PermissionDenied
from django.urls import path

from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as site


def broken(request):
    raise RuntimeError("hemlig orsak")


def forbidden(request):
    raise PermissionDenied


def open_form(request):
    raise AssertionError("the CSRF check stands before this")


urlpatterns = [
    path("prov/fel/", broken),
    path("prov/forbjudet/", forbidden),
    path("prov/formular/", open_form),
    *site,
]
