"""Make sure that the browser tests find a Chromium and a Chinese font; install what is missing, saying so."""

import shutil
import subprocess
import sys

from postgres import install_packages


def main() -> None:
    missing = []
    if shutil.which("chromium") is None:
        missing.append("chromium")
    if not has_chinese_font():
        missing.append("fonts-noto-cjk")
    if missing:
        install_packages(*missing)
    if shutil.which("chromium") is None:
        sys.exit("没有找到 chromium / chromium was not found")


def has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout.strip())


if __name__ == "__main__":
    main()
