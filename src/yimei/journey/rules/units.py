"""Whether two spellings name one unit. No number is ever converted: what differs by a factor is refused."""

import re
import unicodedata
from collections.abc import Mapping

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
TIMES = "×x*✕✖⨯·⋅・"
POWER = re.compile(rf"^[{TIMES}]*10(?:\^|\*\*?|e)?\+?(3|6|9|12)(?=/)")
"""``×10⁹/L`` as laboratories type it: ``10^9/L``, ``x10e9/L``, ``10*9/L`` (UCUM), ``10E9/L``, ``×109/L``."""
PER = re.compile(rf"[{TIMES}]?\(?([a-zμ]+)\^-1\)?$")
GIGA: Mapping[str, str] = {"G/L": "10^9/l", "T/L": "10^12/l"}
"""Only as capitals: ``g/l`` is a gram in a litre, and ``G/L`` may be that too."""
SAME: Mapping[str, str] = {
    "10^3/ul": "10^9/l",
    "10^6/ul": "10^12/l",
    "k/ul": "10^9/l",
    "mg/ml": "g/l",
    "ug/ml": "mg/l",
    "ng/ml": "ug/l",
    "pg/ml": "ng/l",
    "mu/ml": "u/l",
    "umol/ml": "mmol/l",
    "sec": "s",
    "秒": "s",
}
"""Other words for exactly the same amount, so that the number stays as it is."""


def same_unit(given: str, expected: str) -> bool:
    """Whether a unit is the one of the catalogue; none given is no contradiction."""
    return not given.strip() or bool(_readings(given) & _readings(expected))


def _readings(text: str) -> set[str]:
    """Return what a spelling can mean, each in one plain spelling."""
    raised = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda found: "^" + found[0].translate(RAISED), text)
    wide = "".join(unicodedata.normalize("NFKC", raised).split())
    whole = wide.strip("[]【】").replace("∕", "/").replace("⁄", "/").replace("\N{MINUS SIGN}", "-")
    if whole.startswith("(") and whole.endswith(")"):
        whole = whole[1:-1]
    plain = whole.casefold().replace("μ", "u").replace("mcg", "ug")
    plain = PER.sub(r"/\1", plain).replace("升", "l")
    plain = POWER.sub(lambda found: f"10^{found[1]}", plain)
    plain = re.sub(r"(?<![a-z])(m|u|k)?iu(?![a-z])", lambda found: f"{found[1] or ''}u", plain)
    found = {SAME.get(plain, plain)}
    if whole in GIGA:
        found.add(GIGA[whole])
    return found
