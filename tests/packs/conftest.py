import shutil

import pytest

from tests.conftest import PACK

from .folders import role, write


@pytest.fixture
def pack(tmp_path, db):
    """The demo region's pack in a folder of the test's own; already loaded."""
    return shutil.copytree(PACK, tmp_path / "exempelland")


@pytest.fixture
def small_pack(tmp_path, db):
    """A pack with one role, not loaded."""
    write(tmp_path / "litet", "pack.toml", 'name = "litet"')
    write(tmp_path / "litet", "roles.toml", role("prov-roll"))
    return tmp_path / "litet"
