"""Signs a member of staff in the way the desk does, so that the session limit knows the browser."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from yimei.people.actions import sessions
from yimei.people.models import Staff


def sign_in(client: Client, staff: Staff) -> Client:
    """Leave what `force_login` leaves, written once; that makes a session, renews its key and saves it."""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: staff._meta.pk.value_to_string(staff),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: staff.get_session_auth_hash(),
        }
    )
    session.create()
    key = session.session_key
    assert key is not None
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    sessions.start(staff, session_key=key, ip="127.0.0.1", device="test", now=timezone.now())
    return client
