"""What the web server opens by itself after a start."""

import importlib
import threading

from yimei.privacy.rules.pii import lexicon


def test_the_dictionary_of_names_is_opened_before_the_first_page_asks_for_it() -> None:
    started = set(threading.enumerate())
    wsgi = importlib.reload(importlib.import_module("yimei.config.wsgi"))
    timers = [one for one in set(threading.enumerate()) - started if isinstance(one, threading.Timer)]
    assert lexicon.lexicon in {one.function for one in timers}
    assert all(one.daemon and one.interval == wsgi.WARM_AFTER_SECONDS for one in timers)
    for one in timers:
        one.cancel()
    lexicon._read.cache_clear()
    timers[0].function()
    assert lexicon._read.cache_info().currsize == 1
