from django.urls import path

from . import manager_views, views
from .converters import HsaIdConverter  # noqa: F401  (registers the path converter)

app_name = "organisation"

urlpatterns = [
    path("roller-och-ansvar/", views.role_list, name="role_list"),
    path("roller-och-ansvar/<slug:code>/", views.role_detail, name="role_detail"),
    path("enheter/", views.unit_list, name="unit_list"),
    path("enheter/<hsa_id:hsa_id>/", views.unit_detail, name="unit_detail"),
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
