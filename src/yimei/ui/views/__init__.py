"""Answers that every screen shares."""

from yimei.ui.views.answers import as_file, is_phone, posted, redirect_to, toast
from yimei.ui.views.errors import bad_request, csrf_failure, not_found, permission_denied, server_error
from yimei.ui.views.showcase import kit

__all__ = [
    "as_file",
    "bad_request",
    "csrf_failure",
    "is_phone",
    "kit",
    "not_found",
    "permission_denied",
    "posted",
    "redirect_to",
    "server_error",
    "toast",
]
