"""Two codes of an arrival: the one a customer shows at the desk, and the one the desk shows to customers.

Neither says who anybody is. A pass names a booking by its opaque id and holds on the day of the visit
only; the desk's code is six digits for one campus and one day.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

PREFIX = "YM1."
SEAL_BYTES, ID_BYTES = 12, 16
MOST_TRIES = 5


def desk_code(secret: str, campus: UUID, day: date) -> str:
    """Six digits that only somebody at this desk can know today."""
    return f"{int.from_bytes(_seal(secret, 'desk', campus, day)[:8]) % 10**6:06d}"


def make_pass(secret: str, booking: UUID, day: date) -> str:
    seal = _seal(secret, "pass", booking, day)[:SEAL_BYTES]
    return PREFIX + urlsafe_b64encode(booking.bytes + seal).decode()


def read_pass(text: str) -> UUID:
    """Return the booking that a code names; whether the code is genuine is seen against its day."""
    text = text.strip()
    try:
        raw = urlsafe_b64decode(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else b""
    except ValueError:
        raw = b""
    if len(raw) != ID_BYTES + SEAL_BYTES:
        raise not_ours()
    return UUID(bytes=raw[:ID_BYTES])


def check_pass(text: str, secret: str, booking: UUID, day: date) -> None:
    """A code is good for the day for which it was made: a moved booking has another."""
    if not hmac.compare_digest(text.strip(), make_pass(secret, booking, day)):
        raise not_ours()


def check_desk_code(typed: str, secret: str, campus: UUID, day: date) -> None:
    digits = "".join(typed.split())
    if not hmac.compare_digest(digits.encode(), desk_code(secret, campus, day).encode()):
        raise RuleBroken(_("到院码不对。请输入前台今天公布的 6 位数字。"))


def not_ours() -> RuleBroken:
    return RuleBroken(_("这不是本院的到院码，或已失效。请让客户重新打开短信里的预约链接。"))


def _seal(secret: str, use: str, what: UUID, day: date) -> bytes:
    return hmac.digest(secret.encode(), f"yimei.arrival.{use}:{what}:{day:%Y%m%d}".encode(), "sha256")
