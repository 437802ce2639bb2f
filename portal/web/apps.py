from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.db.models.signals import post_save

from portal.caching import stamp
from portal.observing.logs import start_sentry

from .ordering import add_collation
from .personal_numbers import guard_text_fields
from .sensible_days import guard_days


class WebConfig(AppConfig):
    name = "portal.web"
    label = "web"
    verbose_name = "Webbplatsen"
    admin_position = 8
    admin_intro = "Regionens namn, färg och logotyp, kontakt och driftinformation."
    admin_models = ["servicemessage", "sitesettings"]

    def ready(self):
        connection_created.connect(add_collation, dispatch_uid="portal.web.ordering")
        guard_text_fields()
        guard_days()
        if settings.CONTENT_STAMP:
            connection_created.connect(stamp.watch, dispatch_uid="portal.caching.stamp")
            post_save.connect(stamp.saved, dispatch_uid="portal.caching.stamp")
        if settings.SENTRY_DSN:
            start_sentry(settings.SENTRY_DSN, settings.SENTRY_ENVIRONMENT)
