"""A time stamp from a third party (RFC 3161): somebody else signs that these words existed at this time.

Tried against a stand-in authority of our own (tests/audit/test_timestamps.py), not against a real one.
"""

import asyncio
import hashlib
import secrets
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

TIMEOUT_S = 10
MOST_BYTES = 64 * 1024
"""Of an answer: a token with its certificates has a few thousand."""
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True)
class Stamp:
    """What a token says and whether it may be believed."""

    at: datetime
    by: str
    is_trusted: bool
    """Its certificate leads to one of the roots that the hospital named."""


def request(words: bytes, *, url: str, roots: Path | None) -> bytes:
    """Ask for a token over the digest of these words; the words themselves do not leave the house."""
    tsp: Any = import_module("asn1crypto.tsp")
    nonce = secrets.randbits(63)
    query = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(words).digest(),
            },
            "nonce": nonce,
            "cert_req": True,
        }
    )
    answer = _read(_answer(), _post(url, query.dump()))
    try:
        if answer["status"]["status"].native not in {"granted", "granted_with_mods"}:
            raise _refused(_("时间戳服务拒绝了请求。"))
        token = answer["time_stamp_token"]
        if token["content"]["encap_content_info"]["content"].parsed["nonce"].native != nonce:
            raise _refused(_("时间戳服务答的不是这次请求。"))
        made: bytes = token.dump()
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _refused(_("时间戳服务的回答看不懂。")) from None
    stamp = check(made, words, roots=roots)
    if roots and not stamp.is_trusted:
        raise _refused(_("时间戳的证书不是由所配置的根证书签发的。"))
    return made


def check(token: bytes, words: bytes, *, roots: Path | None) -> Stamp:
    """Read a token made over these words; refused when it was changed or speaks of others.

    Certificates are judged at the time that the token names: a token outlives the certificate that made it.
    """
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.errors import PathError, ValidationError

    cms: Any = import_module("asn1crypto.cms")
    info = _read(cms.ContentInfo, token)
    try:
        signed = info["content"]
        said = signed["encap_content_info"]["content"].parsed
        at: datetime = said["gen_time"].native.astimezone(UTC)
        name = said["tsa"].native
        context = ValidationContext(
            trust_roots=_roots(str(roots), roots.stat().st_mtime) if roots else [],
            moment=at,
            allow_fetching=False,
        )
        found = asyncio.run(
            validate_tst_signed_data(
                signed, context, lambda algorithm: hashlib.new(algorithm, words).digest()
            )
        )
    except (SignatureValidationError, ValidationError, PathError, OSError) as error:
        raise _refused(_("时间戳通不过验证：%(why)s") % {"why": error}) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _refused(_("时间戳的回答看不懂。")) from None
    if not found["intact"] or not found["valid"]:
        raise _refused(_("时间戳的签名不对，或所盖的不是这一条。"))
    by = name.get("common_name") or "" if isinstance(name, dict) else ""
    return Stamp(at=at, by=str(by)[:80], is_trusted=found.get("trust_problem_indic") is None)


def _post(url: str, body: bytes) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise _refused(_("时间戳服务的地址须以 http:// 或 https:// 开头。"))
    asked = urllib.request.Request(
        url, data=body, headers={"Content-Type": QUERY, "Accept": REPLY}, method="POST"
    )
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
            found: bytes = answer.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _refused(_("连不上时间戳服务：%(why)s") % {"why": error}) from None
    if len(found) > MOST_BYTES:
        raise _refused(_("时间戳服务的回答太长。"))
    return found


def _answer() -> Any:
    """RFC 3161 2.4.2: a refusal carries no token, which asn1crypto's own class does not expect."""
    tsp: Any = import_module("asn1crypto.tsp")
    token = ("time_stamp_token", import_module("asn1crypto.cms").ContentInfo, {"optional": True})
    return type("Answer", (tsp.TimeStampResp,), {"_fields": [("status", tsp.PKIStatusInfo), token]})


def _read(kind: Any, data: bytes) -> Any:
    try:
        return kind.load(data, strict=True)
    except (ValueError, TypeError):
        raise _refused(_("时间戳的回答看不懂。")) from None


@lru_cache(maxsize=2)
def _roots(path: str, changed_at: float) -> list[Any]:
    keys: Any = import_module("pyhanko.keys")
    return list(keys.load_certs_from_pemder([path]))


def _refused(text: str) -> RuleBroken:
    return RuleBroken(text, code="timestamp")
