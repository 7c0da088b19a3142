"""Numbers that point at one person: telephones, papers, cards, plates, accounts, records, births."""

import re
from collections.abc import Iterator
from datetime import date

from yimei.core.ids import check_digit
from yimei.privacy.rules.pii.entities import Entity, Kind
from yimei.privacy.rules.pii.patterns import (
    ABROAD_LANDLINE,
    ACCOUNT,
    BORN_AFTER,
    BORN_BEFORE,
    BORN_DATE,
    CARD,
    CARD_CUE,
    EMAIL,
    HOUSE_MOBILE,
    HOUSE_RECORD,
    ID_15,
    ID_18,
    ID_18_LOOSE,
    ID_CUE,
    LANDLINE,
    LANDLINE_CUE,
    LOCAL_LANDLINE,
    MOBILE,
    NOT_A_CARD,
    NOT_PERSONAL,
    PASSPORT,
    PASSPORT_CUE,
    PASSPORT_CUED,
    PERMIT,
    PERMIT_CUE,
    PERMIT_CUED,
    PHONE_CUE,
    PLATE,
    RECORD,
    RECORD_CUE,
    REGIONS,
    SEAT_CUE,
    SEX_DATE,
    THIS_CENTURY,
    WECHAT,
    WXID,
)
from yimei.privacy.rules.pii.text import digits_read, plain, sounds_read


def find_numbers(text: str) -> Iterator[Entity]:
    """Yield everything with digits or letters that points at one person, overlapping ones too."""
    seen = plain(text)
    for view, weight in ((seen, 1.0), (digits_read(seen), 0.95)):
        if weight == 1.0 or view != seen:
            yield from _identity(text, view, weight)
            yield from _telephones(text, seen, view, weight)
            yield from _cards(text, view, weight)
    yield from _spoken(text, seen)
    yield from _documents(text, seen)
    yield from _addresses(text, seen)
    yield from _records(text, seen)
    yield from _births(text, seen)


def _entity(text: str, start: int, end: int, kind: Kind, score: float) -> Entity:
    while text[start : start + 1].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Entity(start, end, kind, text[start:end], round(score, 2))


def _fresh(view: str, start: int) -> bool:
    """No digit or Latin letter stands right before."""
    before = view[start - 1 : start]
    return not (before.isdigit() or (before.isascii() and before.isalpha()) or before == "_")


def _digit_before(view: str, start: int) -> bool:
    return bool(re.search(r"\d[-.]?$", view[max(0, start - 2) : start]))


def _before(view: str, start: int, size: int = 24) -> str:
    """What stands before on the same line."""
    return view[max(0, start - size) : start].rpartition("\n")[2]


def _scan(pattern: re.Pattern[str], view: str) -> Iterator[re.Match[str]]:
    """Yield matches from every place, also those that begin inside another."""
    at = 0
    while (match := pattern.search(view, at)) is not None:
        yield match
        at = match.start() + 1


def _telephones(text: str, seen: str, view: str, weight: float) -> Iterator[Entity]:
    for match in _scan(MOBILE, view):
        start, end = match.span()
        if _digit_before(view, start) or seen[start - 1 : start] == "+":
            continue
        before = _before(view, start)
        letter = view[start - 1 : start]
        if NOT_PERSONAL.search(before) or (
            letter.isascii() and letter.isalpha() and not PHONE_CUE.search(before)
        ):
            continue
        digits = re.sub(r"\D", "", match[0])
        gaps = len(match[0]) - len(digits)
        if gaps and re.search(r"[/*,，._]", match[0]) and not PHONE_CUE.search(before):
            continue
        if weight < 1 and re.search(r"[百千万亿]", view[end : end + 1]):
            continue
        yield _entity(text, start, end, Kind.PHONE, 0.99 * weight if not gaps else 0.96 * weight)
    for match in _scan(HOUSE_MOBILE, view):
        if _fresh(view, match.start()) and PHONE_CUE.search(_before(view, match.start(), 10)):
            yield _entity(text, *match.span(), Kind.PHONE, 0.8)
    for match in _scan(ABROAD_LANDLINE, view):
        start = match.start()
        if not _digit_before(view, start) and (
            view[start] in "+0(" or PHONE_CUE.search(_before(view, start, 10))
        ):
            yield _entity(
                text,
                *match.span(),
                Kind.PHONE if match[0].lstrip("+0(85236)").strip(" -")[:1] in "5679" else Kind.LANDLINE,
                0.85,
            )
    if weight < 1:
        return
    for match in _scan(LANDLINE, view):
        start = match.start()
        before = _before(view, start)
        if _digit_before(view, start) or view[start - 1 : start] in {"+", "-"} or NOT_PERSONAL.search(before):
            continue
        bare = match[0][:4].isdigit() and re.fullmatch(r"\d+", match[0]) is not None
        is_cued = LANDLINE_CUE.search(before) or PHONE_CUE.search(before)
        score = 0.96 if is_cued or not bare else 0.6
        yield _entity(text, *match.span(), Kind.LANDLINE, score)
    for match in _scan(LOCAL_LANDLINE, view):
        start = match.start()
        if _fresh(view, start) and not _digit_before(view, start) and SEAT_CUE.search(_before(view, start)):
            yield _entity(text, *match.span(), Kind.LANDLINE, 0.8)


def _spoken(text: str, seen: str) -> Iterator[Entity]:
    """Mobile numbers written with words that sound like digits."""
    view = sounds_read(seen)
    if view == digits_read(seen):
        return
    hard = digits_read(seen)
    for match in _scan(MOBILE, view):
        start, end = match.span()
        while end > start and not (hard[start].isdigit() or view[start].isdigit()):
            start += 1
        span = hard[start:end]
        solid = sum(char.isdigit() for char in span)
        if seen[start - 1 : start].isdigit() or seen[end : end + 1].isdigit() or _digit_before(hard, start):
            continue
        cued = PHONE_CUE.search(_before(seen, start, 14))
        if len(re.sub(r"\D", "", view[start:end])) not in {11, 13}:
            continue
        if solid >= 7 or (cued and solid >= 3) or (cued and re.fullmatch(r"\S{11}", seen[start:end])):
            yield _entity(text, start, end, Kind.PHONE, 0.85 if cued else 0.75)


def is_valid_id(number: str) -> bool:
    """Say whether region, birth date and check digit of an 18-digit identity number are right."""
    return _plausible_id(number) and check_digit(number[:17]) == number[-1]


def _plausible_id(number: str) -> bool:
    if len(number) != 18 or number[:2] not in REGIONS:
        return False
    return _is_date(number[6:10], number[10:12], number[12:14])


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return 1900 <= int(year) <= THIS_CENTURY


def _identity(text: str, view: str, weight: float) -> Iterator[Entity]:
    for pattern in (ID_18, ID_18_LOOSE):
        for match in _scan(pattern, view):
            start = match.start()
            if not _fresh(view, start) and not ID_CUE.search(_before(view, start)):
                continue
            if _digit_before(view, start):
                continue
            number = re.sub(r"[^\dX]", "", match[0].upper().replace("×", "X"))
            before = _before(view, start)
            cued = ID_CUE.search(before) is not None
            if is_valid_id(number):
                yield _entity(text, *match.span(), Kind.ID_NO, 0.99 * weight)
            elif cued:
                yield _entity(text, *match.span(), Kind.ID_NO, 0.85 * weight)
            elif _plausible_id(number) and not NOT_PERSONAL.search(before) and not CARD_CUE.search(before):
                yield _entity(text, *match.span(), Kind.ID_NO, 0.65 * weight)
    for match in _scan(ID_15, view):
        start, number = match.start(), match[0]
        before = _before(view, start)
        if (
            not _fresh(view, start)
            or number[:2] not in REGIONS
            or not _is_date("19" + number[6:8], number[8:10], number[10:12])
        ):
            continue
        if ID_CUE.search(before):
            yield _entity(text, *match.span(), Kind.ID_NO, 0.9 * weight)
        elif not (NOT_PERSONAL.search(before) or CARD_CUE.search(before)):
            yield _entity(text, *match.span(), Kind.ID_NO, 0.55 * weight)


def passes_luhn(number: str) -> bool:
    """Say whether the last digit of a card number is its check digit."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _card_like(number: str) -> bool:
    if number.startswith("62"):
        return 16 <= len(number) <= 19
    if number[0] == "4" or 51 <= int(number[:2]) <= 55 or number.startswith("35"):
        return len(number) == 16
    if number[:2] in {"34", "37"}:
        return len(number) == 15
    return number[:2] in {"60", "63", "66", "68", "69", "95", "94", "90", "91"} and 16 <= len(number) <= 19


def _cards(text: str, view: str, weight: float) -> Iterator[Entity]:
    for match in _scan(CARD, view):
        start = match.start()
        before = _before(view, start)
        if not _fresh(view, start) or _digit_before(view, start) or NOT_A_CARD.search(before):
            continue
        number = re.sub(r"\D", "", match[0])
        cued = CARD_CUE.search(before) is not None
        if is_valid_id(number) and not cued:
            continue
        if _card_like(number) and passes_luhn(number) and (cued or not NOT_PERSONAL.search(before)):
            yield _entity(text, *match.span(), Kind.BANK_CARD, (0.99 if cued else 0.9) * weight)
        elif cued and len(number) >= 15 and not ID_CUE.search(before):
            yield _entity(text, *match.span(), Kind.BANK_CARD, 0.8 * weight)
    for match in _scan(ACCOUNT, view):
        start = match.start()
        before = _before(view, start)
        number = re.sub(r"\D", "", match[0])
        if not _fresh(view, start) or _digit_before(view, start) or NOT_A_CARD.search(before):
            continue
        if (
            re.search(r"(?:银行卡|银行账[号户]|银行帐号|开户行|卡号|收款账[号户])[^\d]{0,10}$", before)
            and len(number) >= 12
        ):
            yield _entity(text, *match.span(), Kind.BANK_CARD, 0.75 * weight)


def _documents(text: str, seen: str) -> Iterator[Entity]:
    cues = (
        (PASSPORT_CUE, PASSPORT_CUED, PASSPORT, Kind.PASSPORT),
        (PERMIT_CUE, PERMIT_CUED, PERMIT, Kind.HM_PERMIT),
    )
    for cue, wide, narrow, kind in cues:
        for match in _scan(wide, seen):
            if _fresh(seen, match.start()) and cue.search(_before(seen, match.start())):
                yield _entity(text, *match.span(), kind, 0.95)
        for match in _scan(narrow, seen):
            before = _before(seen, match.start())
            if not _fresh(seen, match.start()) or not match[0][0].isalpha() or NOT_PERSONAL.search(before):
                continue
            if not re.search(RECORD_CUE + r"\s?[:：]?\s?$", before):
                yield _entity(text, *match.span(), kind, 0.6)
    for match in _scan(PLATE, seen):
        body = match[0][2:]
        if re.search(r"\d", body) and not NOT_PERSONAL.search(_before(seen, match.start(), 10)):
            yield _entity(text, *match.span(), Kind.PLATE, 0.97)


def _addresses(text: str, seen: str) -> Iterator[Entity]:
    for match in EMAIL.finditer(seen):
        yield _entity(text, *match.span(), Kind.EMAIL, 0.99)
    for match in _scan(WECHAT, seen):
        word = match[1]
        if word.isalpha() and word.lower() in {
            "wechat",
            "weixin",
            "qrcode",
            "mobile",
            "android",
            "iphone",
            "public",
            "official",
        }:
            continue
        if len(word) < 6 and not re.search(r"\d", word):
            continue
        yield _entity(text, *match.span(1), Kind.WECHAT, 0.93 if len(word) > 5 else 0.6)
    for match in WXID.finditer(seen):
        yield _entity(text, *match.span(), Kind.WECHAT, 0.97)


def _records(text: str, seen: str) -> Iterator[Entity]:
    for match in RECORD.finditer(seen):
        if _plausible_id(match[1].upper()):
            yield _entity(text, *match.span(1), Kind.ID_NO, 0.9)
            continue
        yield _entity(text, *match.span(1), Kind.RECORD_NO, 0.95)
    for match in _scan(HOUSE_RECORD, seen):
        if _fresh(seen, match.start()):
            yield _entity(text, *match.span(), Kind.RECORD_NO, 0.97)


def _births(text: str, seen: str) -> Iterator[Entity]:
    for match in BORN_BEFORE.finditer(seen):
        first = BORN_DATE.search(seen, match.start(), match.end())
        if first is not None:
            yield _entity(text, first.start(), match.end(), Kind.DATE_OF_BIRTH, 0.97)
    for match in BORN_AFTER.finditer(seen):
        yield _entity(text, *match.span(), Kind.DATE_OF_BIRTH, 0.93)
    for match in SEX_DATE.finditer(seen):
        yield _entity(text, *match.span(1), Kind.DATE_OF_BIRTH, 0.8)
