"""What a rehearsal left for whoever tries the program: demo sign-ins, and customers of the portal."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from unicodedata import east_asian_width

from django.conf import settings

ACCOUNTS = {"role": "角色", "name": "姓名", "username": "用户名", "password": "密码", "totp": "动态码密钥"}
CUSTOMERS = {"name": "客户", "phone": "手机", "birth_date": "出生日期", "id_no": "证件号（合成）"}


def lines(file: Path, url: str) -> list[str]:
    """Return the tables to print at the start; none without a rehearsal."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return []
    accounts = _table(ACCOUNTS, found["accounts"])
    customers = found.get("customers")
    if not customers:
        return accounts
    outgoing = settings.VAR_DIR / "outbox" / "messages.jsonl"
    return [
        *accounts,
        f"· 客户自己的手机页 {url}my/data/：手机与出生日期，验证码写在 {outgoing}，核对身份填证件号后六位"
        " / the customer's own pages: phone and birthday, the code is in that file, then the last six digits",
        *_table(CUSTOMERS, customers),
    ]


def _table(columns: Mapping[str, str], found: Sequence[Mapping[str, str]]) -> list[str]:
    rows = [list(columns.values())] + [[str(one.get(key) or "—") for key in columns] for one in found]
    widths = [max(_width(row[i]) for row in rows) for i in range(len(columns))]
    return [
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
