from django.urls import path

from . import feeds, following_views, request_views, views

app_name = "education"

urlpatterns = [
    path("kurser/", views.course_list, name="course_list"),
    path("kurser/<slug:slug>/", views.course_detail, name="course_detail"),
    path("kurser/<slug:slug>/folj/", following_views.follow, name="follow_course"),
    path("kalender/folj/", following_views.follow, name="follow"),
    path("folj/skickat/", following_views.sent, name="follow_sent"),
    path("folj/<str:token>/", following_views.confirm, name="follow_confirm"),
    path("folj/<str:token>/sluta/", following_views.leave, name="follow_leave"),
    path("bestall-utbildning/", request_views.ask, name="request"),
    path("bestall-utbildning/tack/", request_views.thanks, name="request_thanks"),
    path("kalender/", views.calendar, name="calendar"),
    path("kalender.ics", feeds.calendar_ics, name="calendar_ics"),
    path("kalender.json", feeds.calendar_json, name="calendar_json"),
    path("kalender.svg", feeds.calendar_qr, name="calendar_qr"),
]
