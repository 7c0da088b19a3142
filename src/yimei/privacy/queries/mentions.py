"""Words beside figures that name a customer: no key protects them, so no erasure would find them again."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.people.enums import TokenKind
from yimei.people.models import SearchToken
from yimei.people.rules.search import fold
from yimei.privacy.rules import pii
from yimei.privacy.rules.deidentify.release import points_at_somebody
from yimei.vault import blind

NUMBER = re.compile(r"[A-Za-z0-9]{4,20}")
SHORTEST = 2


def leads_to_somebody(text: str) -> bool:
    """Whether a text holds an identifier, or the name or 档案号 of somebody who is a customer here."""
    if any(points_at_somebody(line) for line in text.splitlines()):
        return True
    tokens = [blind.token(kind.value, word) for kind, word in set(_words(text))]
    return bool(tokens) and SearchToken.objects.filter(token__in=tokens).exists()


def check_words(*texts: str, code: str) -> None:
    """Refuse to keep words beside figures that lead to one person."""
    if any(leads_to_somebody(text) for text in texts):
        raise RuleBroken(
            _("文字里有可识别个人的内容（客户姓名、电话、证件号、档案号等），这里不能写。"), code=code
        )


def _words(text: str) -> Iterator[tuple[TokenKind, str]]:
    for found in pii.find(text):
        if found.kind is pii.Kind.NAME:
            name = fold(found.text)
            for end in range(SHORTEST, len(name) + 1):
                yield TokenKind.NAME, name[:end]
    for word in NUMBER.findall(text):
        yield TokenKind.FILE_NO, word.upper()
