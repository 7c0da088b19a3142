"""From what a camera sent to what the hospital keeps: real, upright, without metadata, in three sizes.

Everything is drawn anew from the pixels, so that nothing but the picture itself survives: no place, no
device, no name, nothing hidden behind the image.
"""

import io
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageDraw, ImageFont, ImageOps

from yimei.core.documents import glyphs
from yimei.core.errors import RuleBroken

MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_EDGE = 240
SCREEN_EDGE = 1600
THUMB_EDGE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
BROKEN = (OSError, SyntaxError, ValueError, EOFError, RuntimeError)
"""What Pillow raises for a file that is cut off, or is no picture behind its first bytes."""
FONT = glyphs.OWN / "YimeiSansSC-Regular.ttf"


@dataclass(frozen=True)
class Pictures:
    """One photograph in the three sizes that are kept, each a JPEG without metadata."""

    full: bytes
    screen: bytes
    thumb: bytes
    width: int
    height: int


def develop(data: bytes) -> Pictures:
    """Return what is kept of an upload; anything but a whole photograph is refused with the way out."""
    image = _open(data)
    width, height = image.size
    if min(width, height) < MIN_EDGE:
        text = _("照片太小（%(width)d×%(height)d），最短边至少 %(least)d 像素，请重拍。")
        raise RuleBroken(text % {"width": width, "height": height, "least": MIN_EDGE}, code="photo_small")
    return Pictures(
        full=_jpeg(image, quality=92),
        screen=_jpeg(_within(image, SCREEN_EDGE), quality=88),
        thumb=_jpeg(_within(image, THUMB_EDGE), quality=82),
        width=width,
        height=height,
    )


def check_kind(data: bytes) -> None:
    """Refuse by size and by the first bytes what need not be opened to be known."""
    if not data:
        raise RuleBroken(_("文件是空的，请重新选择照片。"), code="photo_empty")
    check_size(len(data))
    if is_heic(data) and not reads_heic():
        text = _(
            "这是 HEIC 照片，本机没有安装读取它的组件（pi-heif）。"
            "请在 iPhone 的「设置 → 相机 → 格式」里选「兼容性最佳」后重拍，"
            "或用本页直接拍摄，或请系统管理员安装该组件。"
        )
        raise RuleBroken(text, code="photo_heic")
    if data[:5] == b"%PDF-":
        raise RuleBroken(_("这是 PDF 文件，不是照片；只收 JPEG、PNG、WebP、HEIC。"), code="photo_kind")


def check_size(size: int) -> None:
    if size > MAX_BYTES:
        text = _("照片 %(size)d MB，超过 30 MB 上限，请在相机里调低分辨率后重拍。")
        raise RuleBroken(text % {"size": -(-size // 1024 // 1024)}, code="photo_size")


def is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS


@cache
def reads_heic() -> bool:
    """Whether the decoder is there; a machine for which none is built can do without."""
    try:
        import_module("pi_heif").register_heif_opener()
    except ImportError:
        return False
    return True


def formats() -> tuple[str, ...]:
    """What is opened; whatever else Pillow could read stays shut."""
    return (*FORMATS, "HEIF") if reads_heic() else FORMATS


def _open(data: bytes) -> Image.Image:
    check_kind(data)
    not_one = RuleBroken(_("这不是照片，或文件已损坏；只收 JPEG、PNG、WebP、HEIC。"), code="photo_kind")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=formats()) as probe:
                _check_pixels(*probe.size)
                probe.verify()
            with Image.open(io.BytesIO(data), formats=formats()) as image:
                image.load()
                return _plain(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except BROKEN:
        raise not_one from None


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> RuleBroken:
    text = _("照片像素过大（上限 %(max)d 万像素），可能是有意构造的文件，已拒收；请调低分辨率后重拍。")
    return RuleBroken(text % {"max": MAX_PIXELS // 10_000}, code="photo_pixels")


def _plain(image: Image.Image) -> Image.Image:
    """Turn it upright, into sRGB and onto white, and keep nothing but the pixels."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        upright = Image.new("RGB", clear.size, "white")
        upright.paste(clear, mask=clear.getchannel("A"))
    elif profile and upright.mode in {"RGB", "CMYK", "L"}:
        upright = _srgb(upright, profile)
    flat = upright.convert("RGB")
    flat.info.clear()
    return flat


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Phones write wide colours; skin must look alike from every camera. A broken profile is left out."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError):
        return image


def _within(image: Image.Image, edge: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    return small


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    output = io.BytesIO()
    subsampling = 0 if quality > 90 else -1
    image.save(output, "JPEG", quality=quality, subsampling=subsampling, optimize=True)
    return output.getvalue()


# ---- the reader's mark --------------------------------------------------------------------------


def mark(data: bytes, text: str) -> bytes:
    """Return one of our own JPEGs with the reader's name and the time across it: a copy tells whose it is."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        marked = image.convert("RGB")
    words = str(glyphs.drawable({"text": text})[0]["text"])
    if max(marked.size) <= THUMB_EDGE:
        _lay(marked, _stamp(words, size=15, alpha=150), (0, marked.height - 30))
    else:
        _tile(marked, words)
    return _jpeg(marked, quality=86)


def _tile(image: Image.Image, words: str) -> None:
    """Lay the words slantwise over all of it, pale enough to judge a nose by."""
    stamp = _stamp(words, size=max(16, max(image.size) // 60), alpha=64)
    slanted = stamp.rotate(24, expand=True, resample=Image.Resampling.BICUBIC)
    for row, top in enumerate(range(-slanted.height // 2, image.height, slanted.height)):
        for left in range(-(slanted.width // 2) * (row % 2), image.width, slanted.width):
            _lay(image, slanted, (left, top))


def _lay(image: Image.Image, stamp: Image.Image, at: tuple[int, int]) -> None:
    image.paste(stamp.convert("RGB"), at, mask=stamp.getchannel("A"))


def _stamp(words: str, *, size: int, alpha: int) -> Image.Image:
    """White with a dark edge reads on skin, hair and background alike."""
    font = _font(size)
    stamp = Image.new("RGBA", (round(font.getlength(words)) + size, size * 2), (20, 30, 32, 0))
    draw = ImageDraw.Draw(stamp)
    edge, fill = (20, 30, 32, alpha), (255, 255, 255, alpha + 20)
    draw.text((size // 2, size // 3), words, font=font, fill=fill, stroke_width=1, stroke_fill=edge)
    return stamp


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)
