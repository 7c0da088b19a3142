from collections.abc import Iterator

import pytest

from yimei.audit import context


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    yield
    context.clear()


def test_a_session_is_kept_as_a_hash_only() -> None:
    context.set_request(session="secret-session-key", ip="10.0.0.7", device="iPad 前台")
    origin = context.current()
    assert (origin.ip, origin.device, len(origin.session)) == ("10.0.0.7", "iPad 前台", 32)
    assert "secret" not in origin.session
    context.set_request(session="secret-session-key")
    assert context.current() == context.Origin(session=origin.session)


def test_outside_a_request_there_is_no_origin() -> None:
    context.set_request(ip="10.0.0.7", session=None, device="x" * 500)
    assert len(context.current().device) == 200
    context.clear()
    assert context.current() == context.Origin()
