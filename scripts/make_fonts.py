"""Make the fonts of printed documents again from Noto Sans SC; only needed when their character set changes.

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3
    tar xzf expo-google-fonts-noto-sans-sc-0.4.3.tgz
    python3 -m venv fonts-env && fonts-env/bin/pip install fonttools==4.68.0
    fonts-env/bin/python scripts/make_fonts.py package

The subset holds printable ASCII and Latin-1, everything of GBK, the characters of 通用规范汉字表 that GBK
lacks (given names such as 㛃) and every ideograph beyond the basic plane that the font draws. The family gets
a name of its own, so that a full Noto Sans SC installed on the same machine is never mistaken for it.
fontTools is not a dependency of the program: it reads the finished files only.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-not-found]
from fontTools.ttLib import TTFont  # type: ignore[import-not-found]

SOURCE = "npm:@expo-google-fonts/noto-sans-sc@0.4.3"
FAMILY = "Yimei Sans SC"
WEIGHTS = {"Regular": "400Regular/NotoSansSC_400Regular.ttf", "Bold": "700Bold/NotoSansSC_700Bold.ttf"}
TARGET = Path(__file__).resolve().parents[1] / "src/yimei/core/documents/fonts"

STANDARD_NAMES = (
    "㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪"
    "䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
)


def wanted(cmap: dict[int, str]) -> set[int]:
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "–—‘’“”…‰′″€−×÷≤≥≠±°·•〔〕")}
    gbk = {ord(char) for pair in gbk_pairs() for char in pair.decode("gbk", "ignore")}
    beyond = {code for code in cmap if code >= 0x20000}
    return (latin | gbk | set(map(ord, STANDARD_NAMES)) | beyond) & set(cmap)


def gbk_pairs() -> list[bytes]:
    return [bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF)]


def make(package: Path, weight: str) -> dict[str, str]:
    options = Options(
        hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], recalc_timestamp=False
    )
    font = TTFont(package / WEIGHTS[weight], recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted(font.getBestCmap()))
    subsetter.subset(font)
    postscript = f"{FAMILY.replace(' ', '')}-{weight}"
    for name_id, text in {
        1: FAMILY,
        2: weight,
        3: postscript,
        4: f"{FAMILY} {weight}",
        6: postscript,
    }.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    target = TARGET / f"{postscript}.ttf"
    font.save(target)
    return {
        "name": f"{FAMILY} {weight}",
        "version": "0.4.3",
        "licence": "OFL-1.1",
        "source": f"{SOURCE} {WEIGHTS[weight]}",
        "file": target.name,
        "sha256": digest(target),
        "licence_file": "OFL.txt",
        "licence_sha256": digest(TARGET / "OFL.txt"),
        "note": "subset of Noto Sans SC without hints, renamed; made by scripts/make_fonts.py",
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(package: Path) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package / "LICENSE_FONT", TARGET / "OFL.txt")
    entries = [make(package, weight) for weight in WEIGHTS]
    (TARGET / "VENDORED.json").write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
