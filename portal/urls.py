"""All addresses. They are promises: see README, "Addresses"."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from education.api import courses
from followup.api import indicators
from followup.open_data_views import dcat
from organisation.api import roles, units
from organisation.manager_views import my_units
from portal.operation.views import upkeep
from portal.web import internal_views as internal
from portal.web import views as web
from portal.web.api import api

from . import views

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"

api.add_router("", units)
api.add_router("", roles)
api.add_router("", courses)
api.add_router("", indicators)

urlpatterns = [
    path("", views.start, name="start"),
    path("sok/", views.search, name="search"),
    path("sok/forslag/", views.suggestions, name="suggestions"),
    path("utseende/", web.appearance, name="appearance"),
    path("tema/<int:hue>.css", web.theme, name="theme"),
    path("logotyp-<slug:code>.svg", web.logo, name="logo"),
    path("halsa/", web.alive, name="alive"),
    path("halsa/redo/", web.ready, name="ready"),
    path("halsa/matvarden/", internal.numbers, name="numbers"),
    path(".well-known/security.txt", internal.security_txt, name="security_txt"),
    path("halsa/drift/", upkeep, name="upkeep"),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain")),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-<slug:kind>-<int:number>.xml", views.sitemap_part, name="sitemap_part"),
    path("dcat.rdf", dcat, name="dcat"),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("konto/mina-enheter/", my_units, name="my_units"),
    path("konto/", include("portal.accounts.urls")),
    # Before the rooms, whose lists have addresses that end in a row's own name.
    path("", include("guidance.version_urls")),
    path("", include("guidance.print_urls")),
    path("organisation/", include("organisation.urls")),
    path("kompetens/", include("education.urls")),
    path("uppfoljning/", include("followup.urls")),
    path("", include("guidance.urls")),
]
