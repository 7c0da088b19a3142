"""Amounts in the capital numerals of Chinese bills (大写金额), which nobody can alter with a stroke."""

from decimal import Decimal

from yimei.core.money import fen

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def capital(amount: Decimal) -> str:
    """Return 人民币壹仟贰佰叁拾肆元伍角陆分 (《支付结算办法》附一: 正确填写票据和结算凭证的基本规定)."""
    cents = abs(fen(amount))
    whole, jiao, point = cents // 100, cents // 10 % 10, cents % 10
    text = f"{_integer(whole)}元" if whole else ""
    if not jiao and not point:
        text = f"{text or '零元'}整"
    elif not point:
        text += f"{DIGITS[jiao]}角整"
    elif not jiao:
        text += f"{'零' if whole else ''}{DIGITS[point]}分"
    else:
        text += f"{DIGITS[jiao]}角{DIGITS[point]}分"
    return f"人民币{'负' if amount < 0 else ''}{text}"


def _integer(value: int) -> str:
    """Spell a whole number in groups of four; a gap of noughts reads as one 零."""
    text, gap = "", False
    groups = len(str(value)) // 4
    for group in range(groups, -1, -1):
        four = value // 10_000**group % 10_000
        if not four:
            gap = bool(text)
            continue
        for place in range(3, -1, -1):
            digit = four // 10**place % 10
            if not digit:
                gap = bool(text)
                continue
            text += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
            gap = False
        text += GROUPS[group]
        gap = False
    return text
