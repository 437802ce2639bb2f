from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "followup"
    verbose_name = "Uppföljning"
    admin_position = 4
    admin_intro = "Indikatorerna, hur de räknas och läses, och vad som görs när på året."
    admin_models = [
        "indicator",
        "yearlytask",
        "release",
        "unitreview",
        "importbatch",
        "unitname",
        "measurement",
    ]

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
