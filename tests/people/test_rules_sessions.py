"""Idle and absolute limits, and the lock after failures."""

from datetime import UTC, datetime, timedelta

from yimei.people.rules import sessions as rules

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
MINUTE = timedelta(minutes=1)


def test_a_session_ends_when_it_idles() -> None:
    assert rules.is_alive(NOW, NOW, NOW + IDLE - MINUTE, IDLE, ABSOLUTE)
    assert rules.end_reason(NOW, NOW, NOW + IDLE, IDLE, ABSOLUTE) == "idle"


def test_a_session_ends_after_its_day_however_busy() -> None:
    end = NOW + ABSOLUTE
    assert rules.is_alive(NOW, end - MINUTE, end - MINUTE, IDLE, ABSOLUTE)
    assert rules.end_reason(NOW, end - MINUTE, end, IDLE, ABSOLUTE) == "absolute"


def test_the_fifth_failure_locks_for_fifteen_minutes() -> None:
    failures = [NOW - i * MINUTE for i in range(5)]
    assert rules.locked_until(failures[:4], NOW) is None
    assert rules.locked_until(failures, NOW) == NOW + rules.LOCK
    assert rules.locked_until(failures, NOW + rules.LOCK) is None


def test_five_failures_over_a_longer_time_do_not_lock() -> None:
    assert rules.locked_until([NOW - i * 4 * MINUTE for i in range(5)], NOW) is None


def test_one_failure_after_the_lock_does_not_lock_again() -> None:
    again = NOW + rules.LOCK
    assert rules.locked_until([again, *[NOW] * 5], again) is None


def test_tries_left_forget_what_is_older_than_the_window() -> None:
    assert rules.tries_left([NOW, NOW - rules.WINDOW], NOW) == 4
    assert rules.tries_left([NOW] * 9, NOW) == 0
