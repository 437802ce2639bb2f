"""Safe by default and strict in production; each run in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.utils import ConnectionHandler

from portal.accounts.oidc.config import provider_from

ROOT = Path(__file__).parents[2]
LONG_KEY = "k7Qm2xVw9Zt4Rb8Ny1Lc6Hd3Jf5Gs0Pa_uEoIxWvTzYqMnBkCjDhFgSr"


def manage(*arguments, **environment):
    """`manage.py …` with only these PORTAL_ variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_missing_secret_stops_with_the_variables_name():
    run = manage("check")

    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: Set PORTAL_SECRET_KEY or "
        "PORTAL_SECRET_KEY_FILE (or PORTAL_DEBUG=1 on your own machine); see README.md, 'Settings'."
    )


def test_secret_file_that_is_not_there_stops_with_the_variables_name(tmp_path):
    run = manage("check", PORTAL_SECRET_KEY_FILE=str(tmp_path / "borta"))

    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: PORTAL_SECRET_KEY_FILE cannot be read "
        f"(No such file or directory: {tmp_path / 'borta'})."
    )


def test_debug_needs_nothing_else_and_says_so_to_nobody_in_production():
    assert manage("check", PORTAL_DEBUG="1").returncode == 0
    assert settings.DEBUG is False


def test_deploy_check_is_clean_with_production_values(tmp_path):
    key = tmp_path / "key"
    key.write_text(LONG_KEY)
    run = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        PORTAL_SECRET_KEY_FILE=str(key),
        PORTAL_HTTPS="1",
        PORTAL_HSTS_WHOLE_DOMAIN="1",
        PORTAL_ALLOWED_HOSTS="portal.example.org",
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "System check identified no issues (0 silenced).\n"


def test_every_model_change_has_its_migration(db, capsys):
    call_command("makemigrations", "--check", "--dry-run")

    assert capsys.readouterr().out == "No changes detected\n"


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3", reason="SQLite only"
)
def test_sqlite_lets_readers_go_on_and_writers_queue(db, tmp_path):
    # The suite's own database lies in memory, where there is no WAL.
    database = {**settings.DATABASES["default"], "NAME": tmp_path / "prov.sqlite3"}
    connection = ConnectionHandler({"default": database})["default"]

    with connection.cursor() as cursor:
        pragmas = {}
        for name in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            pragmas[name] = cursor.fetchone()[0]
    mode = connection.transaction_mode
    connection.close()

    assert pragmas == {
        "journal_mode": "wal",
        "busy_timeout": 20_000,
        "synchronous": 1,
        "foreign_keys": 1,
    }
    assert mode == "IMMEDIATE"


@pytest.mark.parametrize("hue", ["400", "-1", "blå", "#808080", "#12"])
def test_impossible_hue_stops_with_the_variables_name(hue):
    run = manage("check", PORTAL_DEBUG="1", PORTAL_HUE=hue)

    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: "
        "PORTAL_HUE is a hue, 0-359, or a colour like #0062ba."
    )


def test_colour_is_taken_as_its_hue():
    code = "from django.conf import settings; print(settings.REGION_HUE)"
    run = manage("shell", "--no-imports", "-c", code, PORTAL_DEBUG="1", PORTAL_HUE="#0062ba")

    assert run.stdout.strip() == "254"


def environment(values):
    env = environ.Env()
    env.ENVIRON = values
    return env


@pytest.mark.parametrize(
    ("values", "variable"),
    [
        ({"PORTAL_OIDC_CLIENT_ID": ""}, "PORTAL_OIDC_CLIENT_ID"),
        ({"PORTAL_OIDC_ISSUER": "http://idp.example.org"}, "PORTAL_OIDC_ISSUER"),
        ({"PORTAL_OIDC_ISSUER": "idp.example.org"}, "PORTAL_OIDC_ISSUER"),
        ({"PORTAL_OIDC_ISSUER": "https://namn:ord@idp.example.org"}, "PORTAL_OIDC_ISSUER"),
        ({"PORTAL_OIDC_CLIENT_AUTH": "jwt"}, "PORTAL_OIDC_CLIENT_AUTH"),
        ({"PORTAL_OIDC_CLIENT_SECRET_FILE": "/finns/inte"}, "PORTAL_OIDC_CLIENT_SECRET_FILE"),
    ],
)
def test_half_a_provider_stops_with_the_variables_name(values, variable):
    whole = {"PORTAL_OIDC_ISSUER": "https://idp.example.org", "PORTAL_OIDC_CLIENT_ID": "portalen"}

    with pytest.raises(ImproperlyConfigured, match=variable):
        provider_from(environment(whole | values))


def test_provider_is_described_by_the_environment(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hemligt\n")
    values = {
        "PORTAL_OIDC_ISSUER": "https://idp.example.org/oidc",
        "PORTAL_OIDC_CLIENT_ID": "portalen",
        "PORTAL_OIDC_CLIENT_SECRET_FILE": str(secret),
        "PORTAL_OIDC_SCOPES": "profile",
        "PORTAL_OIDC_FORM_ORIGINS": "https://login.example.org",
    }

    found = provider_from(environment(values))

    assert provider_from(environment({})) is None
    assert (found.client_secret, found.scopes) == ("hemligt", ("openid", "profile"))
    assert found.assurance == ("http://id.sambi.se/loa/loa3",)
    assert found.origins == ("https://idp.example.org", "https://login.example.org")
    assert (found.makes_accounts, found.trusts_email) == (True, False)
