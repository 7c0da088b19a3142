"""The English catalogue: keeps django.po and django.mo up to date and names what has no English.

The Chinese in the code is the msgid. English is written in django.po between two runs. A machine that
runs Yimei needs no gettext: django.mo lies in the tree.
"""

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "yimei"
PO = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

HEADER = (
    "Project-Id-Version: yimei\n"
    "Language: en\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
ONE = {"gettext", "gettext_lazy", "gettext_noop"}
MANY = {"ngettext", "ngettext_lazy"}
CALL = re.compile(r"(?<!\w)(gettext|ngettext|_)\(")
PLACE = re.compile(r"%\((\w+)\)[sdif]|%%|%[sdif]|\{(\w*)\}")


@dataclass(frozen=True)
class Text:
    """One msgid, its plural if it counts something, its English, and the files that say it."""

    msgid: str
    plural: str = ""
    english: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=(), compare=False)


# ---- what the code says ------------------------------------------------------------------------------------


def extract(source: Path = SOURCE) -> dict[str, Text]:
    """Return every text of the code by its msgid."""
    found: dict[str, Text] = {}
    for path in sorted([*source.rglob("*.py"), *source.rglob("*.html")]):
        if "migrations" in path.parts:
            continue
        name = path.relative_to(source).as_posix()
        read = in_python if path.suffix == ".py" else in_template
        for msgid, plural in read(path.read_text("utf-8"), name):
            before = found.get(msgid, Text(msgid))
            files = before.files if name in before.files else (*before.files, name)
            found[msgid] = Text(msgid, plural or before.plural, (), files)
    return found


def in_python(code: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield (msgid, plural) of each call, whatever name gettext was imported under."""
    if "translation" not in code:
        return
    nodes = list(ast.walk(ast.parse(code, name)))
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        asked = _asked(node.func, names)
        if asked in ONE | MANY:
            texts = [_literal(argument, name) for argument in node.args[: 1 + (asked in MANY)]]
            if None not in texts:
                yield str(texts[0]), str(texts[1]) if asked in MANY else ""


def _asked(function: ast.expr, names: dict[str, str]) -> str:
    if isinstance(function, ast.Name):
        return names.get(function.id, "")
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if function.value.id == "translation" else ""
    return ""


def _literal(node: ast.expr, name: str) -> str | None:
    """Return the text itself; None where a text from elsewhere is translated once more."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr | ast.BinOp):
        raise ValueError(f"{name}:{node.lineno}: gettext needs one literal, with %(name)s for what changes")
    return None


def in_template(markup: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield (msgid, plural) of translate, blocktranslate and _("…"), as Django reads them itself."""
    from django.utils.translation.template import templatize

    code = templatize(markup, origin=name)
    for call in CALL.finditer(code):
        texts = _strings(code, call.end())
        if not texts:
            raise ValueError(f"{name}: unreadable near {code[call.start() : call.start() + 80]!r}")
        # What stands in {{ _("…") }} has its percent signs doubled when it is shown, by Django too.
        first = texts[0].replace("%", "%%") if call[1] == "_" else texts[0]
        yield first, texts[1] if call[1] == "ngettext" else ""


def _strings(code: str, start: int) -> list[str]:
    literal = re.compile(r"""\s*,?\s*(u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))""", re.DOTALL)
    texts = []
    while match := literal.match(code, start):
        texts.append(str(ast.literal_eval(match[1])))
        start = match.end()
    return texts


# ---- the two files -----------------------------------------------------------------------------------------


def read_po(content: str) -> dict[str, Text]:
    """Return the texts of a catalogue by msgid, without its header."""
    texts: dict[str, Text] = {}
    for block in re.split(r"\n\s*\n", content):
        values: dict[str, str] = {}
        files: tuple[str, ...] = ()
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#:"):
                files = (*files, *line[2:].split())
            elif line.startswith('"'):
                values[keyword] += _unquote(line)
            elif line and not line.startswith("#"):
                keyword, _, rest = line.partition(" ")
                values[keyword] = _unquote(rest)
        if values.get("msgid"):
            english = tuple(value for key, value in values.items() if key.startswith("msgstr"))
            texts[values["msgid"]] = Text(values["msgid"], values.get("msgid_plural", ""), english, files)
    return texts


def write_po(texts: dict[str, Text]) -> str:
    """Return the catalogue, sorted by where a text is said and what it says."""
    blocks = ['msgid ""\nmsgstr ""\n' + "".join(_quote(f"{line}\n") + "\n" for line in HEADER.splitlines())]
    for text in sorted(texts.values(), key=lambda text: (text.files[:1], text.msgid)):
        lines = [f"#: {name}" for name in text.files]
        lines.append(f"msgid {_quote(text.msgid)}")
        if text.plural:
            lines.append(f"msgid_plural {_quote(text.plural)}")
            lines += [f"msgstr[{n}] {_quote(english)}" for n, english in enumerate(_both(text.english))]
        else:
            lines.append(f"msgstr {_quote(text.english[0] if text.english else '')}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _both(english: tuple[str, ...]) -> tuple[str, str]:
    return (english[0], english[-1]) if english else ("", "")


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _unquote(text: str) -> str:
    return str(ast.literal_eval(text.strip()))


def compile_mo(texts: dict[str, Text]) -> bytes:
    """Return the catalogue as GNU gettext's binary file: two sorted tables, then the texts."""
    pairs = {"": HEADER}
    for text in texts.values():
        if text.english and all(text.english):
            key = f"{text.msgid}\0{text.plural}" if text.plural else text.msgid
            pairs[key] = "\0".join(_both(text.english)) if text.plural else text.english[0]
    rows = sorted((key.encode(), value.encode()) for key, value in pairs.items())
    tables = [b"", b""]
    place = 28 + 16 * len(rows)
    body = b""
    for side in (0, 1):
        for row in rows:
            tables[side] += struct.pack("<II", len(row[side]), place + len(body))
            body += row[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, place)
    return head + tables[0] + tables[1] + body


# ---- what must hold ----------------------------------------------------------------------------------------


def places(text: str) -> list[str]:
    """Return the places a text leaves open, sorted: %(name)s, %s, {name}."""
    return sorted(match[0] for match in PLACE.finditer(text) if match[0] != "%%")


def faults(said: dict[str, Text], known: dict[str, Text]) -> list[str]:
    """Say what is wrong with a catalogue: missing, stale, other places, other plural."""
    found = [f"nobody says any more: {msgid}" for msgid in known.keys() - said.keys()]
    for msgid, text in said.items():
        entry = known.get(msgid)
        if entry is None or not entry.english or not all(entry.english):
            found.append(f"no English: {msgid} ({text.files[0]})")
        elif entry.plural != text.plural:
            found.append(f"another plural: {msgid}")
        elif text.plural:
            if len(entry.english) != 2 or places(entry.english[1]) != places(text.plural):
                found.append(f"other places: {msgid}")
        elif places(entry.english[0]) != places(msgid):
            found.append(f"other places: {msgid}")
    return sorted(found)


def main() -> int:
    """Bring both files up to date; print what still wants English."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    known = read_po(PO.read_text("utf-8")) if PO.exists() else {}
    said = extract()
    texts = {
        msgid: replace(text, english=known[msgid].english if msgid in known else ())
        for msgid, text in said.items()
    }
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(write_po(texts), "utf-8")
    MO.write_bytes(compile_mo(texts))
    wrong = faults(said, texts)
    print("\n".join(wrong))
    print(f"{len(texts)} texts, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
