"""The one console command: `yimei up`, `yimei test`, `yimei doctor`, and every Django management command."""

import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[3]
USAGE_ERROR = 2
FULL = {errno.ENOSPC, errno.EDQUOT}
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
"""What a disk or a file says to whoever may not write there."""
IMPOSSIBLE = {
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
}
"""What a path says that can be no working folder; anywhere else, a fault of ours."""
INTERRUPTED = 130
WITHOUT_PARTS = {"dedupe": "yimei.insight", "deidentify": "yimei.privacy", "pii": "yimei.privacy"}
"""Commands on files: no models, no database, so they start without loading the parts."""


def main() -> NoReturn:
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str]) -> int:
    """Carry out one command line and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimei.config.settings")
    name, rest = (argv[0], argv[1:]) if argv else ("help", [])
    if name in {"version", "--version", "-V"}:
        from yimei import __version__

        print(f"yimei {__version__}")
        return 0
    if name == "test":
        from yimei.config.checks import run_checks

        return run_checks(rest)

    import django
    from django.utils import translation

    try:
        _start_light(name)
        django.setup()
    except OSError as error:
        return refuse(place_refused(error), 1)
    with translation.override(language_of(os.environ)):
        if name in {"help", "--help", "-h"}:
            if not rest:
                print(overview())
                return 0
            name, rest = rest[0], ["--help"]
        return call(name, rest)


def _start_light(name: str) -> None:
    """Leave the parts out for a command that needs none of them."""
    from django.apps import apps
    from django.conf import settings

    if name in WITHOUT_PARTS and not apps.ready:
        settings.INSTALLED_APPS = []


def language_of(environ: Mapping[str, str]) -> str:
    """English for a reader whose locale is English, Chinese for everybody else."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable):
            return "en" if value.lower().startswith("en") else "zh-hans"
    return "zh-hans"


def call(name: str, arguments: list[str]) -> int:
    """Run a management command the way Django does, but end every refusal in one plain sentence."""
    from django.core.management import ManagementUtility, get_commands, load_command_class
    from django.core.management.base import CommandError, handle_default_options
    from django.db import connections
    from django.utils.translation import gettext as _

    from yimei.core.errors import RuleBroken

    light = WITHOUT_PARTS.get(name)
    if light is None and name not in get_commands():
        return refuse(
            _("没有「%(name)s」这个命令，输入 yimei help 查看全部命令。") % {"name": name}, USAGE_ERROR
        )
    if light is not None:
        command = load_command_class(light, name)
    else:
        command = ManagementUtility(["yimei", name]).fetch_command(name)
    command.help = translated(command.help)
    command._called_from_command_line = True  # type: ignore[attr-defined]
    parsed = command.create_parser("yimei", name).parse_args(arguments)
    handle_default_options(parsed)
    options = vars(parsed)
    try:
        command.execute(*options.pop("args", ()), **options)
    except (CommandError, RuleBroken) as error:
        if parsed.traceback:
            raise
        return refuse(str(error), getattr(error, "returncode", 1))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if parsed.traceback:
            raise
        return refuse(place_refused(error), 1)
    finally:
        connections.close_all()
    return 0


def place_refused(error: OSError) -> str:
    """Say what to do about a full disk, a file of somebody else or a place that cannot be; raise any other.

    In both languages: settings that could not be read name no language.
    """
    place = str(error.filename or os.environ.get("YIMEI_VAR_DIR") or "var")
    if error.errno in FULL:
        return (
            f"磁盘空间不足，{place} 没有写成。请清理后重试。"
            f" / The disk is full: {place} could not be written. Make room and try again."
        )
    if error.errno in CLOSED:
        return (
            f"不能读写 {place}（{error.strerror}）。请用它所属的用户运行，或把它交给当前用户。"
            f" / Cannot read or write {place} ({error.strerror});"
            " run as the user it belongs to, or give it to this one."
        )
    if error.filename and is_impossible(error):
        return (
            f"工作文件夹不能用：{place}（{error.strerror}）。请把 YIMEI_VAR_DIR 改为能新建文件夹的路径。"
            f" / The working folder cannot be used: {place} ({error.strerror});"
            " set YIMEI_VAR_DIR to a path where folders can be made."
        )
    raise error


def is_impossible(error: OSError) -> bool:
    """Whether the working folder cannot be where it was named; a file missing inside it is another matter."""
    if error.errno not in IMPOSSIBLE:
        return False
    var = os.path.abspath(os.environ.get("YIMEI_VAR_DIR") or ROOT / "var")
    path = os.path.abspath(error.filename)
    shared = os.path.commonpath([var, path])
    return shared == path or (shared == var and error.errno != errno.ENOENT)


def translated(text: object) -> str:
    """Return a command's help in the reader's language; argparse takes no lazy strings."""
    from django.utils.translation import gettext

    return gettext(str(text)) if text else ""


def refuse(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def overview() -> str:
    """Return the list of commands: ours by part with a line each, Django's by name."""
    import django.core.management as django_commands
    from django.apps import apps
    from django.utils.translation import gettext as _

    builtin = set(django_commands.find_commands(django_commands.__path__[0]))
    ours: dict[str, list[tuple[str, str]]] = {"config": []}
    others = []
    for name, app in sorted(django_commands.get_commands().items()):
        if app.startswith("yimei.") and name not in builtin:
            command = django_commands.load_command_class(app, name)
            ours.setdefault(app.removeprefix("yimei."), []).append((name, translated(command.help)))
        elif name not in {"test", "testserver", "runserver"}:
            others.append(name)
    ours["config"] += [("test", _("运行贡献者必须通过的全部检查")), ("version", _("显示版本"))]

    lines = [_("用法：yimei 命令 [参数]；每个命令都有 --help。"), ""]
    for part, commands in ours.items():
        title = _("运行与维护") if part == "config" else str(apps.get_app_config(part).verbose_name)
        lines += [title, *(f"  {name:<12} {text}" for name, text in commands), ""]
    names = wrap(" ".join(others), 100, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([*lines, _("Django 自带"), *names])
