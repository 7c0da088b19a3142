"""Every night all files are compared with each other; what looks like one person twice is put before people.

Names and numbers are opened in the memory of this process and nowhere else: what is kept of a pair is two
keys, a probability, and how alike each field is.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from yimei.people.actions import pairs
from yimei.people.enums import Compared
from yimei.people.models import Patient
from yimei.people.queries.merges import identity_of
from yimei.people.rules import likeness

if TYPE_CHECKING:
    from yimei.insight.rules.linkage.link import Linkage
    from yimei.insight.rules.linkage.records import Records

HEADER = ("id", "name", "sex", "phone", "id_no", "birth_date")
ENOUGH = 2_000
"""From so many files on, their own shares are learnt; of fewer the shipped weights say what a pair is."""
CHUNK = 2_000


def look_for_duplicates(*, now: datetime) -> int:
    """Compare all living files and put down the pairs that nobody knows yet; return how many."""
    from yimei.insight.rules.linkage.link import link
    from yimei.insight.rules.linkage.records import make

    rows = list(_rows())
    if len(rows) < 2:
        return 0
    records = make(HEADER, rows)
    found = link(records, threshold=likeness.OFFERED)
    return pairs.offer(list(_found(records, found)), at=now)


def _rows() -> Iterator[tuple[str, ...]]:
    """Everybody who is one customer: not sealed, not made up, not joined to another file."""
    people = Patient.objects.counted().kept().filter(restricted_at=None).select_related("person__vault_key")
    for patient in people.order_by("pk").iterator(chunk_size=CHUNK):
        who = patient.person
        born = who.birth_date.isoformat() if who.birth_date else ""
        sex = who.sex.lower() if who.sex in {"F", "M"} else ""
        yield str(patient.pk), who.name, sex, who.phone, who.id_no, born


def _found(records: "Records", found: "Linkage") -> Iterator[pairs.Found]:
    numbers = [(int(records.ids[one]), int(records.ids[two])) for one, two in _places(found)]
    bits = _bits(records, found)
    people = Patient.objects.select_related("person__vault_key").in_bulk(
        {pk for both in numbers for pk in both}
    )
    for place, (one, two) in enumerate(numbers):
        if one not in people or two not in people:
            continue
        said = likeness.compare(identity_of(people[one].person), identity_of(people[two].person))
        chance = likeness.probability(said)
        if len(records) >= ENOUGH:
            said = tuple(
                likeness.Evidence(each.field, each.level, bits[each.field][place])
                if each.field in bits and each.bits
                else each
                for each in said
            )
            chance = float(found.probability[place])
        if chance >= likeness.OFFERED:
            yield pairs.Found(one, two, round(chance, 4), likeness.packed(said))


def _places(found: "Linkage") -> list[tuple[int, int]]:
    return list(zip(found.one.tolist(), found.two.tolist(), strict=True))


def _bits(records: "Records", found: "Linkage") -> dict[Compared, Sequence[float]]:
    """What each field of each pair is worth by the shares that were learnt, as powers of two."""
    import numpy as np

    from yimei.insight.rules.linkage import comparing

    if found.model is None or not len(found.one) or len(records) < ENOUGH:
        return {}
    levels = comparing.compare(records, found.one, found.two, lambda text: None)
    worth: dict[Compared, Sequence[float]] = {}
    for comparison, m, u in zip(found.model.comparisons, found.model.m, found.model.u, strict=True):
        if comparison.name in Compared:
            odds = np.append(np.log2(m / u), 0.0)
            worth[Compared(comparison.name)] = odds[levels[comparison.name]].tolist()
    return worth
