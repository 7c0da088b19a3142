"""In which language something is written that stays."""

from django.conf import settings
from django.utils import translation


def in_house() -> translation.override:
    """The hospital's language, whatever its staff read: what is kept, printed, signed or published is in it.

    Medical records are written in Chinese (《病历书写基本规范》第四条).
    """
    return translation.override(settings.LANGUAGE_CODE)


def kept(words: object) -> str:
    """A label, which is translated when it is read, as it is written down."""
    with in_house():
        return str(words)
