"""Measure de-identified tables a second time with pycanon, in an environment of its own.

pycanon pins numpy, pandas and scipy to versions that the program cannot use, so it never enters .venv. This
makes a throw-away one from requirements/anonymity.txt, takes the people out of a made-up table under every
profile, and compares k, l and t as the report says them with what pycanon says of the written file.
"""

import json
import random
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ("pipl", "gdpr", "hipaa")
ROWS = 400
PEER = """
import json, sys
import pandas
from pycanon import anonymity
data = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
quasi, sensitive = json.loads(sys.argv[2]), json.loads(sys.argv[3])
print(json.dumps({
    "k": int(anonymity.k_anonymity(data, quasi)),
    "l": {one: int(anonymity.l_diversity(data, quasi, [one])) for one in sensitive},
    "t": {one: round(float(anonymity.t_closeness(data, quasi, [one])), 6) for one in sensitive},
}))
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        python = environment(place / "env")
        table = place / "table.csv"
        table.write_text(made_up(random.Random(20260616)), "utf-8")
        faults = sum(not same(place, table, profile, python) for profile in PROFILES)
    print(f"{len(PROFILES) - faults} passed, {faults} failed")
    return 1 if faults else 0


def environment(place: Path) -> Path:
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    wanted = ["--quiet", "--require-hashes", "--requirement", str(ROOT / "requirements/anonymity.txt")]
    subprocess.run([python, "-m", "pip", "install", *wanted], check=True)
    return python


def same(place: Path, table: Path, profile: str, python: Path) -> bool:
    out, report = place / f"{profile}.csv", place / f"{profile}.json"
    command = [sys.executable, "-m", "yimei.config", "deidentify", str(table), "--out", str(out)]
    subprocess.run([*command, "--profile", profile, "--report", str(report)], check=True, cwd=ROOT)
    ours = json.loads(report.read_text("utf-8"))
    asked = [json.dumps(ours["quasi_identifiers"]), json.dumps(ours["sensitive"])]
    done = subprocess.run([python, "-c", PEER, out, *asked], check=True, capture_output=True, text=True)
    theirs = json.loads(done.stdout)
    said = {"k": ours["k"], "l": ours["l_by_column"], "t": ours["t_by_column"]}
    print(f"{profile}: {'same' if said == theirs else 'DIFFERENT'} yimei={said} pycanon={theirs}")
    return said == theirs


def made_up(chance: random.Random) -> str:
    lines = ["姓名,手机号,出生日期,城市,性别,诊断,金额"]
    for number in range(ROWS):
        name = chance.choice("王李张刘陈") + chance.choice(("雨桐", "思涵", "梓萱", "欣怡"))
        born = f"{chance.randint(1970, 2004)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        city, sex = chance.choice(("上海", "杭州", "南京", "苏州")), chance.choice("女女女男")
        what = chance.choice(("隆鼻", "双眼皮", "吸脂", "面部提升"))
        lines.append(f"{name},138{number:08d},{born},{city},{sex},{what},{chance.randrange(1000, 90000)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
