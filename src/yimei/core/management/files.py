"""What commands on files share: reading, writing whole or not at all, progress, refusals with exit code 2."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from yimei.core.rules.tables import BadInput, Table, read_table

STDIN = "-"
USAGE_ERROR = 2


class FileCommand(BaseCommand):
    """A command that needs neither a database nor a server; input faults end it with exit code 2."""

    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("结果以 JSON 打印，给程序读"))

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, or of standard input for ``-``."""
        try:
            return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        except OSError as error:
            raise unreadable(name, error) from None

    def read_table(self, name: str) -> Table:
        return read_table(self.read(name), file=shown(name))

    def write_all(self, files: dict[str, str | bytes]) -> None:
        """Write every file or none: each beside its place first, then all are moved there."""
        names = [os.path.realpath(name) for name in files]
        if len(set(names)) != len(names):
            raise CommandError(_("两个输出文件同名。"), returncode=USAGE_ERROR)
        ready: list[tuple[str, str]] = []
        try:
            for name, content in files.items():
                data = content.encode("utf-8") if isinstance(content, str) else content
                ready.append((_beside(name, data), name))
            while ready:
                written, name = ready[0]
                os.replace(written, name)
                ready.pop(0)
        except OSError as error:
            raise unwritable(error.filename2 or name, error) from None
        finally:
            for written, _name in ready:
                with suppress(OSError):
                    os.unlink(written)

    @contextmanager
    def progress(self, text: str) -> Iterator[None]:
        """Show what goes on while a person looks on."""
        if not sys.stderr.isatty():
            yield
            return
        sys.stderr.write(f"\r\033[K{text} …")
        sys.stderr.flush()
        try:
            yield
        finally:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def tell(self, text: str) -> None:
        """Show the present step while a person looks on; nothing clears it."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text} …" if text else "\r\033[K")
            sys.stderr.flush()

    def progress_at(self, done: int, whole: int) -> None:
        """Show how far a count has come, now and then, while a person looks on."""
        if done % 1000 and done != whole:
            return
        if sys.stderr.isatty() and not sys.stdout.isatty():
            sys.stderr.write("\r\033[K" if done == whole else f"\r\033[K{done} / {whole}")
            sys.stderr.flush()


def shown(name: str) -> str:
    return _("标准输入") if name == STDIN else name


def unreadable(name: str, error: OSError) -> BadInput:
    words = {
        FileNotFoundError: _("没有这个文件。"),
        IsADirectoryError: _("这是一个文件夹。"),
        PermissionError: _("没有读取的权限。"),
    }
    return BadInput(words.get(type(error)) or error.strerror or str(error), file=shown(name))


def unwritable(name: str, error: OSError) -> CommandError:
    words = {
        FileNotFoundError: _("要写入的文件夹不存在。"),
        NotADirectoryError: _("要写入的文件夹不存在。"),
        IsADirectoryError: _("这是一个文件夹，不能写成文件。"),
        PermissionError: _("没有写入的权限。"),
    }
    what = words.get(type(error)) or error.strerror or str(error)
    return CommandError(_("%(where)s：%(what)s") % {"where": name, "what": what}, returncode=USAGE_ERROR)


def _beside(name: str, data: bytes) -> str:
    """Write to a new file in the same folder and return its name."""
    target = Path(name)
    if target.is_dir():
        raise IsADirectoryError(None, None, name)
    handle, written = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(written, _mode(target))
    except BaseException:
        with suppress(OSError):
            os.unlink(written)
        raise
    return written


def _mode(target: Path) -> int:
    """The mode of the file that is replaced, or what the umask leaves."""
    with suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
