from django.apps import AppConfig


class EducationConfig(AppConfig):
    name = "education"
    verbose_name = "Utbildning"
    admin_position = 3
    admin_intro = "Kurskatalogen och kalendern. Ett tillfälle är en gång som en utbildning ges."
    admin_models = [
        *("course", "occasion", "importedevent", "externalcalendar", "organiser"),
        *("competencearea", "trainingrequest", "participation"),
        *("subscription", "coursenews", "newsdelivery"),
    ]

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
