"""What is kept of a picture: whole, upright, without metadata; and what is refused in which words."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tests.factories.photos import drawn
from yimei.core.errors import RuleBroken
from yimei.journey.rules import pictures

PHONE = Path(__file__).with_name("data") / "phone.heic"
"""A drawing of ours, as a telephone would keep it."""


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def with_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    return drawn(exif=exif.tobytes(), comment=b"SecretComment", xmp=b"<x:xmpmeta>SecretXmp</x:xmpmeta>")


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than its few bytes could ever hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_three_sizes_are_made_of_each_kind(form: str) -> None:
    made = pictures.develop(drawn(2400, 1800, form=form))
    assert (made.width, made.height) == (2400, 1800)
    assert [opened(one).size for one in (made.full, made.screen, made.thumb)] == [
        (2400, 1800),
        (1600, 1200),
        (320, 240),
    ]
    assert {opened(one).format for one in (made.full, made.screen, made.thumb)} == {"JPEG"}


def test_a_small_picture_is_not_blown_up() -> None:
    made = pictures.develop(drawn(300, 260))
    assert opened(made.screen).size == (300, 260)


def test_nothing_but_the_pixels_survives() -> None:
    sent = with_exif()
    assert b"SecretPhone" in sent
    assert b"SecretComment" in sent
    assert b"SecretXmp" in sent
    made = pictures.develop(sent)
    for one in (made.full, made.screen, made.thumb):
        assert b"Secret" not in one
        image = opened(one)
        assert not image.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info)


def test_bytes_behind_the_picture_are_left_out() -> None:
    made = pictures.develop(drawn() + b"<script>SecretTail</script>")
    assert b"SecretTail" not in made.full


@pytest.mark.parametrize(
    ("orientation", "size", "corner"), [(1, (640, 480), (10, 470)), (6, (480, 640), (10, 10))]
)
def test_a_picture_is_turned_upright(
    orientation: int, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    upright = opened(pictures.develop(with_exif(orientation)).full)
    assert upright.size == size
    red, green, blue = upright.getpixel(corner)  # type: ignore[misc]
    assert red > 180
    assert green < 80
    assert blue < 80


def test_a_clear_ground_becomes_white() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(output, "PNG")
    assert opened(pictures.develop(output.getvalue()).full).getpixel((5, 5)) == (255, 255, 255)


def test_a_broken_colour_profile_is_left_out_and_a_whole_one_used() -> None:
    whole = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (b"not a profile", whole):
        assert opened(pictures.develop(drawn(icc_profile=profile)).full).size == (640, 480)


def test_the_photo_of_a_phone_is_read_and_kept_as_jpeg_without_where_it_comes_from() -> None:
    assert b"Phone 1" in PHONE.read_bytes()
    full = pictures.develop(PHONE.read_bytes()).full
    assert opened(full).size == (800, 600)
    assert (full[:3], b"Phone 1" in full) == (b"\xff\xd8\xff", False)


def test_where_no_decoder_is_built_the_way_round_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "reads_heic", lambda: False)
    for brand in (b"heic", b"mif1"):
        with pytest.raises(RuleBroken, match="兼容性最佳") as refused:
            pictures.develop(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + b"0" * 900)
        assert refused.value.code == "photo_heic"


@pytest.mark.parametrize(
    ("data", "said", "code"),
    [
        (b"", "空的", "photo_empty"),
        (b"%PDF-1.7\n" + b"0" * 5000, "PDF", "photo_kind"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"0" * 900, "已损坏", "photo_kind"),
        (PHONE.read_bytes()[:2000], "已损坏", "photo_kind"),
        (b"MZ" + b"0" * 5000, "不是照片", "photo_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是照片", "photo_kind"),
        (drawn(form="GIF"), "不是照片", "photo_kind"),
        (drawn()[:4000], "已损坏", "photo_kind"),
        (drawn(form="PNG")[:600], "已损坏", "photo_kind"),
        (drawn(200, 200), "太小", "photo_small"),
        (png_of(12_000, 12_000), "像素过大", "photo_pixels"),
        (png_of(60_000, 60_000), "像素过大", "photo_pixels"),
        (b"\xff\xd8\xff" + b"0" * (30 * 1024 * 1024), "30 MB", "photo_size"),
    ],
    ids=[
        "empty",
        "pdf",
        "heic",
        "cut-heic",
        "program",
        "svg",
        "gif",
        "cut-jpeg",
        "cut-png",
        "small",
        "pixels",
        "bomb",
        "size",
    ],
)
def test_anything_else_is_refused_with_a_sentence(data: bytes, said: str, code: str) -> None:
    with pytest.raises(RuleBroken, match=said) as refused:
        pictures.develop(data)
    assert refused.value.code == code


def test_a_real_bomb_is_refused_before_it_is_unpacked() -> None:
    """Fifty kilobytes that would become 432 megabytes."""
    output = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(output, "PNG")
    assert len(output.getvalue()) < 60_000
    with pytest.raises(RuleBroken, match="像素过大"):
        pictures.develop(output.getvalue())


def test_the_mark_lies_all_over_the_picture_and_small_on_a_thumbnail() -> None:
    plain = pictures.develop(drawn(1200, 900))
    for data, parts in ((plain.screen, 4), (plain.thumb, 1)):
        before, after = opened(data).convert("RGB"), opened(pictures.mark(data, "陈屿 2026-06-16 10:00"))
        assert before.size == after.size
        changed = [
            sum(abs(a - b) > 24 for a, b in zip(old.tobytes(), new.tobytes(), strict=True))
            for old, new in _quarters(before, after)
        ]
        assert sum(count > 20 for count in changed) >= parts


def test_a_name_that_no_font_draws_is_still_marked() -> None:
    data = pictures.develop(drawn()).screen
    assert pictures.mark(data, "𠮷\u200b陈 10:00") != data


def _quarters(before: Image.Image, after: Image.Image) -> list[tuple[Image.Image, Image.Image]]:
    width, height = before.size
    boxes = [
        (left, top, left + width // 2, top + height // 2)
        for left in (0, width // 2)
        for top in (0, height // 2)
    ]
    return [(before.crop(box), after.convert("RGB").crop(box)) for box in boxes]
