"""What each role may do: edited as a whole, and asked about when an update brings new permissions."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.people.access import need
from yimei.people.models import Grant, PermissionOffer, Role, Staff
from yimei.people.queries import open_role, suggested_for
from yimei.people.roles import SEED_GRANTS, Permission, Scope
from yimei.people.rules.duties_apart import held_together

Grants = Mapping[Permission, Scope]


@transaction.atomic
def change(role_code: str, grants: Grants, *, seen: str, by: Staff, now: datetime) -> Role:
    """Give a role exactly these permissions; ``seen`` is the state that the writer had before her."""
    _need_group(by)
    role = open_role(role_code, lock=True)
    if role.pk == by.role_id:
        raise RuleBroken(_("不能修改自己所属角色的权限，请由另一位管理员办理。"))
    if role.fingerprint != seen:
        raise Conflict(_("这个角色刚被别人改过，请核对现在的权限后再保存。"), code="changed")
    _refuse_held_together(grants)
    before = role.scopes
    changed = {one: grants.get(one) for one in Permission if grants.get(one) != before.get(one)}
    for permission, scope in changed.items():
        _set(role, permission, scope)
        detail = {"role": role.code, "permission": permission.value, "scope": scope or ""}
        log.record("people.role.grant", at=now, by=by, detail=detail)
    return open_role(role_code)


@transaction.atomic
def create(*, name: str, like: str, by: Staff, now: datetime) -> Role:
    """Make a role of the hospital's own that begins with what another may do."""
    _need_group(by)
    title = name.strip()
    if not title or Role.objects.filter(name=title).exists():
        raise RuleBroken(_("请填写名称，不能与已有的角色相同。"), code="name")
    model = open_role(like)
    role = Role.objects.create(code=_free_code(), name=title, needs_totp=model.needs_totp)
    Grant.objects.bulk_create(
        Grant(role=role, permission=one, scope=scope) for one, scope in model.scopes.items()
    )
    log.record("people.role.create", at=now, by=by, detail={"role": role.code, "like": model.code})
    return role


@transaction.atomic
def offer_new(*, now: datetime) -> int:
    """Put down each permission that this hospital has not met; return how many wait for an answer.

    In a new hospital the seeded roles have them all. Where roles have stood before, what some role holds
    already was given by somebody; the rest is a question for the administrator.
    """
    known = set(PermissionOffer.objects.values_list("permission", flat=True))
    granted = set(Grant.objects.values_list("permission", flat=True)) if not known else set()
    fresh = [one for one in Permission if one.value not in known]
    PermissionOffer.objects.bulk_create(
        PermissionOffer(permission=one, at=now, answered_at=now if one.value in granted else None)
        for one in fresh
    )
    return len([one for one in fresh if one.value not in granted])


@transaction.atomic
def answer(permission: str, *, accept: bool, by: Staff, now: datetime) -> list[Role]:
    """Give a new permission to the roles it ships for, or to none; return the roles that got it.

    Nobody raises her own role alone: for that one the offer stays open until somebody else confirms it.
    """
    _need_group(by)
    offer = _open_offer(permission)
    if offer.waits_for_id is not None:
        raise Conflict(_("这项新权限已经有人处理过。"), code="answered")
    suggested = suggested_for(Permission(permission)) if accept else []
    given = [_give(role, permission, scope) for role, scope in suggested if role.pk != by.role_id]
    if any(role.pk == by.role_id for role, _scope in suggested):
        offer.waits_for, offer.asked_by = by.role, by
    else:
        offer.answered_at, offer.answered_by = now, by
    offer.save(update_fields=["waits_for", "asked_by", "answered_at", "answered_by"])
    detail = {"permission": permission, "accepted": accept, "roles": [role.code for role in given]}
    log.record("people.role.offer", at=now, by=by, detail=detail)
    return given


@transaction.atomic
def confirm(permission: str, *, accept: bool, by: Staff, now: datetime) -> bool:
    """Give an administrator's own role what she asked for, or not: another person decides.

    That person is another administrator or one who reads the audit log (GB/T 22239-2019 8.1.5: the three
    powers watch one another).
    """
    if Scope.GROUP not in {by.scope_of(Permission.STAFF_WRITE), by.scope_of(Permission.AUDIT_VIEW)}:
        raise NotFound
    offer = _open_offer(permission)
    if offer.waits_for is None or offer.asked_by is None:
        raise NotFound
    if offer.asked_by_id == by.pk:
        raise RuleBroken(_("给自己所属的角色增加权限，须由另一位管理员或审计人员确认。"), code="own")
    if accept:
        scopes = {role.pk: scope for role, scope in suggested_for(Permission(permission))}
        _give(offer.waits_for, permission, scopes[offer.waits_for.pk])
    offer.answered_at, offer.answered_by = now, by
    offer.save(update_fields=["answered_at", "answered_by"])
    detail = {"permission": permission, "accepted": accept, "roles": [offer.waits_for.code]}
    log.record("people.role.confirm", at=now, by=by, detail=detail)
    return accept


def _open_offer(permission: str) -> PermissionOffer:
    offer = PermissionOffer.objects.select_for_update(of=("self",)).filter(permission=permission).first()
    if offer is None:
        raise NotFound
    if offer.answered_at is not None:
        raise Conflict(_("这项新权限已经有人处理过。"), code="answered")
    return offer


def _give(role: Role, permission: str, scope: Scope) -> Role:
    _refuse_held_together({**role.scopes, Permission(permission): scope})
    _set(role, Permission(permission), scope)
    return role


def _set(role: Role, permission: Permission, scope: Scope | None) -> None:
    if scope is None:
        Grant.objects.filter(role=role, permission=permission).delete()
    else:
        Grant.objects.update_or_create(role=role, permission=permission, defaults={"scope": scope})


def _refuse_held_together(grants: Grants) -> None:
    missing = held_together(grants.keys())
    if missing:
        raise RuleBroken(_("这些权限不能放在同一个角色里。"), missing=missing, code="apart")


def _need_group(by: Staff) -> None:
    """A role holds on every campus, so only who looks after all of them changes it."""
    if need(by, Permission.STAFF_WRITE) != Scope.GROUP:
        raise NotFound


def _free_code() -> str:
    taken = set(Role.objects.values_list("code", flat=True)) | {str(code) for code in SEED_GRANTS}
    return next(code for number in range(1, 10_000) if (code := f"own-{number}") not in taken)
