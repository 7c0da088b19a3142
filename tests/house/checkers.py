"""The rules of the house that a machine can see, each a function from source text to findings."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "yimei"

SCREENS = ("desk", "portal", "site", "api", "hooks")


def _words(text: str) -> set[str]:
    return set(text.split())


COMMON = _words(
    "__init__ apps admin tasks management holdings actions queries access registry models rules gateways"
    " enums roles migrations"
)
SCREEN = COMMON - {"models", "migrations"} | _words("urls views forms templates templatetags static schemas")
OWN = {
    "core": COMMON
    | _words("errors money clock language numbers phone ids names fields database jobs documents"),
    "vault": COMMON | _words("keys masters ciphers fields blind files"),
    "audit": COMMON | _words("log chain context checkpoints seals"),
    "ui": SCREEN | _words("guard middleware"),
    "rehearsal": COMMON | _words("bench"),
    "config": _words(
        "__init__ __main__ apps management settings secrets urls wsgi cli up serve supervisor checks doctor"
        " demo ownership reference"
    ),
    **dict.fromkeys(SCREENS, SCREEN),
}
FLOORS_WITH_DATA = {"data", "templates", "static"}
LONGEST = 400
LONGER: dict[str, str] = {}
"""Which files may be longer than that, and why; each is asked for again once it has become short enough."""

CLOCK = {"now", "today", "utcnow", "localdate", "localtime", "time", "monotonic"}
CLOCK_OWNERS = {"timezone", "datetime", "date", "time"}
HTTP = ("django.http", "django.shortcuts", "django.urls", "django.views", "yimei.ui")
ROW_WRITES = _words("save delete create bulk_create bulk_update get_or_create update_or_create")
WRITE = re.compile(rf"\.\s*(?:{'|'.join(sorted(ROW_WRITES))}|update)\s*\(")
QUERYSET_STEPS = _words("objects filter exclude all select_for_update visible_to _default_manager")


# ---- where a module may stand -------------------------------------------------------------------


def misplaced(paths: Iterable[Path]) -> list[str]:
    """Name each file of a part that is none of the rooms a part may have."""
    found = []
    for path in paths:
        part, *rest = path.parts
        if not rest or part == "locale":
            continue
        room = rest[0].removesuffix(".py")
        if room not in OWN.get(part, COMMON) | FLOORS_WITH_DATA:
            found.append(f"{path}: no such room in a part")
    return found


def too_long(name: str, text: str) -> list[str]:
    lines = text.count("\n")
    if name in LONGER:
        return [] if lines > LONGEST else [f"{name}: {lines} lines, no exception any more"]
    return [f"{name}: {lines} lines, a room is parted before {LONGEST}"] if lines > LONGEST else []


# ---- what a module may import -------------------------------------------------------------------


def imports(text: str, *, typing_only: bool | None = False) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each import: running ones, those for types only (True), or both (None)."""
    for line, name, is_for_types in _imports(text):
        if typing_only is None or typing_only == is_for_types:
            yield line, name


@cache
def _imports(text: str) -> tuple[tuple[int, str, bool], ...]:
    """Read once what four rules ask of each module."""
    found = []
    for node, is_for_types in _statements(ast.parse(text).body):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found += [(node.lineno, name, is_for_types) for name in names]
    return tuple(found)


def _statements(body: Iterable[ast.stmt], *, for_types: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement, wherever it stands, and whether it runs for types only; expressions hold no import."""
    for node in body:
        yield node, for_types
        guards = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        yield from _statements(getattr(node, "body", ()), for_types=for_types or guards)
        for name in ("orelse", "finalbody"):
            yield from _statements(getattr(node, name, ()), for_types=for_types)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(part.body, for_types=for_types)


def _is_models(name: str) -> bool:
    parts = name.split(".")
    return parts[0] == "yimei" and "models" in parts[2:3]


def imports_the_orm(name: str, text: str) -> list[str]:
    """Rules and gateways decide on plain values: no ORM, no models, nothing that reads or writes rows."""
    rooms = {"models", "queries", "access", "actions"}
    return [
        f"{name}:{line}: imports {imported}"
        for line, imported in imports(text)
        if imported.startswith("django.db")
        or (imported.startswith("yimei.") and rooms & set(imported.split(".")[2:3]))
    ]


def imports_models(name: str, text: str) -> list[str]:
    return [
        f"{name}:{line}: imports {imported}"
        for line, imported in imports(text)
        if _is_models(imported) or imported.startswith("django.db.models")
    ]


def imports_http(name: str, text: str) -> list[str]:
    return [
        f"{name}:{line}: imports {imported}" for line, imported in imports(text) if imported.startswith(HTTP)
    ]


def imports_signals(name: str, text: str) -> list[str]:
    return [
        f"{name}:{line}: imports {imported}"
        for line, imported in imports(text)
        if imported.startswith(("django.dispatch", "django.db.models.signals"))
    ]


def types_from_above(name: str, text: str, floors: list[set[str]]) -> list[str]:
    """Imports for types only follow the floors like all others; `floors` run from the top down."""
    height = {part: -level for level, parts in enumerate(floors) for part in parts}
    here = Path(name).parts[0]
    return [
        f"{name}:{line}: {here} stands below {imported}"
        for line, imported in imports(text, typing_only=True)
        if imported.startswith("yimei.") and height[imported.split(".")[1]] > height[here]
    ]


# ---- what a module may do -----------------------------------------------------------------------


def reads_the_clock(name: str, text: str) -> list[str]:
    if not re.search(rf"\.\s*(?:{'|'.join(CLOCK)})\b", text):
        return []
    return [
        f"{name}:{node.lineno}: reads the clock by {ast.unparse(node)}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in CLOCK and _last_name(node.value) in CLOCK_OWNERS
    ]


def writes(name: str, text: str) -> list[str]:
    """Calls that change rows. Calling an action of the same name is what a screen is for."""
    if not WRITE.search(text):
        return []
    nodes = list(ast.walk(ast.parse(text)))
    actions = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and "actions" in node.module.split(".")
        for alias in node.names
    }
    found = []
    for node in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        receiver, verb = node.func.value, node.func.attr
        is_row_write = verb in ROW_WRITES and _first_name(receiver) not in actions
        is_bulk_write = verb == "update" and QUERYSET_STEPS & _names(receiver)
        if is_row_write or is_bulk_write:
            found.append(f"{name}:{node.lineno}: writes by {ast.unparse(node.func)}")
    return found


def overrides_save(name: str, text: str) -> list[str]:
    if not re.search(r"\bdef\s+(?:save|delete)\b", text):
        return []
    return [
        f"{name}:{method.lineno}: {node.name}.{method.name} hides a side effect"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name in {"save", "delete"}
    ]


def class_views(name: str, text: str) -> list[str]:
    return [
        f"{name}:{node.lineno}: {node.name} is a class; a view is a function"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("View") for base in node.bases)
    ]


def no_docstring(name: str, text: str) -> list[str]:
    is_told = re.match(r'(?:#.*\n|\s)*(?:[rR]?"""|$)', text)
    return [] if is_told else [f"{name}: says nowhere what it holds"]


def bare_ignores(name: str, text: str) -> list[str]:
    return [
        f"{name}:{number}: an ignore names its code"
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)", line)
    ]


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).split(".")[-1]


def _first_name(node: ast.expr) -> str:
    return re.split(r"\W", ast.unparse(node), maxsplit=1)[0]


def _names(node: ast.expr) -> set[str]:
    return {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


# ---- templates ----------------------------------------------------------------------------------

TEMPLATE_RULES = {
    "inline style": r"<style\b|\sstyle\s*=",
    "inline script": r"<script\b(?![^>]*\bsrc=)",
    "inline handler": r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=",
    "script address": r"javascript:",
    "eval in htmx": r"hx-(?:vals|headers)\s*=\s*[\"']js:",
    "asks by itself and keeps the session awake": r"hx-trigger=\"every(?![^>]*X-Unattended)",
    "form that needs a script": r"<form\b(?![^>]*\saction=)[^>]*\shx-post=",  # pressed before htmx is there
    "unescaped text": r"\|\s*safe\b|\{%\s*autoescape\s+off",
}


def template_faults(name: str, text: str) -> list[str]:
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}|<!--.*?-->", _blank, text, flags=re.DOTALL)
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {rule}"
        for rule, pattern in TEMPLATE_RULES.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


# ---- words that must not leave this machine, nor be left behind -----------------------------------

UNWANTED = {
    "an address or a path of one machine": [
        "".join(halves)
        for halves in [
            ("/wo", "rk/"),
            ("/fa", "rm/"),
            ("files.python", "hosted"),
            ("pypi.org/", "simple"),
            ("registry.", "npmjs"),
            ("deb.", "debian"),
        ]
    ],
    "unfinished work": [
        "".join(halves)
        for halves in [
            ("TO", "DO"),
            ("FIX", "ME"),
            ("NotImplemented", "Error"),
            ("敬请", "期待"),
            ("暂未", "实现"),
        ]
    ],
}


def unwanted_words(name: str, text: str) -> list[str]:
    return [
        f"{name}:{number}: {why}"
        for number, line in enumerate(text.splitlines(), 1)
        for why, words in UNWANTED.items()
        if any(word in line for word in words)
    ]
