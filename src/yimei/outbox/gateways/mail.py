"""E-mail by SMTP, as Django's settings name the server."""

import smtplib
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMessage

from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown

OWN_HOSTS = frozenset({"", "localhost", "127.0.0.1", "::1"})


class MailGateway:
    @property
    def party(self) -> str:
        """Mail through somebody else's server is entrusted to them; a server on this machine is ours."""
        return "" if settings.EMAIL_HOST in OWN_HOSTS else "mail"

    def send(self, to: str, subject: str, body: str, stop: str = "") -> str:
        ref = make_msgid(domain="yimei.invalid")
        headers = {"Message-ID": ref}
        if stop:
            # RFC 8058: the reader's mail program refuses by one POST, without opening anything.
            headers["List-Unsubscribe"] = f"<{stop}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message = EmailMessage(subject=subject, body=body, to=[to], headers=headers)
        try:
            message.send()
        except (
            smtplib.SMTPAuthenticationError,
            smtplib.SMTPConnectError,
            smtplib.SMTPHeloError,
            smtplib.SMTPNotSupportedError,
            smtplib.SMTPResponseException,
            smtplib.SMTPRecipientsRefused,
            ConnectionRefusedError,
        ) as error:
            raise GatewayRefused(type(error).__name__) from error
        except (smtplib.SMTPException, OSError) as error:
            raise OutcomeUnknown(type(error).__name__) from error
        return ref
