from django.urls import path

from organisation.converters import HsaIdConverter  # noqa: F401  (registers the path converter)

from . import desk_views, open_data_views, release_views, review_views, views

app_name = "followup"

urlpatterns = [
    path("indikatorer/", views.indicator_list, name="indicator_list"),
    path("indikatorer/<slug:code>.csv", views.indicator_csv, name="indicator_csv"),
    path("indikatorer/<slug:code>.xlsx", open_data_views.indicator_xlsx, name="indicator_xlsx"),
    path("indikatorer/<slug:code>.svg", open_data_views.indicator_svg, name="indicator_svg"),
    path(
        "indikatorer/<slug:code>.csv-metadata.json",
        open_data_views.csv_metadata,
        name="csv_metadata",
    ),
    path("indikatorer/<slug:code>.json", views.indicator_json, name="indicator_json"),
    path("indikatorer/<slug:code>/", views.indicator_detail, name="indicator_detail"),
    path("indikatorer/<slug:code>/<int:year>.csv", views.indicator_csv, name="year_csv"),
    path(
        "indikatorer/<slug:code>/<int:year>.xlsx", open_data_views.indicator_xlsx, name="year_xlsx"
    ),
    path(
        "indikatorer/<slug:code>/<int:year>.csv-metadata.json",
        open_data_views.csv_metadata,
        name="year_csv_metadata",
    ),
    path("indikatorer/<slug:code>/<int:year>.json", views.indicator_json, name="year_json"),
    path("indikatorer/<slug:code>/<int:year>/", views.indicator_detail, name="indicator_year"),
    path("publicering/", release_views.release_list, name="release_list"),
    path("publicering/<slug:code>/<int:year>/", release_views.release, name="release"),
    path("enheter/<hsa_id:hsa_id>/", views.unit_report, name="unit_report"),
    path("enheter/<hsa_id:hsa_id>/<slug:code>.svg", open_data_views.unit_svg, name="unit_svg"),
    path(
        "enheter/<hsa_id:hsa_id>/kommentar/<int:year>/",
        review_views.unit_review,
        name="unit_review",
    ),
    path("kommentarer/", review_views.review_list, name="review_list"),
    path("kommentarer/<int:year>/", review_views.review_list, name="review_year"),
    path("kommentarer/<int:year>.csv", review_views.review_csv, name="review_csv"),
    path("import/", desk_views.desk, name="desk"),
    path("import/mall.csv", desk_views.template_csv, name="desk_template_csv"),
    path("import/mall.xlsx", desk_views.template_xlsx, name="desk_template_xlsx"),
    path("import/varden/", desk_views.sources, name="desk_sources"),
    path("import/<int:pk>/", desk_views.batch, name="desk_batch"),
    path("import/<int:pk>/enheter/", desk_views.choose_units, name="desk_units"),
    path("import/<int:pk>/skicka/", desk_views.send, name="desk_send"),
    path("import/<int:pk>/godkann/", desk_views.approve, name="desk_approve"),
    path("import/<int:pk>/avvisa/", desk_views.reject, name="desk_reject"),
    path("import/<int:pk>/avbryt/", desk_views.cancel, name="desk_cancel"),
    path("import/<int:pk>/angra/", desk_views.undo, name="desk_undo"),
]
