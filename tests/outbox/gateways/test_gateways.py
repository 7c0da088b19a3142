import json
import smtplib
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.gateways.inapp import InAppGateway
from yimei.outbox.gateways.mail import MailGateway


def test_the_development_channel_writes_one_line_each_that_only_the_account_reads(
    settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR, settings.DEVELOPMENT = tmp_path, True
    refs = [FileGateway().send("+8612000000001", "预约", f"第 {n} 条\n𠮷") for n in range(2)]
    lines = [json.loads(line) for line in FileGateway.path().read_text(encoding="utf-8").splitlines()]
    assert [line["ref"] for line in lines] == refs
    assert lines[1] == {"ref": refs[1], "to": "+8612000000001", "subject": "预约", "body": "第 1 条\n𠮷"}
    assert stat.S_IMODE(FileGateway.path().stat().st_mode) == 0o600


def test_a_real_hospital_never_writes_bodies_in_clear(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.DEVELOPMENT = tmp_path, False
    with pytest.raises(GatewayRefused, match="development-only"):
        FileGateway().send("+8612000000001", "预约", "正文")
    assert not FileGateway.path().exists()


def test_mail_goes_by_the_server_of_the_settings() -> None:
    ref = MailGateway().send("someone@example.test", "标题", "正文")
    assert mail.outbox[0].extra_headers["Message-ID"] == ref
    assert (mail.outbox[0].body, mail.outbox[0].to) == ("正文", ["someone@example.test"])


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), GatewayRefused),
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no")}), GatewayRefused),
        (smtplib.SMTPDataError(554, b"no"), GatewayRefused),
        (ConnectionRefusedError(), GatewayRefused),
        (smtplib.SMTPServerDisconnected(), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
    ],
)
def test_a_no_and_a_doubt_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: type[Exception]
) -> None:
    def fail(self: EmailMessage, fail_silently: bool = False) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", fail)
    with pytest.raises(outcome, match=type(error).__name__):
        MailGateway().send("someone@example.test", "标题", "正文")


def test_the_inbox_of_the_program_gives_every_message_its_own_number() -> None:
    assert InAppGateway().send("x", "", "") != InAppGateway().send("x", "", "")
