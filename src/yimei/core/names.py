"""Names of people: one written form, a mask, and pinyin initials to search by."""

import re
import unicodedata
from functools import lru_cache

SURNAMES = {
    "单": "S", "曾": "Z", "仇": "Q", "解": "X", "查": "Z", "任": "R", "区": "O", "朴": "P", "盖": "G",
    "华": "H", "燕": "Y", "召": "S", "折": "S", "种": "C", "重": "C", "乐": "Y", "员": "Y", "贠": "Y",
    "缪": "M", "宓": "M", "尹": "Y", "尉": "W", "洗": "X", "冼": "X", "覃": "Q", "谌": "C", "繁": "P",
    "佴": "N", "秘": "B", "祭": "Z", "瞿": "Q", "翟": "Z", "訾": "Z", "褚": "C", "晟": "C", "乜": "N",
    "哈": "H", "那": "N", "能": "N", "阚": "K", "黑": "H", "不": "F", "车": "C", "卜": "B", "万": "W",
    "牟": "M", "幺": "Y", "芮": "R", "臧": "Z", "郗": "X", "都": "D", "葛": "G", "柏": "B", "薄": "B",
    "句": "G", "过": "G", "少": "S", "撒": "S", "便": "P", "适": "K", "洪": "H", "隗": "K", "行": "X",
}  # fmt: skip
"""Surnames whose reading is not the everyday one (or that the dictionary gets wrong)."""

COMPOUND_SURNAMES = {
    "欧阳": "OY", "司马": "SM", "上官": "SG", "诸葛": "ZG", "尉迟": "YC", "长孙": "ZS", "单于": "CY",
    "令狐": "LH", "慕容": "MR", "宇文": "YW", "东方": "DF", "南宫": "NG", "皇甫": "HF", "公孙": "GS",
    "夏侯": "XH", "司徒": "ST", "端木": "DM", "百里": "BL", "呼延": "HY", "轩辕": "XY", "澹台": "TT",
    "万俟": "MQ", "闻人": "WR", "太史": "TS", "申屠": "ST", "独孤": "DG", "拓跋": "TB", "西门": "XM",
    "东郭": "DG", "鲜于": "XY", "赫连": "HL", "钟离": "ZL", "濮阳": "PY", "淳于": "CY", "公冶": "GY",
    "宗政": "ZZ", "完颜": "WY", "纳兰": "NL", "第五": "DW", "司空": "SK", "亓官": "QG", "仲孙": "ZS",
}  # fmt: skip

INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
"""Control, format and half characters; unassigned and private ones stay, being rare characters of names."""

RARE = {"𠮷": "J", "㛃": "J"}
"""Characters that occur in names and that the pinyin dictionary lacks."""


def normalise(name: str) -> str:
    """Return the name composed (NFC), with one kind of middle dot and single inner spaces."""
    composed = unicodedata.normalize("NFC", name)
    dotted = re.sub(r"\s*[·•‧・･∙⋅]\s*", "·", composed)
    seen = "".join(char for char in dotted if char.isspace() or unicodedata.category(char) not in INVISIBLE)
    return " ".join(seen.split())


def mask(name: str) -> str:
    """Show the first character only: 林晓雨 → 林**, 王芳 → 王*."""
    if len(name) < 2:
        return "*" * len(name)
    return name[0] + "*" * min(len(name) - 1, 2)


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Return the capital pinyin initials: 单晓雨 → SXY; words of Latin letters give their first letters."""
    clean = normalise(name)
    if compound := COMPOUND_SURNAMES.get(clean[:2]):
        return compound + _letters(clean[2:])
    if surname := SURNAMES.get(clean[:1]):
        return surname + _letters(clean[1:])
    return _letters(clean)


@lru_cache(maxsize=4096)
def sound(name: str) -> str:
    """Return how a name is read, syllable by syllable: 李芳 and 黎芳 → li fang; Latin letters stay."""
    from pypinyin import Style, lazy_pinyin  # its dictionary takes half a second to load

    parts = re.findall(r"[A-Za-z]+|[^\W\dA-Za-z_]", normalise(name).lower())
    return " ".join(
        part if part.isascii() else lazy_pinyin(part, style=Style.NORMAL, strict=False)[0] for part in parts
    )


def _letters(text: str) -> str:
    from pypinyin import Style, lazy_pinyin  # its dictionary takes half a second to load

    found = []
    for part in re.findall(r"[A-Za-z]+|[^\W\dA-Za-z_]", text):
        if part.isascii():
            found.append(part[0])
        else:
            found.append(RARE.get(part) or lazy_pinyin(part, style=Style.FIRST_LETTER, strict=False)[0])
    return "".join(letter.upper() for letter in found if letter.isascii())
