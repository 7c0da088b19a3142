"""E-mail by SMTP, as Django's settings name the server."""

import smtplib
from email.utils import make_msgid

from django.core.mail import EmailMessage

from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown


class MailGateway:
    def send(self, to: str, subject: str, body: str) -> str:
        ref = make_msgid(domain="yimei.invalid")
        message = EmailMessage(subject=subject, body=body, to=[to], headers={"Message-ID": ref})
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
