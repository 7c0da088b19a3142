"""Time stamps of a third party beside the checkpoints. The authority is a stand-in of our own on 127.0.0.1:
it signs what RFC 3161 asks for with certificates made here. No real authority has been asked."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.audit.test_verify import rewrite_all, unguarded, verify
from tests.factories.audit import EntryFactory
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.audit import checkpoints, tasks
from yimei.audit.actions import seals
from yimei.audit.gateways import timestamps
from yimei.audit.models import Entry, Seal
from yimei.config import doctor
from yimei.core.errors import RuleBroken
from yimei.vault import keys

NOW = datetime(2026, 6, 16, 16, 5, tzinfo=UTC)
WORDS = b"what was signed"
DER = serialization.Encoding.DER


@dataclass
class Authority:
    """A stand-in that answers over HTTP; `spoil` changes its answers."""

    root: Path
    other_root: Path
    stamper: Any
    url: str = ""
    spoil: Callable[[Any, Any], bytes] | None = None
    asked: list[bytes] = field(default_factory=list)


def certificate(name: str, *, key: Any, issuer: Any = None, issuer_key: Any = None) -> Any:
    """A root of its own, or a certificate for time stamps under one."""
    words = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(words)
        .issuer_name(issuer.subject if issuer else words)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(issuer is not None, *[False] * 4, issuer is None, *[False] * 3), critical=True
        )
    )
    if issuer:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return built.sign(issuer_key or key, hashes.SHA256())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Any]:
    from pyhanko.sign.timestamps import DummyTimeStamper

    folder = tmp_path_factory.mktemp("tsa")
    root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _number in range(2))
    root = certificate("Stand-in root", key=root_key)
    own = certificate("Stand-in TSA", key=key, issuer=root, issuer_key=root_key)
    other = certificate("Another root", key=key)
    for name, one in (("root.pem", root), ("other.pem", other)):
        (folder / name).write_bytes(one.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(own.public_bytes(DER)),
        asn1_keys.PrivateKeyInfo.load(private),
        fixed_dt=NOW,
    )
    return folder / "root.pem", folder / "other.pem", stamper


@pytest.fixture
def authority(certificates: tuple[Path, Path, Any]) -> Iterator[Authority]:
    made = Authority(*certificates)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.asked.append(body)
            query = tsp.TimeStampReq.load(body)
            made.stamper.fixed_dt = NOW
            answer = (made.spoil or honest)(made, query)
            self.send_response(200)
            self.send_header("Content-Type", timestamps.REPLY)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/tsa"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def honest(authority: Authority, query: Any) -> bytes:
    return bytes(authority.stamper.request_tsa_response(query).dump())


def is_believed(token: bytes, words: bytes, authority: Authority) -> bool:
    try:
        return timestamps.check(token, words, roots=authority.root).is_trusted
    except RuleBroken:
        return False


def test_a_token_says_when_and_by_whom_and_only_the_digest_leaves_the_house(authority: Authority) -> None:
    token = timestamps.request(WORDS, url=authority.url, roots=authority.root)
    assert timestamps.check(token, WORDS, roots=authority.root) == timestamps.Stamp(NOW, "Stand-in TSA", True)
    assert WORDS not in authority.asked[0]
    assert timestamps.check(token, WORDS, roots=None).is_trusted is False
    assert timestamps.check(token, WORDS, roots=authority.other_root).is_trusted is False


def test_a_token_over_other_words_or_changed_anywhere_is_refused(authority: Authority) -> None:
    token = timestamps.request(WORDS, url=authority.url, roots=authority.root)
    assert is_believed(token, WORDS, authority)
    with pytest.raises(RuleBroken, match="所盖的不是这一条"):
        timestamps.check(token, WORDS + b"!", roots=authority.root)
    tail = range(len(token) - 256, len(token), 37)
    for place in [*range(0, len(token), len(token) // 12), *tail]:
        changed = bytearray(token)
        changed[place] ^= 1
        assert not is_believed(bytes(changed), WORDS, authority), place


def refusing(_authority: Authority, _query: Any) -> bytes:
    """A status of two and no token, as DER."""
    return bytes.fromhex("30053003020102")


def older(authority: Authority, query: Any) -> bytes:
    """An answer kept from another request: right in itself, but not to this one."""
    query = query.copy()
    query["nonce"] = 7
    return bytes(authority.stamper.request_tsa_response(query).dump())


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (refusing, "拒绝"),
        (older, "不是这次请求"),
        (lambda _authority, _query: b"<html>", "看不懂"),
        (lambda _authority, _query: b"", "看不懂"),
        (lambda _authority, _query: b"x" * 70_000, "太长"),
    ],
)
def test_an_authority_that_answers_something_else_is_refused(
    authority: Authority, spoil: Callable[[Authority, Any], bytes], why: str
) -> None:
    authority.spoil = spoil
    with pytest.raises(RuleBroken, match=why):
        timestamps.request(WORDS, url=authority.url, roots=authority.root)


def test_an_authority_under_another_root_or_at_no_address_is_refused(authority: Authority) -> None:
    with pytest.raises(RuleBroken, match="根证书"):
        timestamps.request(WORDS, url=authority.url, roots=authority.other_root)
    for url in ("file:///etc/passwd", "http://127.0.0.1:9/"):
        with pytest.raises(RuleBroken, match="时间戳服务"):
            timestamps.request(WORDS, url=url, roots=None)


@pytest.fixture
def stamped(db: None, authority: Authority, settings: Any, tmp_path: Path) -> Path:
    """Five lines under a checkpoint that carries a token."""
    keys.forget_system_secrets()
    settings.AUDIT_TSA_URL, settings.AUDIT_TSA_ROOTS = authority.url, str(authority.root)
    settings.AUDIT_CHECKPOINT = str(tmp_path / "heads.jsonl")
    for _number in range(5):
        EntryFactory(at=NOW)
    seals.checkpoint(tmp_path / "heads.jsonl", now=NOW)
    return tmp_path / "heads.jsonl"


def test_the_nightly_checkpoint_carries_a_token_that_verify_reads(stamped: Path) -> None:
    [kept] = checkpoints.read(stamped).values()
    assert kept.stamp == timestamps.Stamp(NOW, "Stand-in TSA", True)
    assert verify("--checkpoint", str(stamped))[0] == 0
    assert doctor.checkpoint(stamped, now=NOW)[1].startswith("审计检查点到第 5 条")


def test_a_chain_rebuilt_by_whoever_holds_our_key_fails_by_the_token(stamped: Path) -> None:
    """Owner of the database, the key of the house and the file: everything but the authority's key."""
    honest = json.loads(stamped.read_text())
    with unguarded(), unguarded("audit_seal"):
        Seal.objects.all().delete()
        rewrite_all(reason="forged")
    forged = checkpoints.make(now=NOW)
    assert forged.hash == Entry.objects.get(seq=5).hash != honest["hash"]
    stamped.write_text(json.dumps(vars(forged) | {"token": honest["token"]}))
    assert verify("--checkpoint", str(stamped)) == (1, "first_bad=5 reason=checkpoint")
    stamped.write_text(json.dumps(honest) + "\n" + json.dumps(vars(forged)) + "\n")
    assert verify("--checkpoint", str(stamped)) == (1, "first_bad=5 reason=checkpoint")


def test_a_head_signed_anew_in_another_year_has_the_wrong_time(stamped: Path, authority: Authority) -> None:
    early = checkpoints.make(now=NOW - timedelta(days=300))
    late = checkpoints.stamped(early, url=authority.url)
    assert late.token
    assert late.stamp is None
    assert not late.is_genuine()


def test_a_token_of_an_authority_that_the_house_did_not_name_is_no_proof(
    stamped: Path, authority: Authority, settings: Any
) -> None:
    settings.AUDIT_TSA_ROOTS = str(authority.other_root)
    assert verify("--checkpoint", str(stamped)) == (1, "first_bad=5 reason=checkpoint")


def test_a_silent_authority_costs_the_token_and_not_the_checkpoint(
    stamped: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    authority.spoil = refusing
    EntryFactory(at=NOW)
    errors = StringIO()
    call_command("audit", "checkpoint", str(stamped), stdout=StringIO(), stderr=errors)
    assert "没有拿到第三方时间戳" in errors.getvalue()
    assert "no time stamp" in caplog.text
    tasks.checkpoint()
    kept = checkpoints.read(stamped)
    assert [bool(one.token) for one in kept.values()] == [True, False]
    assert verify("--checkpoint", str(stamped))[0] == 0
    assert "第三方时间戳" in doctor.checkpoint(stamped, now=datetime.now(UTC))[1]


def test_the_officer_sees_which_checkpoints_are_stamped(stamped: Path, client: Client) -> None:
    broken = json.loads(stamped.read_text()) | {"seq": 4, "token": base64.b64encode(b"no token").decode()}
    with stamped.open("a") as file:
        file.write(json.dumps(broken) + "\n")
    sign_in(client, StaffFactory(role="auditor"))
    page = client.get(reverse("desk:seals")).content.decode()
    assert "Stand-in TSA" in page
    assert "验证不过" in page
