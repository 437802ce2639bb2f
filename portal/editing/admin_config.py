"""Makes the portal's admin site the default one.

A module of its own: beside WebConfig, Django could not tell which of the two is `portal.web`'s.
"""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "portal.editing.admin_site.PortalAdminSite"
