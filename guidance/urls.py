from django.urls import path
from django.views.decorators.http import require_safe

from . import document_views, feeds, views

app_name = "guidance"

urlpatterns = [
    path("aktuellt/", views.notice_list, name="notice_list"),
    path("aktuellt/atom.xml", require_safe(feeds.NoticeFeed()), name="notice_feed"),
    path("dokument/<slug:slug>/", views.document_or_page, name="document_detail"),
    path("dokument/<slug:slug>/senaste", document_views.latest, name="document_latest"),
    path(
        "dokument/<slug:slug>/<slug:version>/",
        document_views.document_version,
        name="document_version",
    ),
    path(
        "dokument/<slug:slug>/<slug:version>/<str:name>",
        document_views.document_file,
        name="document_file",
    ),
    path("<slug:slug>/", views.section, name="section"),
    path("<slug:section>/<slug:slug>/", views.page, name="page"),
    path("<slug:section>/<slug:slug>.ics", views.page_calendar, name="page_calendar"),
]
