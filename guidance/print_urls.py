"""Addresses of what is to be printed. They stand before the other rooms' in portal/urls.py,
where a segment after a list's address is a row of it."""

from django.urls import path

from . import print_views

app_name = "print"

urlpatterns = [
    path("<slug:slug>/utskrift/", print_views.print_document, name="section"),
    path("<slug:section>/<slug:slug>/utskrift/", print_views.print_document, name="page"),
]
