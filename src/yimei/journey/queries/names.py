"""Names of customers as their reader may see them in a list."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yimei.people.models import Patient, Staff


def shown_names(patients: Iterable[Patient], *, by: Staff) -> dict[int, str]:
    """Name by patient; a VIP is an alias to whoever does not care for her. One query, if any is a VIP."""
    rows = list(patients)
    vips = {patient.pk for patient in rows if patient.is_vip}
    cared_for: set[int] = set()
    if vips:
        relations = by.care_relations.filter(until=None, patient__in=vips)
        cared_for = set(relations.values_list("patient_id", flat=True))
    alias = _("贵宾 %(tail)s")
    return {
        patient.pk: alias % {"tail": str(patient.public_id)[:4].upper()}
        if patient.pk in vips - cared_for
        else patient.person.name
        for patient in rows
    }
