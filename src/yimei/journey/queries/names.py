"""Names of customers as their reader may see them in a list."""

from collections.abc import Iterable

from yimei.people import access
from yimei.people.models import Patient, Staff


def shown_names(patients: Iterable[Patient], *, by: Staff) -> dict[int, str]:
    """Name by patient; a VIP or a colleague is an alias to whoever does not care for her."""
    return access.shown_names(list(patients), by=by)
