"""Keeps the key that signs cookies in a file beside the data, so that nobody has to invent one."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def secret_key_from(path: Path) -> str:
    """Return the key in `path`, made on first use; two processes that start together agree on one."""
    try:
        return _read(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(get_random_secret_key())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)


def _read(path: Path) -> str:
    key = path.read_text("ascii").strip()
    if len(key) < 32:
        raise ValueError(f"{path}: 密钥文件不完整，请从备份恢复或删除后重启 / the key file is incomplete")
    return key
