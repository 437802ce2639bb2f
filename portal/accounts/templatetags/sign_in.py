from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def region_sign_in():
    """The region's identity provider (portal.accounts.oidc.config.Provider), or None."""
    return settings.OIDC
