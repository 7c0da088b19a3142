import threading
import time

from yimei.core.database.sqlite.line import Line, line_for


def test_writers_are_served_in_the_order_of_asking() -> None:
    line, served = Line(), []
    assert line.acquire(1)

    def write(number: int) -> None:
        assert line.acquire(5)
        served.append(number)
        line.release()

    writers = []
    for number in range(8):
        writer = threading.Thread(target=write, args=[number])
        writer.start()
        writers.append(writer)
        while len(line._waiting) <= number:
            time.sleep(0.001)
    line.release()
    for writer in writers:
        writer.join(5)
    assert served == list(range(8))


def test_the_same_thread_passes_and_others_wait_until_it_is_wholly_done() -> None:
    line, outcome = Line(), []
    assert line.acquire(1)
    assert line.acquire(1)
    line.release()
    other = threading.Thread(target=lambda: outcome.append(line.acquire(0.01)))
    other.start()
    other.join(5)
    assert outcome == [False]
    line.release()
    other = threading.Thread(target=lambda: outcome.append(line.acquire(0.01)))
    other.start()
    other.join(5)
    assert outcome == [False, True]


def test_who_gave_up_is_not_served() -> None:
    line, outcome = Line(), []
    assert line.acquire(1)
    for _ in range(2):
        other = threading.Thread(target=lambda: outcome.append(line.acquire(0.01)))
        other.start()
        other.join(5)
    line.release()
    assert outcome == [False, False]
    assert line.acquire(0.01)


def test_one_file_has_one_line_however_it_is_written() -> None:
    assert line_for("/tmp/../tmp/a.sqlite3") is line_for("/tmp/a.sqlite3")
    assert line_for("/tmp/a.sqlite3") is not line_for("/tmp/b.sqlite3")
