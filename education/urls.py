from django.urls import path

from . import feeds, views

app_name = "education"

urlpatterns = [
    path("kurser/", views.course_list, name="course_list"),
    path("kurser/<slug:slug>/", views.course_detail, name="course_detail"),
    path("kalender/", views.calendar, name="calendar"),
    path("kalender.ics", feeds.calendar_ics, name="calendar_ics"),
    path("kalender.json", feeds.calendar_json, name="calendar_json"),
    path("kalender.svg", feeds.calendar_qr, name="calendar_qr"),
]
