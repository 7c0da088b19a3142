"""Make sure that the browser tests find a Chromium and a Chinese font; install what is missing, saying so.

Wanted is its headless shell: the same engine without windows. Who has the whole Chromium and may not install
packages tests with that, only slower.
"""

import os
import shutil
import subprocess
import sys

from postgres import install_packages

SHELL, WHOLE = "chromium-headless-shell", "chromium"


def main() -> None:
    missing = missing_browser()
    if not has_chinese_font():
        missing.append("fonts-noto-cjk")
    if missing:
        try:
            install_packages(*missing)
        except SystemExit as error:
            if SHELL not in missing:
                raise
            print(f"· {error}", file=sys.stderr)
            install_packages(*(WHOLE if name == SHELL else name for name in missing))
    if not any(map(shutil.which, (SHELL, WHOLE))):
        sys.exit("没有找到 chromium / chromium was not found")


def missing_browser() -> list[str]:
    if shutil.which(SHELL) or (shutil.which(WHOLE) and not is_offered(SHELL)):
        return []
    return [SHELL]


def is_offered(package: str) -> bool:
    """Whether it can be had at once: a list that apt has already names it, and nobody is asked a password."""
    if os.geteuid() != 0 or shutil.which("apt-cache") is None:
        return False
    return subprocess.run(["apt-cache", "show", package], capture_output=True, check=False).returncode == 0


def has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout.strip())


if __name__ == "__main__":
    main()
