from django.urls import path

from . import views

app_name = "education"

urlpatterns = [
    path("kurser/", views.course_list, name="course_list"),
    path("kurser/<slug:slug>/", views.course_detail, name="course_detail"),
    path("kalender/", views.calendar, name="calendar"),
]
