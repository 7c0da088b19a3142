"""Words of the dictionary in both languages: printed side by side, so both stand in the code."""

from typing import NamedTuple

from django.utils.translation import get_language


class Words(NamedTuple):
    """One name or sentence in Chinese and English; as text it is the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh
