"""Making the groups of the table in portal.accounts.groups."""

from django.apps import apps as installed
from django.apps.config import AppConfig
from django.contrib.auth.management import create_permissions

from .groups import GROUPS, wanted_permissions


def check_models() -> None:
    """Raises LookupError for a name in the table that no installed model has."""
    for table in GROUPS.values():
        for name in table:
            installed.get_model(name)


def hold_groups(app_config: AppConfig, *, using: str = "default", apps=installed) -> None:
    """Give each group of the table its permissions in an app, and no other there."""
    check_models()
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return  # migrated back to before there were groups
    # Django makes an app's permissions after the same signal, perhaps later than this.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    here = permission_model.objects.using(using).filter(content_type__app_label=app_config.label)
    known = {(row.content_type.model, row.codename): row for row in here.select_related()}
    for name in GROUPS:
        group, _ = group_model.objects.using(using).get_or_create(name=name)
        wanted = {known[key] for key in wanted_permissions(name, app_config.label) & set(known)}
        held = set(group.permissions.filter(content_type__app_label=app_config.label))
        group.permissions.add(*wanted - held)
        group.permissions.remove(*held - wanted)
