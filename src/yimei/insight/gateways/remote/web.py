"""Fetches a published table over HTTPS: few redirects, each checked; limits of time and size."""

import http.client
import ssl
import time
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.gateways.files.sheet import LARGEST_FILE
from yimei.insight.gateways.remote.hosts import address_of

SECONDS = 60
CONNECT_SECONDS = 10
REDIRECTS = 4
PIECE = 1 << 18
LOOPBACK = ("127.0.0.1", "::1")


class _Pinned(http.client.HTTPSConnection):
    """A connection to an address that was checked, under the name by which it was asked."""

    def __init__(self, host: str, port: int, *, address: str) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=ssl.create_default_context())
        self.address = address

    def connect(self) -> None:
        import socket

        plain = socket.create_connection((self.address, self.port), CONNECT_SECONDS)
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


def fetch(url: str, *, allowed: Collection[str], seconds: float = SECONDS) -> bytes:
    """Return what a link gives; each step of it must be allowed."""
    end = time.perf_counter() + seconds
    for _step in range(REDIRECTS + 1):
        answer = _ask(url, allowed)
        if answer.status in {301, 302, 303, 307, 308}:
            url = urljoin(url, answer.headers.get("Location", ""))
            continue
        if answer.status != 200:
            said = _("链接回答 %(status)d：请确认表格已「发布到网络」，任何人都能查看。")
            raise RuleBroken(said % {"status": answer.status}, code="link")
        return _read(answer, end)
    raise RuleBroken(_("链接转来转去，没有到达表格。"), code="link")


def _ask(url: str, allowed: Collection[str]) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RuleBroken(_("链接不正确。"), code="link") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise RuleBroken(_("链接应以 https:// 开头。"), code="link")
    if parts.username or parts.password:
        raise RuleBroken(_("链接里不能写用户名和密码。"), code="link")
    port = port or (443 if parts.scheme == "https" else 80)
    address = address_of(host, port, allowed)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = _Pinned(host, port, address=address)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=CONNECT_SECONDS)
    path = parts.path or "/"
    try:
        connection.request(
            "GET", path + (f"?{parts.query}" if parts.query else ""), headers={"Host": parts.netloc}
        )
        return connection.getresponse()
    except (OSError, http.client.HTTPException):
        raise RuleBroken(_("连不上「%(host)s」，请稍后再试。") % {"host": host[:80]}, code="link") from None


def _read(answer: http.client.HTTPResponse, end: float) -> bytes:
    out = bytearray()
    try:
        while piece := answer.read(PIECE):
            out += piece
            if len(out) > LARGEST_FILE:
                most = LARGEST_FILE // 1024 // 1024
                raise RuleBroken(_("文件超过 %(most)d MB，请拆成几个文件。") % {"most": most}, code="size")
            if time.perf_counter() > end:
                raise RuleBroken(_("取数超过时限，已停止。"), code="slow")
    except (OSError, http.client.HTTPException):
        raise RuleBroken(_("取到一半断了，请再试一次。"), code="link") from None
    return bytes(out)
