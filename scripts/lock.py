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
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wish:
        wish.write("uv\n")
        wish.flush()
        compile_list("uv.txt", [wish.name, *extra])


def compile_list(name: str, arguments: list[str]) -> None:
    output = f"requirements/{name}"
    command = ["uv", "pip", "compile", *OPTIONS, "--output-file", output]
    subprocess.run([*command, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
