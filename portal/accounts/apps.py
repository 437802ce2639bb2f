from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Konton"
    admin_position = 9
    admin_intro = "Vem som får logga in, och vad var och en får arbeta med."
    admin_models = ["invitation", "user", "group", "claimrule"]

    def ready(self):
        from portal.caching import stamp

        from . import (
            letters,  # noqa: F401 (writes what the queue sends)
            personal_data,  # noqa: F401 (tells what the room holds about people)
            second_factor,  # noqa: F401 (listens for new factors)
            signed_in,  # noqa: F401 (listens for sign-ins)
        )
        from .admin_sign_in import use_account_pages

        use_account_pages()
        stamp.unseen("accounts.ClaimedRights", "accounts.Invitation", "accounts.User")
        post_migrate.connect(make_groups, dispatch_uid="portal.accounts.groups")


def make_groups(app_config, using, apps, **kwargs):
    """Hold the groups to their table, for the app that has been migrated."""
    from .group_actions import hold_groups

    hold_groups(app_config, using=using, apps=apps)
