"""The house's own ledger of costs, one row per entry; its days are told apart when the mart is published."""

from collections.abc import Iterator

from yimei.billing.models import Cost


def costs() -> Iterator[tuple[object, ...]]:
    for one in Cost.objects.order_by("pk").iterator(chunk_size=2000):
        yield (
            one.pk,
            one.campus_id,
            one.account,
            one.channel or None,
            one.procedure_id,
            one.owner_id,
            one.origin,
            one.unit or None,
            one.starts_on,
            one.starts_on,
            one.ends_on,
            one.amount,
            one.amount,
            None if one.quantity is None else float(one.quantity),
        )
