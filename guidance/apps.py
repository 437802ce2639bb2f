from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "guidance"
    verbose_name = "Vägledning"
    admin_position = 1
    admin_intro = "Sidorna, och det som de visar i listor: dokument, lagar, ord, intyg och regler."
    admin_models = [
        "page",
        "pageversion",
        "feedback",
        "notice",
        "document",
        "glossaryterm",
        "legalreference",
        "certificate",
        "accessguide",
        "consentrule",
        "actor",
        "agreement",
        "requirement",
        "decision",
        "keyfigure",
        "synonym",
        "redirect",
        "externallink",
    ]

    def ready(self):
        from . import page_views, registrations  # noqa: F401  (registrations tell the shared rooms)

        page_views.connect()
