"""What organisation offers the shared rooms: links to roles."""

from portal.richtext.links import register_scheme

from . import searchables  # noqa: F401  (registers what can be found)
from .models import Role


def role_urls(codes):
    return {role.code: role.get_absolute_url() for role in Role.objects.filter(code__in=codes)}


register_scheme("roll", role_urls)
