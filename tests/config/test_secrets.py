import stat
from pathlib import Path

import pytest

from yimei.config.secrets import secret_key_from


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "django"
    key = secret_key_from(file)
    assert secret_key_from(file) == key
    assert len(key) == 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["django"]


def test_a_key_cut_short_is_refused_rather_than_used(tmp_path: Path) -> None:
    file = tmp_path / "django"
    file.write_text("short")
    with pytest.raises(ValueError, match="incomplete"):
        secret_key_from(file)
