"""Which machine a name leads to, and whether it may be asked."""

import ipaddress
import socket
from collections.abc import Collection

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken


def address_of(host: str, port: int, allowed: Collection[str]) -> str:
    """Return the address to connect to: looked up once, so that it cannot change behind the check.

    A domain lets nobody into the house: only a host that is named whole may lie on a private network, and
    only a loopback address that is named itself may be asked.
    """
    name = host.strip().lower().rstrip(".")
    is_named = name in allowed
    if not is_named and not any(one.startswith(".") and name.endswith(one) for one in allowed):
        said = _("「%(host)s」不在管理员允许的主机名单里，请让系统管理员先加上。")
        raise RuleBroken(said % {"host": name[:80]}, code="host")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise RuleBroken(_("找不到主机「%(host)s」。") % {"host": name[:80]}, code="host") from None
    addresses = [str(entry[4][0]) for entry in found]
    for text in addresses:
        if not _may(ipaddress.ip_address(text.split("%")[0]), is_named=is_named, is_literal=text == name):
            raise RuleBroken(_("「%(host)s」指向不能访问的地址。") % {"host": name[:80]}, code="host")
    return addresses[0]


def _may(address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, is_named: bool, is_literal: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    if address.is_loopback:
        return is_named and is_literal
    return is_named or address.is_global
