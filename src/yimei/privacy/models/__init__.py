"""Purposes, notices, consents and retention rules."""

from yimei.privacy.models.consents import Consent
from yimei.privacy.models.purposes import Limit, Notice, Purpose, RetentionRule

__all__ = ["Consent", "Limit", "Notice", "Purpose", "RetentionRule"]
