"""The secret key that `make run` makes lies with the data."""

import os
import subprocess

from django.conf import settings


def make_key(data, default):
    """The key's text after `make secret-key` with a data folder and what stands for var/."""
    subprocess.run(
        ["make", "--silent", "secret-key", f"DATA={default}"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "PORTAL_DATA_DIR": str(data)},
        check=True,
        timeout=60,
    )
    return (data / "secret_key").read_text(encoding="utf-8").strip()


def test_a_folder_gets_a_key_of_its_own_for_its_owner_only(tmp_path):
    data = tmp_path / "med blank" / "data"
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("nyckeln i var")
    key = make_key(data, tmp_path / "var")

    assert len(key) == 86
    assert (data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert make_key(data, tmp_path / "var") == key


def test_a_folder_in_use_since_keys_lay_in_var_keeps_its_key(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "portal.sqlite3").touch()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("nyckeln i var")

    assert make_key(data, tmp_path / "var") == "nyckeln i var"
