"""Printed pages: the same bytes for the same data, never a failure, never an empty box."""

import hashlib
import io
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from yimei.core.documents import glyphs, render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house

TEN = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
FONTS = Path(glyphs.__file__).parent / "fonts"


def drawn_line(mode: str = "RGBA", size: tuple[int, int] = (600, 200)) -> bytes:
    image = Image.new(mode, size)
    if mode == "RGBA":
        ImageDraw.Draw(image).line([(20, 150), (120, 40), (300, 160), (580, 30)], fill="black", width=7)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def consent(**change: Any) -> dict[str, Any]:
    return {
        "date": TEN,
        "hospital": "颐美整形外科医院",
        "form_code": "consent-eye",
        "form_version": 3,
        "patient": {"name": "林晓雨", "sex": "女", "age": "31 岁", "file_no": "ZX2025000123"},
        "plan": {"head": ["项目", "部位", "级别"], "rows": [["切开重睑", "双侧", "一级"]]},
        "sections": [{"title": "手术风险", "paragraphs": ["可能出现出血、感染、瘢痕、双侧不对称。"]}],
        "signatures": [
            {"label": "患者签名", "name": "林晓雨", "at": "2026-06-16 10:05", "png": drawn_line()},
            {
                "label": "监护人签名",
                "name": "林芳",
                "note": "母亲",
                "at": "2026-06-16 10:06",
                "png": drawn_line(),
            },
            {"label": "谈话医师签名"},
        ],
        "content_sha256": hashlib.sha256(b"content").hexdigest(),
        **change,
    }


def letter(text: str) -> bytes:
    data = {
        "date": TEN,
        "hospital": text,
        "sections": [{"title": text, "paragraphs": [text]}],
        "opening": text,
    }
    return render_pdf("letter.typ", data, title=text)


@pytest.fixture
def no_system_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    glyphs.system_font.cache_clear()
    monkeypatch.setattr(glyphs, "SYSTEM_FOLDERS", ())
    yield
    glyphs.system_font.cache_clear()


def test_equal_data_gives_equal_bytes_and_other_data_does_not() -> None:
    first = render_pdf("consent.typ", consent(), title="知情同意书")
    assert first == render_pdf("consent.typ", consent(), title="知情同意书")
    assert first != render_pdf("consent.typ", consent(form_version=4), title="知情同意书")
    assert first != render_pdf(
        "consent.typ", consent(date=datetime(2026, 6, 16, 2, 1, tzinfo=UTC)), title="知情同意书"
    )


def test_a_page_is_an_archive_of_the_time_it_was_signed() -> None:
    page = render_pdf("consent.typ", consent(), title="知情同意书")
    assert b"<pdfaid:part>2</pdfaid:part>" in page
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in page
    assert b"D:20260616020000" in page


def test_a_date_is_the_start_of_that_day_in_the_hospital() -> None:
    data = {"date": date(2026, 6, 16), "hospital": "颐美", "sections": []}
    assert b"D:20260615160000" in render_pdf("letter.typ", data, title="回复")


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        render_pdf(
            "letter.typ", {"date": datetime(2026, 6, 16), "hospital": "颐美", "sections": []}, title="回复"
        )


@pytest.mark.slow(reason="sets six pages")
def test_a_long_form_gets_as_many_pages_as_it_needs() -> None:
    text = "可能出现出血、血肿、感染、切口愈合不良、瘢痕增生、双侧不对称、麻醉意外等情况。" * 60
    sections = [{"title": f"第 {number} 节", "paragraphs": [text]} for number in range(4)]
    page = render_pdf("consent.typ", consent(sections=sections), title="知情同意书")
    assert len(re.findall(rb"/Type ?/Page\b(?!s)", page)) == 6


@pytest.mark.slow(reason="sets sixteen pages")
@pytest.mark.parametrize("pages", [1, 10])
def test_a_page_takes_less_than_a_third_of_a_second(pages: int) -> None:
    text = "术后可能出现出血、血肿、感染、切口愈合不良、瘢痕增生、双侧不对称、麻醉意外等情况。" * 60
    sections = [{"title": f"第 {number} 节", "paragraphs": [text]} for number in range(pages)]
    render_pdf("consent.typ", consent(), title="知情同意书")
    start = time.process_time()
    render_pdf("consent.typ", consent(sections=sections), title="知情同意书")
    assert (time.process_time() - start) / pages < 0.3


def test_data_is_text_and_never_markup() -> None:
    hostile = '#panic("x") *b* $x$ <a> @ref \\ `code` "quote" // note [ { #sys.inputs.data'
    assert letter(hostile).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["㛃", "𬭊", "买买提·艾则孜", "龘", "Zoë"])
def test_the_names_of_the_standard_table_are_drawn_by_the_fonts_at_hand(name: str) -> None:
    data, fonts = glyphs.drawable({"name": name})
    assert data == {"name": name}
    assert fonts.families == (glyphs.FAMILY,)


@pytest.mark.usefixtures("no_system_font")
@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("𠮷田", "〔U+20BB7〕田"),
        ("林😀", "林〔U+1F600〕"),
        ("葛\U000e0100城", "葛城"),
        ("a\u200db\x00c\td\ufffe", "abc d〔U+FFFE〕"),
        ("坏\ud800字", "坏字"),
    ],
)
def test_what_no_font_draws_is_named_by_its_code_point(text: str, printed: str) -> None:
    data, fonts = glyphs.drawable({"deep": [{"name": text}]})
    assert data == {"deep": [{"name": printed}]}
    assert fonts.families == (glyphs.FAMILY,)
    assert letter(text) == letter(printed)


@pytest.mark.slow(reason="reads the fonts of the machine")
def test_a_rare_character_is_drawn_when_the_machine_has_a_font_for_it() -> None:
    data, fonts = glyphs.drawable({"name": "𠮷"})
    expected = ("𠮷", glyphs.SYSTEM_FAMILY) if glyphs.system_font() else ("〔U+20BB7〕", glyphs.FAMILY)
    assert (data["name"], fonts.families[-1]) == expected
    assert letter("𠮷").startswith(b"%PDF")


@pytest.mark.slow(reason="sets a page for each example")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_no_text_ever_fails(text: str) -> None:
    assert letter(text).startswith(b"%PDF")


@pytest.mark.parametrize(
    "picture", [b"", b"GIF89a", drawn_line()[:60], b"<svg/>"], ids=["empty", "gif", "cut", "svg"]
)
def test_a_picture_that_is_none_is_refused(picture: bytes) -> None:
    signatures = [{"label": "患者签名", "png": picture}]
    with pytest.raises(RuleBroken, match="签名图片无法读取"):
        render_pdf("consent.typ", consent(signatures=signatures), title="知情同意书")


def test_a_picture_that_unfolds_too_far_is_refused() -> None:
    signatures = [{"label": "患者签名", "png": drawn_line("1", (4000, 1001))}]
    with pytest.raises(RuleBroken, match="图片太大"):
        render_pdf("consent.typ", consent(signatures=signatures), title="知情同意书")


def test_both_weights_draw_the_same_characters() -> None:
    regular, bold = (glyphs.coverage(FONTS / f"YimeiSansSC-{weight}.ttf") for weight in ("Regular", "Bold"))
    drawn = [code for code in range(0x20, 0x30000) if code in regular]
    assert drawn == [code for code in range(0x20, 0x30000) if code in bold]
    assert len(drawn) > 21_791


def test_every_character_of_gbk_is_drawn() -> None:
    coverage = glyphs.coverage(FONTS / "YimeiSansSC-Regular.ttf")
    pairs = (
        bytes([lead, trail]).decode("gbk", "ignore")
        for lead in range(0x81, 0xFF)
        for trail in range(0x40, 0xFF)
    )
    missing = {char for pair in pairs for char in pair if char.isprintable() and ord(char) not in coverage}
    assert missing <= {"≒"}, "Noto Sans SC itself lacks only this sign"


def test_the_fonts_are_the_ones_that_were_made() -> None:
    for entry in json.loads((FONTS / "VENDORED.json").read_text("utf-8")):
        for file, digest in (
            (entry["file"], entry["sha256"]),
            (entry["licence_file"], entry["licence_sha256"]),
        ):
            assert hashlib.sha256((FONTS / file).read_bytes()).hexdigest() == digest


def test_print_keeps_the_language_of_the_house() -> None:
    with translation.override("en"):
        with in_house():
            assert translation.gettext("收费收据") == "收费收据"
        assert translation.gettext("收费收据") == "Receipt"
