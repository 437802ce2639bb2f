from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Konton"

    def ready(self):
        from . import second_factor  # noqa: F401 (listens for new factors)
        from .admin_sign_in import use_account_pages

        use_account_pages()
