"""Reference data of the hospital; none of it is about a customer."""

from yimei.hospital.models.catalogue import (
    AftercareStep,
    FormTemplate,
    Price,
    Procedure,
    ProcedureForm,
    ProcedureTest,
    TestItem,
)
from yimei.hospital.models.clinical import StopRule, TestRange
from yimei.hospital.models.places import CalendarDay, Campus, Department, Device, Room, Shift

__all__ = [
    "AftercareStep",
    "CalendarDay",
    "Campus",
    "Department",
    "Device",
    "FormTemplate",
    "Price",
    "Procedure",
    "ProcedureForm",
    "ProcedureTest",
    "Room",
    "Shift",
    "StopRule",
    "TestItem",
    "TestRange",
]
