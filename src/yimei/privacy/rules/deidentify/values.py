"""Cells read as dates, ages and places, and said again more coarsely."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from yimei.privacy.rules.pii.addresses import divisions, provinces
from yimei.privacy.rules.pii.text import listed

ANY = "*"
OTHERS = "其他"
OLDEST = 90
DATE = re.compile(r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?(?:[T\s].*)?\s*月?\s*$")
COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})\s*$")
AMERICAN = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})(?:\s.*)?$")
YEAR = re.compile(r"\s*((?:19|20)\d{2})\s*年?\s*$")
AGE = re.compile(r"\s*(\d{1,3})(?:\.\d+)?\s*(?:周?岁|y|yrs?|years?)?\s*$", re.I)
MONTHS_OLD = re.compile(r"\s*\d{1,2}\s*(?:个?月|天|日|周)龄?\s*$")
LOW_ZIP3 = frozenset(
    listed("036 059 063 102 203 205 369 556 692 753 772 790 821 823 830 831 878 879 884 890 893")
)
"""Three-digit ZIP areas of 20,000 people or fewer (censuses of 2000 and 2010): written 000."""
AREAS = {
    "华北": "北京市 天津市 河北省 山西省 内蒙古自治区", "东北": "辽宁省 吉林省 黑龙江省",
    "华东": "上海市 江苏省 浙江省 安徽省 福建省 江西省 山东省 台湾省", "华中": "河南省 湖北省 湖南省",
    "华南": "广东省 广西壮族自治区 海南省 香港特别行政区 澳门特别行政区",
    "西南": "重庆市 四川省 贵州省 云南省 西藏自治区",
    "西北": "陕西省 甘肃省 青海省 宁夏回族自治区 新疆维吾尔自治区",
}  # fmt: skip
AREA_OF = {province: area for area, names in AREAS.items() for province in names.split()}
SEXES = {"男": "男", "女": "女", "男性": "男", "女性": "女", "m": "M", "f": "F", "male": "M", "female": "F"}
HAN = "汉族"
HIGH = re.compile(
    r"博士|硕士|研究生|本科|大学|学士|大专|专科|高职|bachelor|master|doctor|phd|college|assoc|prof|univ", re.I
)

Step = Callable[[str], str]


def parse_date(cell: str) -> date | None:
    """Return the day a cell means; the first of the month or of the year when it says no more."""
    if match := DATE.fullmatch(cell):
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    elif match := COMPACT.fullmatch(cell):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := AMERICAN.fullmatch(cell):
        year, month, day = int(match[3]), int(match[1]), int(match[2])
        if month > 12:
            month, day = day, month
    elif match := YEAR.fullmatch(cell):
        year, month, day = int(match[1]), 1, 1
    else:
        return None
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1850 <= year <= 2150 else None


def age_of(cell: str) -> int | None:
    if match := AGE.fullmatch(cell):
        return int(match[1]) if int(match[1]) <= 130 else None
    return 0 if MONTHS_OLD.fullmatch(cell) else None


def band(number: int, width: int, top: int) -> str:
    """Return 30-34; from the last whole band before ``top`` on, one open band."""
    low = number // width * width
    edge = top // width * width
    return f"{edge}+" if low >= edge else (f"{low}-{low + width - 1}" if width > 1 else str(low))


def age_steps() -> list[Step]:
    def step(width: int) -> Step:
        def coarser(cell: str) -> str:
            age = age_of(cell)
            return ANY if age is None else band(age, width, OLDEST)

        return coarser

    return [step(1), step(5), step(10), step(20), _any]


def birth_steps(today: date) -> list[Step]:
    """Years and bands of years; whoever is over 89 falls into one open band."""
    last = today.year - OLDEST

    def step(width: int) -> Step:
        def coarser(cell: str) -> str:
            day = parse_date(cell)
            if day is None:
                return ANY
            low = day.year // width * width
            if low <= last:
                return f"≤{last // width * width + width - 1}"
            return str(low) if width == 1 else f"{low}-{low + width - 1}"

        return coarser

    return [step(1), step(5), step(10), step(20), _any]


def date_steps(*, year_only: bool) -> list[Step]:
    def month(cell: str) -> str:
        day = parse_date(cell)
        return f"{day:%Y-%m}" if day else ANY

    def quarter(cell: str) -> str:
        day = parse_date(cell)
        return f"{day.year}Q{(day.month + 2) // 3}" if day else ANY

    def year(cell: str) -> str:
        day = parse_date(cell)
        return str(day.year) if day else ANY

    return [year, _any] if year_only else [month, quarter, year, _any]


@lru_cache(maxsize=100_000)
def place_of(cell: str) -> tuple[str, str]:
    """Return province and prefecture that a cell names, empty where it names none."""
    known, longest = divisions()
    belongs = provinces()
    province = city = ""
    at = 0
    while at < len(cell) and not (province and city):
        for size in range(min(longest, len(cell) - at), 1, -1):
            word = cell[at : at + size]
            if word in known:
                owner = belongs.get(word, "")
                if known[word] == 3:
                    province = province or owner
                elif owner and (not province or owner == province):
                    province = owner
                    city = city or (word if known[word] == 2 else "")
                at += size
                break
        else:
            if province or at > 6:
                break
            at += 1
    return province, city


def geography_steps(*, below_province: bool) -> list[Step]:
    """City, province, area, anything; words of other countries stay whole or go whole."""

    def city(cell: str) -> str:
        province, name = place_of(cell.strip())
        if not province:
            return _foreign(cell)
        return province + name.removeprefix(province) if name else province

    def province(cell: str) -> str:
        found, _city = place_of(cell.strip())
        return found or (_foreign(cell) if below_province else ANY)

    def area(cell: str) -> str:
        found, _city = place_of(cell.strip())
        return AREA_OF.get(found, ANY)

    return [city, province, area, _any] if below_province else [province, area, _any]


def _foreign(cell: str) -> str:
    """A place that is no Chinese division: kept when it is one or two words without a number."""
    text = cell.strip()
    return text if text and len(text) <= 30 and not re.search(r"[\d,，号路街]", text) else ANY


def postcode_steps(*, strict: bool) -> list[Step]:
    def first(count: int) -> Step:
        def coarser(cell: str) -> str:
            digits = re.sub(r"\D", "", cell)
            if len(digits) in {5, 9} or (len(digits) < 5 and digits):
                zip3 = digits.zfill(5)[:3]
                return "000**" if zip3 in LOW_ZIP3 else (f"{zip3}**" if count >= 2 else f"{zip3[0]}****")
            return digits[:count] + "*" * (6 - count) if len(digits) == 6 else ANY

        return coarser

    return [first(2), _any] if strict else [first(3), first(2), first(1), _any]


def sex_steps() -> list[Step]:
    return [lambda cell: SEXES.get(cell.strip().lower(), cell.strip() or ANY), _any]


def category_steps(kind: str, cells: Sequence[str], k: int) -> list[Step]:
    """The word itself, the rare ones together, two halves where the trade knows them, anything."""
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell.strip()] = counts.get(cell.strip(), 0) + 1

    def rare(floor: int) -> Step:
        return lambda cell: word if counts.get(word := cell.strip(), 0) >= floor else OTHERS

    steps: list[Step] = [lambda cell: cell.strip(), rare(k), rare(max(5 * k, len(cells) // 20))]
    if kind == "ethnicity" and counts.get(HAN, 0) + counts.get("汉", 0):
        steps.append(lambda cell: HAN if cell.strip() in {HAN, "汉"} else "少数民族" if cell.strip() else ANY)
    elif kind == "education":
        steps.append(lambda cell: "高等" if HIGH.search(cell) else "其他学历" if cell.strip() else ANY)
    steps.append(_any)
    return steps


def _any(cell: str) -> str:
    return ANY
