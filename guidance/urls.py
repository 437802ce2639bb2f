from django.urls import path
from django.views.decorators.http import require_safe

from . import feedback_views, feeds, reviews, views

app_name = "guidance"

urlpatterns = [
    path("aktuellt/", views.notice_list, name="notice_list"),
    path("aktuellt/atom.xml", require_safe(feeds.NoticeFeed()), name="notice_feed"),
    path("aterkoppling/<slug:slug>/", feedback_views.question, name="feedback"),
    path("aterkoppling/<slug:slug>/tack/", feedback_views.thanks, name="feedback_thanks"),
    path(
        "aterkoppling/<slug:slug>/<uuid:receipt>/", feedback_views.comment, name="feedback_comment"
    ),
    path("dokument/<slug:slug>/", views.document_or_page, name="document_detail"),
    path("<slug:slug>/", views.section, name="section"),
    path("<slug:section>/<slug:slug>/", views.page, name="page"),
    path("<slug:section>/<slug:slug>.csv", reviews.review_csv, name="review_csv"),
    path("<slug:section>/<slug:slug>.ics", views.page_calendar, name="page_calendar"),
]
