"""Signs a member of staff in the way the desk does, so that the session limit knows the browser."""

from django.test import Client
from django.utils import timezone

from yimei.people.actions import sessions
from yimei.people.models import Staff


def sign_in(client: Client, staff: Staff) -> Client:
    client.force_login(staff)
    key = client.session.session_key
    assert key is not None
    sessions.start(staff, session_key=key, ip="127.0.0.1", device="test", now=timezone.now())
    return client
