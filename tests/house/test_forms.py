"""Every field of every form leads to a column of the data map and by it to a purpose (PIPL 6, 19).

A form about people is a ``PurposedForm``: it says which tables it fills and which of its fields keep nothing.
A form that tells of nobody is named in ``OF_NOBODY``; a new form that is neither fails here.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.apps import apps

from yimei.desk import forms as desk_forms
from yimei.portal import forms as portal_forms
from yimei.privacy.queries.datamap import datamap_problems, our_models
from yimei.privacy.queries.needs import lasting, purposes_of, ties
from yimei.privacy.queries.register import shipped
from yimei.site import forms as site_forms
from yimei.ui import forms as ui_forms
from yimei.ui.forms.purposed import PurposedForm

SERVED = {"personal", "health"}

OF_NOBODY = {
    "desk.forms.bookings.DayForm": "a day that the page shows",
    "desk.forms.catalogue.BeforeForm": "a procedure",
    "desk.forms.catalogue.DaysForm": "days of the year",
    "desk.forms.catalogue.PriceForm": "a list price",
    "desk.forms.catalogue.ProcedureForm": "a procedure",
    "desk.forms.catalogue.StepForm": "a step after a procedure",
    "desk.forms.cleaning.FillForm": "a method",
    "desk.forms.cleaning.RuleForm": "a rule of columns",
    "desk.forms.clinical.BandForm": "reference data",
    "desk.forms.clinical.RangeForm": "reference data",
    "desk.forms.clinical.StopRuleForm": "reference data",
    "desk.forms.clinical.VersionForm": "reference data",
    "desk.forms.costs.CostFileForm": "a table of what the house spends",
    "desk.forms.costs.CostForm": "what the house spends",
    "desk.forms.costs.ReverseForm": "about a cost",
    "desk.forms.credit.CreditRulesForm": "rules, the same for everybody",
    "desk.forms.events.CancelForm": "why an event is called off; identifiers are refused",
    "desk.forms.events.CostForm": "an amount",
    "desk.forms.events.EventForm": "an event, the same for everybody",
    "desk.forms.events.PlacesForm": "a number of places",
    "desk.forms.feedback.ConclusionForm": "about the house; identifiers are refused",
    "desk.forms.feedback.EvidenceForm": "about the house; identifiers are refused",
    "desk.forms.feedback.ImprovementForm": "about the house; identifiers are refused",
    "desk.forms.feedback.PlaceForm": "a place",
    "desk.forms.flows.FlowFileForm": "steps, not people",
    "desk.forms.flows.FrameForm": "steps, not people",
    "desk.forms.flows.NewFlowForm": "steps, not people",
    "desk.forms.flows.StepForm": "steps, not people",
    "desk.forms.governance.AssessmentForm": "an assessment of a processing, not of a person",
    "desk.forms.governance.CourseForm": "a course",
    "desk.forms.governance.DeclareForm": "what the hospital is",
    "desk.forms.governance.JudgeForm": "a question of an audit",
    "desk.forms.governance.PackForm": "rules of law",
    "desk.forms.purposes.PostponeForm": "a day of a purpose",
    "desk.forms.governance.SignForm": "a signature under an assessment of a processing",
    "desk.forms.governance.PartyForm": "a partner; its contacts are the partner's own",
    "desk.forms.governance.PurposeChangeForm": "what data are handled for, not whose",
    "desk.forms.governance.PurposeForm": "what data are handled for, not whose",
    "desk.forms.governance.RoundForm": "an audit",
    "desk.forms.governance.SuccessionForm": "who takes over; it holds nobody's data",
    "desk.forms.governance.TransferForm": "a transfer; the persons are counted by opaque keys",
    "desk.forms.intake.GateForm": "a program",
    "desk.forms.leads.AssignRuleForm": "how a campus draws",
    "desk.forms.leads.SkillsForm": "what staff know",
    "desk.forms.growth.NumberForm": "the hospital's own numbers",
    "desk.forms.insight.DownloadForm": "figures",
    "desk.forms.insight.PinForm": "figures",
    "desk.forms.insight.ShareForm": "roles",
    "desk.forms.insight.SqlForm": "a question",
    "desk.forms.insight.StatisticsForm": "a question",
    "desk.forms.members.RulesForm": "rules, the same for every member",
    "desk.forms.notices.FirstNoticeForm": "what everybody is told",
    "desk.forms.notices.NoticeForm": "what everybody is told",
    "desk.forms.offers.TermsForm": "a procedure",
    "desk.forms.papers.PaperForm": "a document, the same for everybody",
    "desk.forms.partners.AgreementForm": "a contract with a firm",
    "desk.forms.partners.PaidForm": "an entry of the books",
    "desk.forms.partners.PaperForm": "a firm's qualification",
    "desk.forms.partners.PartnerForm": "a firm, no person of it",
    "desk.forms.partners.PlaceForm": "a place",
    "desk.forms.partners.RefuseForm": "about a statement of a firm",
    "desk.forms.places.CampusForm": "a place",
    "desk.forms.places.CodedForm": "a place",
    "desk.forms.places.DepartmentForm": "a place",
    "desk.forms.places.DeviceForm": "a machine",
    "desk.forms.places.RoomForm": "a place",
    "desk.forms.places.ShiftForm": "hours",
    "desk.forms.roster.RosterForm": "when staff work",
    "desk.forms.promotions.PromotionForm": "an offer, the same for everybody",
    "desk.forms.promotions.ReasonForm": "about an offer",
    "desk.forms.questionnaires.PublishForm": "questions, not answers",
    "desk.forms.segments.PersonForm": "whom to explain; nothing is kept",
    "desk.forms.segments.SegmentForm": "a question about people, not of one",
    "desk.forms.sources.HostForm": "a machine",
    "desk.forms.sources.SourceForm": "a link or a database and its account",
    "desk.forms.segments.TagForm": "a word",
    "desk.forms.referrals.ReferralRulesForm": "rules, the same for everybody",
    "desk.forms.reports.AddForm": "a chart and a report",
    "desk.forms.reports.AskAgainForm": "roles and days",
    "desk.forms.reports.BeginForm": "a report of figures",
    "desk.forms.reports.CommentForm": "words about figures; identifiers are refused",
    "desk.forms.reports.DecisionForm": "a task of staff; identifiers are refused",
    "desk.forms.reports.FeedForm": "a key to figures",
    "desk.forms.reports.LinkForm": "roles",
    "desk.forms.reports.RolesForm": "roles",
    "desk.forms.reports.ScheduleForm": "roles and days",
    "desk.forms.reports.TakeForm": "figures",
    "desk.forms.reports.ViewsForm": "a page of figures",
    "desk.forms.roles.NewRoleForm": "what a role may do",
    "desk.forms.roles.RoleForm": "what a role may do",
    "desk.forms.sessions.CodeForm": "staff sign in",
    "desk.forms.sessions.PasswordForm": "staff sign in",
    "desk.forms.sessions.SignInForm": "staff sign in",
    "desk.forms.staff.LicenceForm": "staff",
    "desk.forms.staff.PrivilegeForm": "staff",
    "desk.forms.staff.StaffForm": "staff",
    "desk.forms.staff.WithdrawForm": "staff",
    "desk.forms.stories.DownForm": "how a place is known to be empty; identifiers are refused",
    "desk.forms.stories.StandForm": "a place; identifiers are refused",
    "desk.forms.swaps.SwapForm": "which of two bookings",
    "site.forms.booking.SlotForm": "a time on offer; nobody is known yet",
    "site.forms.booking.WishForm": "a service; nobody is known yet",
}


def all_forms() -> Iterator[tuple[str, Any]]:
    """Every form of staff and patients by its place."""
    for package in (desk_forms, portal_forms, site_forms, ui_forms):
        for module in pkgutil.iter_modules(package.__path__):
            found: Any = importlib.import_module(f"{package.__name__}.{module.name}")
            for name, form in vars(found).items():
                is_form = isinstance(form, type) and issubclass(form, forms.BaseForm)
                if is_form and form.__module__ == found.__name__:
                    yield f"{found.__name__.removeprefix('yimei.')}.{name}", form


def forms_about_people() -> list[tuple[str, type[PurposedForm]]]:
    return [(name, form) for name, form in all_forms() if issubclass(form, PurposedForm)]


def columns_asked() -> set[str]:
    """Every column that a form can fill."""
    asked = set()
    for _name, form in forms_about_people():
        asked |= {form.column_of(field) for field in form.base_fields} | {form.ALL_IN}
    return {column for column in asked if column}


def test_every_form_says_which_tables_it_fills_or_tells_of_nobody() -> None:
    loose = {name for name, form in all_forms() if not issubclass(form, PurposedForm)}
    assert loose == set(OF_NOBODY)


@pytest.mark.parametrize("name", [name for name, _form in forms_about_people()])
def test_every_field_about_people_is_tied_to_a_column_and_its_purposes(name: str) -> None:
    form = dict(forms_about_people())[name]
    loose = [field for field in form.base_fields if form.column_of(field) is None]
    assert loose == [], "name the table in KEEPS, or the column in ELSEWHERE"
    columns = {column for field in form.base_fields if (column := form.column_of(field))}
    unserved = [column for column, codes in ties(columns).items() if not codes]
    assert unserved == [], "a column without a purpose is not asked for"
    stale = set(form.ELSEWHERE) - set(form.base_fields)
    inherited = {field for base in form.__mro__[1:] for field in getattr(base, "ELSEWHERE", {})}
    children = {
        field
        for _name, other in forms_about_people()
        if issubclass(other, form)
        for field in other.base_fields
    }
    assert stale - inherited - children == set(), "a field that the form does not have"


def test_fields_that_keep_nothing_are_few_and_named() -> None:
    kept_nowhere = {
        f"{name.rsplit('.', 1)[1]}.{field}"
        for name, form in forms_about_people()
        for field in form.base_fields
        if form.column_of(field) == ""
    }
    assert kept_nowhere == KEPT_NOWHERE


KEPT_NOWHERE = {
    "AskForm.agreed",
    "AskForm.campus",
    "AskForm.notice",
    "AskForm.website",
    "AgreeForm.notice",
    "AgreementForm.written_against",
    "ArrivalForm.code",
    "BookForm.agreed",
    "BookForm.code",
    "BookForm.notice",
    "BookingForm.is_other",
    "CalendarMoveForm.booking",
    "CodeForm.code",
    "CourseForm.as_many_as_fit",
    "CourseForm.every_days",
    "CourseForm.keeps_staff",
    "CourseForm.sessions",
    "DischargeForm.second_password",
    "DoorForm.birth_date",
    "ExportForm.is_abroad",
    "FindForm.text",
    "NumberForm.phone",
    "GlassForm.proof",
    "LeadForm.rule",
    "LinkForm.who",
    "SayForm.website",
    "SeatForm.agreed",
    "SeatForm.website",
    "NewForm.is_other",
    "RegisterForm.is_other",
    "PassOnForm.receiver",
    "PlanForm.written_against",
    "ReportForm.name",
    "ReportForm.number",
    "SearchForm.from_hour",
    "SearchForm.since",
    "SearchForm.to_hour",
    "SearchForm.until",
    "SignerForm.password",
    "SignerForm.username",
    "MaskForm.mask_bottom",
    "MaskForm.mask_top",
    "StoryChartForm.mask_bottom",
    "StoryChartForm.mask_top",
    "StoryPictureForm.mask_bottom",
    "StoryPictureForm.mask_top",
    "ProposeForm.one",
    "ProposeForm.two",
    "TailForm.tail",
    "UndoForm.is_different",
    "TraceForm.phone",
    "WatchForm.file_no",
    "WatchForm.kind",
    "WatchForm.since",
    "WatchForm.staff",
    "WatchForm.until",
}
"""Used for one act: to find, to compare, to prove."""


def stoppable() -> set[str]:
    """The purposes that serve the person and may be stopped; without duty and without what care needs."""
    return {one["code"] for one in shipped("purposes")} - lasting() - {"staff"}


def test_what_serves_only_purposes_that_may_be_stopped_is_asked_by_a_form_that_knows() -> None:
    held = {
        f"{model._meta.label}.{field}"
        for model in our_models()
        for level in SERVED
        for field in getattr(model, "PRIVACY", {}).get(level, ())
        if (codes := set(purposes_of(model, field))) and codes <= stoppable()
    }
    assert held - WITHOUT_FORM <= columns_asked()


WITHOUT_FORM = {
    *(f"growth.Member.{name}" for name in ("number", "tier", "tier_since", "tier_until")),
    "growth.Coupon.patient",
    "growth.Coupon.status",
    *(f"growth.CouponMove.{name}" for name in ("old", "new")),
    *(f"growth.TierMove.{name}" for name in ("old", "new", "reason", "spent")),
    *(f"growth.PointEntry.{name}" for name in ("kind", "balance")),
    *(f"growth.BenefitGrant.{name}" for name in ("code", "name", "times")),
    "growth.BenefitEntry.kind",
    *(f"growth.Referral.{name}" for name in ("flags", "may_tell")),
    "growth.ReferralStep.kind",
    *(f"growth.Thanks.{name}" for name in ("kind", "value", "state")),
    *(
        f"growth.Profile.{name}"
        for name in ("case_loss", "paid_times", "paid_total", "rfm", "score", "scored_on")
    ),
    *(f"growth.StoryVersion.{name}" for name in ("title", "words")),
    "journey.Photo.consent",
    "journey.Photo.day",
    "journey.Photo.screen",
    "journey.Photo.thumb",
    "journey.PhotoRelease.consent",
}
"""Made by the program from what was asked: a day is counted, sizes are cut; joining is one button."""


def test_every_other_name_leads_to_a_column_that_exists() -> None:
    with pytest.raises(LookupError):
        apps.get_model("journey.Nothing")
    assert columns_asked() <= {
        f"{model._meta.label}.{column.name}"
        for model in our_models()
        for column in model._meta.concrete_fields
    }


def test_every_column_about_people_names_its_purposes() -> None:
    assert datamap_problems() == []
