from django.urls import path

from . import document_views, feedback_views, reviews, views

app_name = "guidance"

urlpatterns = [
    path("aktuellt/", views.notice_list, name="notice_list"),
    path("aterkoppling/<slug:slug>/", feedback_views.question, name="feedback"),
    path("aterkoppling/<slug:slug>/tack/", feedback_views.thanks, name="feedback_thanks"),
    path(
        "aterkoppling/<slug:slug>/<uuid:receipt>/", feedback_views.comment, name="feedback_comment"
    ),
    path("dokument/<slug:slug>/", views.document_or_page, name="document_detail"),
    path("forhandsgranska/<str:token>/", views.shared_preview, name="shared_preview"),
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
    path("<slug:section>/<slug:slug>.csv", reviews.review_csv, name="review_csv"),
    path("<slug:section>/<slug:slug>.ics", views.page_calendar, name="page_calendar"),
]
