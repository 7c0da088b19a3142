"""What the web server runs."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimei.config.settings")
application = get_wsgi_application()

WARM_AFTER_SECONDS = 3.0
"""The first answers after a start have the processor to themselves."""


def warm() -> threading.Timer:
    """Open the dictionary of names beside the first pages: a long label would wait a second for it."""
    from yimei.privacy.rules.pii.lexicon import lexicon

    timer = threading.Timer(WARM_AFTER_SECONDS, lexicon)
    timer.daemon = True
    timer.start()
    return timer


warm()
