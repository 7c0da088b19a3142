"""What the shell offers: rail items, commands, campuses and the bell, registered by screens at start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from yimei.people.access import may

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from yimei.people.models import Staff
    from yimei.people.roles import Permission


@dataclass(frozen=True)
class RailItem:
    """One place in the left rail."""

    section: "_StrOrPromise"
    label: "_StrOrPromise"
    icon: str
    url_name: str
    permission: "Permission | None"
    badge: "Callable[[Staff], int] | None"
    is_tab: bool


@dataclass(frozen=True)
class Command:
    """One act that Ctrl+K finds by its name or a keyword."""

    label: "_StrOrPromise"
    url_name: str
    permission: "Permission | None"
    keywords: str
    also: "Permission | None" = None
    """A second right without which the page does not exist."""


@dataclass(frozen=True)
class Campus:
    """One campus the reader may switch to."""

    public_id: UUID
    name: str
    is_current: bool


_rail: list[RailItem] = []
_commands: list[Command] = []
_campuses: "list[Callable[[Staff], Sequence[Campus]]]" = []
_notifications: "list[Callable[[Staff], int]]" = []


def rail_item(
    section: "_StrOrPromise",
    label: "_StrOrPromise",
    icon: str,
    url_name: str,
    permission: "Permission | None",
    badge: "Callable[[Staff], int] | None" = None,
    *,
    tab: bool = False,
) -> None:
    """Add a place to the rail; `tab` also offers it to the phone's bottom bar."""
    _rail.append(RailItem(section, label, icon, url_name, permission, badge, tab))


def command(
    label: "_StrOrPromise",
    url_name: str,
    permission: "Permission | None",
    keywords: str = "",
    *,
    also: "Permission | None" = None,
) -> None:
    """Add an act to Ctrl+K."""
    _commands.append(Command(label, url_name, permission, keywords, also))


def campuses(find: "Callable[[Staff], Sequence[Campus]]") -> None:
    """Name the query that lists the campuses of a staff member."""
    _campuses[:] = [find]


def notifications(count: "Callable[[Staff], int]") -> None:
    """Name the query that counts unread notifications."""
    _notifications[:] = [count]


def url_or_blank(url_name: str) -> str:
    """Return the URL, or an empty text while no screen is mounted under that name."""
    return _url(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=1024)
def _url(url_name: str, urlconf: str, _prefix: str) -> str:
    """Each page asks for the whole rail and every command."""
    try:
        return reverse(url_name, urlconf)
    except NoReverseMatch:
        return ""


def _is_open(staff: "Staff", item: RailItem | Command) -> bool:
    return item.permission is None or may(staff, item.permission)


def rail_for(staff: "Staff") -> list[RailItem]:
    return [item for item in _rail if _is_open(staff, item) and url_or_blank(item.url_name)]


def badges_for(staff: "Staff") -> dict[str, int]:
    """Return how much waits behind each place of the rail, by its address."""
    return {url_or_blank(item.url_name): item.badge(staff) for item in rail_for(staff) if item.badge}


def commands_for(staff: "Staff") -> list[Command]:
    mine = [item for item in _commands if _is_open(staff, item) and url_or_blank(item.url_name)]
    return [item for item in mine if item.also is None or may(staff, item.also)]


def campuses_for(staff: "Staff") -> Sequence[Campus]:
    return _campuses[0](staff) if _campuses else []


def unread_for(staff: "Staff") -> int:
    return _notifications[0](staff) if _notifications else 0
