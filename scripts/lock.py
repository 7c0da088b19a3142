"""Write requirements/*.txt from pyproject.toml: one list for every platform, hashed, no addresses."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = [
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--quiet",
    "--python-version",
    "3.11",
]


def main(extra: list[str]) -> None:
    compile_list("app.txt", ["pyproject.toml", *extra])
    compile_list(
        "dev.txt", ["pyproject.toml", "--extra", "dev", "--constraint", "requirements/app.txt", *extra]
    )
    compile_list(
        "research.txt",
        ["pyproject.toml", "--extra", "research", "--constraint", "requirements/app.txt", *extra],
    )
    compile_wish("uv.txt", "uv", extra)
    compile_wish(
        "anonymity.txt", "pycanon>=1.3,<2", extra
    )  # measures a second time, in an environment of its own


def compile_wish(name: str, wished: str, extra: list[str]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wish:
        wish.write(f"{wished}\n")
        wish.flush()
        compile_list(name, [wish.name, *extra])


def compile_list(name: str, arguments: list[str]) -> None:
    output = f"requirements/{name}"
    command = ["uv", "pip", "compile", *OPTIONS, "--output-file", output]
    subprocess.run([*command, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
