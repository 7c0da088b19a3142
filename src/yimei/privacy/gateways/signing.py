"""Sign a PDF with the hospital's own certificate, where one is configured (电子签名法 13)."""

import io
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

FILE, PASSWORD = "YIMEI_SIGNING_P12", "YIMEI_SIGNING_PASSWORD"


def signer() -> str:
    """Whose certificate signs; blank when none is configured, and the report says so."""
    path = os.environ.get(FILE, "")
    return _loaded(path).subject_name if path else ""


def sign(pdf: bytes, *, reason: str) -> bytes:
    """Return the PDF with a signature that any reader verifies."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, sign_pdf

    out = io.BytesIO()
    meta = PdfSignatureMetadata(field_name="Signature", reason=reason)
    sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=_loaded(os.environ[FILE]), output=out)
    return out.getvalue()


@lru_cache(maxsize=2)
def _loaded(path: str) -> Any:
    from pyhanko.sign import signers

    load: Any = signers.SimpleSigner.load_pkcs12
    password = os.environ.get(PASSWORD, "")
    found = None
    if Path(path).is_file():
        found = load(path, passphrase=password.encode() or None)
    if found is None:
        raise RuleBroken(_("签名证书打不开，请检查 %(name)s 与口令。") % {"name": FILE}, code="certificate")
    return found
