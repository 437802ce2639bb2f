from django.urls import path

from . import coverage_views, structure_views, views
from .converters import HsaIdConverter  # noqa: F401  (registers the path converter)

app_name = "organisation"

urlpatterns = [
    path("roller-och-ansvar/", views.role_list, name="role_list"),
    path("roller-och-ansvar/<slug:code>/", views.role_detail, name="role_detail"),
    path("struktur.svg", structure_views.structure_file, name="structure_file"),
    path("tackning/", coverage_views.coverage_matrix, name="coverage"),
    path("tackning.csv", coverage_views.coverage_file, name="coverage_file"),
    path("enheter/", views.unit_list, name="unit_list"),
    path("enheter/<hsa_id:hsa_id>/", views.unit_detail, name="unit_detail"),
]
