"""The gates from an id in a URL to a lead or a segment."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.growth.models import (
    BenefitGrant,
    Coupon,
    Flow,
    FlowTask,
    Gate,
    Lead,
    LeadFile,
    Member,
    Partner,
    PartnerAgreement,
    Promotion,
    Referral,
    Segment,
    Statement,
)
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope


def open_lead(public_id: UUID, *, by: Staff, lock: bool = False) -> Lead:
    """Return a lead that the reader may see: her own, of her scope, or of her campus's pool."""
    return only(Lead.objects.visible_to(by).with_people(), public_id, lock=lock)


def own_lead(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.LEAD_WRITE
) -> Lead:
    """Return a lead within the reader's scope of a permission; the pool is nobody's own."""
    return only(Lead.objects.reachable(by, permission).with_people(), public_id, lock=lock)


def open_gate(public_id: UUID, *, by: Staff, lock: bool = False) -> Gate:
    """Return an open way in of the reader's campus, for whoever runs growth there."""
    if not by.may(Permission.GROWTH_WRITE):
        raise NotFound
    return only(Gate.objects.visible_to(by).filter(stopped_at=None), public_id, lock=lock)


def open_lead_file(public_id: UUID, *, by: Staff) -> LeadFile:
    """Return a file of enquiries of the reader's campus, for whoever hands leads out there."""
    if not by.may(Permission.LEAD_ASSIGN):
        raise NotFound
    rows = LeadFile.objects.filter(campus=by.campus_id)
    return only(rows.select_related("by", "file__key", "vault_key"), public_id)


def open_member(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.MEMBER_WRITE
) -> Member:
    """Return a member within the reader's scope of a permission."""
    return only(Member.objects.visible_to(by, permission).with_people(), public_id, lock=lock)


def open_benefit(public_id: UUID, *, by: Staff) -> BenefitGrant:
    """Return a stored benefit of a member whom the reader may serve."""
    grant = BenefitGrant.objects.filter(public_id=public_id).first()
    if grant is None:
        raise NotFound
    member = Member.objects.visible_to(by, Permission.MEMBER_WRITE).with_people().filter(pk=grant.member_id)
    found = member.first()
    if found is None:
        raise NotFound
    grant.member = found
    return grant


def open_segment(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.GROWTH_VIEW
) -> Segment:
    """Return a segment of the reader's campus or of the group."""
    rows = Segment.objects.visible_to(by, permission).select_related("campus", "created_by")
    return only(rows, public_id, lock=lock)


def open_flow(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.GROWTH_VIEW
) -> Flow:
    """Return a flow of the reader's campus or of the group."""
    rows = Flow.objects.visible_to(by, permission).select_related("campus", "segment", "created_by")
    return only(rows, public_id, lock=lock)


def open_flow_task(public_id: UUID, *, by: Staff, lock: bool = False) -> FlowTask:
    """Return a task that a flow gave to the reader, or to her campus when she runs flows."""
    return only(FlowTask.objects.visible_to(by).select_related("staff"), public_id, lock=lock)


def open_promotion(public_id: UUID, *, by: Staff, lock: bool = False) -> Promotion:
    return only(Promotion.objects.visible_to(by).select_related("campus", "created_by"), public_id, lock=lock)


def open_coupon(public_id: UUID, *, by: Staff) -> Coupon:
    """Return a coupon of somebody whom the reader may serve."""
    return only(Coupon.objects.visible_to(by).with_people(), public_id)


def open_referral(public_id: UUID, *, by: Staff, lock: bool = False) -> Referral:
    """Return a referral for whoever serves members of the whole campus; nobody looks into her own."""
    if by.scope_of(Permission.MEMBER_WRITE) not in {Scope.CAMPUS, Scope.GROUP}:
        raise NotFound
    rows = Referral.objects.visible_to(by, Permission.MEMBER_WRITE).with_people()
    return only(rows, public_id, lock=lock)


def open_partner(public_id: UUID, *, by: Staff, permission: Permission = Permission.PARTNER_VIEW) -> Partner:
    """Return a partner of the reader's campus, or of the group."""
    rows = Partner.objects.visible_to(by, permission)
    return only(rows.select_related("campus", "party", "created_by", "ended_by"), public_id)


def open_agreement(
    public_id: UUID, *, by: Staff, permission: Permission = Permission.PARTNER_SETTLE
) -> PartnerAgreement:
    """Return an agreement of a partner within reach."""
    mine = Partner.objects.visible_to(by, permission).order_by().values("pk")
    return only(PartnerAgreement.objects.filter(partner__in=mine).select_related("partner"), public_id)


def open_statement(
    public_id: UUID, *, by: Staff, permission: Permission = Permission.PARTNER_SETTLE
) -> Statement:
    """Return a statement of a partner within reach."""
    mine = Partner.objects.visible_to(by, permission).order_by().values("pk")
    rows = Statement.objects.filter(partner__in=mine)
    return only(rows.select_related("partner__campus", "proposed_by", "decided_by", "paid_by"), public_id)
