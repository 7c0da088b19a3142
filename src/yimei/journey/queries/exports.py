"""Lists of customers that may leave the hospital, with no more columns than their purpose needs."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core import phone
from yimei.journey.enums import CaseStage
from yimei.journey.queries import cases
from yimei.people.models import Canary, Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.registry import ExportRow, ExportSource


def customer_rows(by: Staff, query: Mapping[str, str], now: datetime, most: int) -> list[ExportRow]:
    """The list of customers as this reader sees it, her own canary hidden in it."""
    stage = query.get("stage", "")
    people = cases.customers(
        by=by, stage=stage if stage in CaseStage else "", is_mine=query.get("mine") == "1"
    )
    chosen = list(people[:most])
    decoy = Canary.objects.filter(planted_for=by).values("patient")
    if chosen:
        chosen += list(Patient.objects.with_person().filter(pk__in=decoy))
    rows = []
    for row in cases.rows(chosen, by=by):
        patient, case = row.patient, row.case
        rows.append(
            ExportRow(
                patient.person.vault_key.public_id,
                {
                    "file_no": patient.file_no or _("未建档"),
                    "name": row.who,
                    "phone": phone.mask(patient.person.phone),
                    "campus": patient.campus.name,
                    "source": str(patient.get_source_display()),
                    "stage": str(case.get_stage_display()) if case else "",
                    "procedure": str(case.procedure.name) if case else "",
                    "consultant": patient.consultant.name if patient.consultant else "",
                },
            )
        )
    return rows


CUSTOMERS = ExportSource(
    code="customers",
    title=gettext_lazy("客户名单"),
    columns={
        "file_no": gettext_lazy("档案号"),
        "name": gettext_lazy("姓名"),
        "phone": gettext_lazy("手机"),
        "campus": gettext_lazy("院区"),
        "source": gettext_lazy("首次来源"),
        "stage": gettext_lazy("阶段"),
        "procedure": gettext_lazy("项目"),
        "consultant": gettext_lazy("咨询师"),
    },
    permission=Permission.PATIENT_VIEW,
    keys=("stage", "mine"),
    holdings=("people.identity", "people.patient", "journey.record"),
    rows=customer_rows,
)
