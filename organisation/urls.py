from django.urls import path

from . import (
    contact_views,
    coverage_views,
    finding_views,
    manager_views,
    structure_views,
    views,
)
from .converters import HsaIdConverter  # noqa: F401  (registers the path converter)

app_name = "organisation"

urlpatterns = [
    path("roller-och-ansvar/", views.role_list, name="role_list"),
    path("roller-och-ansvar/<slug:code>/", views.role_detail, name="role_detail"),
    path("hitta-koordinator/", finding_views.find_coordinator, name="find_coordinator"),
    path("min-enhet/", finding_views.choose_unit, name="choose_unit"),
    path("struktur.svg", structure_views.structure_file, name="structure_file"),
    path("tackning/", coverage_views.coverage_matrix, name="coverage"),
    path("tackning.csv", coverage_views.coverage_file, name="coverage_file"),
    path("enheter/", views.unit_list, name="unit_list"),
    path("enheter/<hsa_id:hsa_id>/", views.unit_detail, name="unit_detail"),
    path(
        "enheter/<hsa_id:hsa_id>/koordinator/",
        finding_views.unit_coordinator,
        name="unit_coordinator",
    ),
    path("enheter/<hsa_id:hsa_id>.vcf", contact_views.unit_vcard, name="unit_vcard"),
    path("enheter/<hsa_id:hsa_id>/<slug:code>.vcf", contact_views.role_vcard, name="role_vcard"),
    path("kontakter.csv", contact_views.contacts_csv, name="contacts_csv"),
    path("enheter/<hsa_id:hsa_id>/redigera/", manager_views.unit_edit, name="unit_edit"),
    path(
        "enheter/<hsa_id:hsa_id>/redigera/stammer/", manager_views.unit_attest, name="unit_attest"
    ),
    path("enheter/<hsa_id:hsa_id>/redigera/angra/", manager_views.unit_undo, name="unit_undo"),
    path("enheter/<hsa_id:hsa_id>/ersattare/", manager_views.deputies, name="deputies"),
    path(
        "enheter/<hsa_id:hsa_id>/ersattare/<int:pk>/avsluta/",
        manager_views.deputy_end,
        name="deputy_end",
    ),
]
