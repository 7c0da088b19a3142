"""Inside the process that runs what somebody else wrote: started by path, imports nothing of the program.

``inside.py MEMORY CPU`` reads pickles from its input, each with its length before it, and answers each with
(kind, found): "rows", "wide", "memory", "gone" (the file is) or "fault". It ends with its input, and when one
piece of work takes CPU seconds.
"""

import os
import pickle
import resource
import struct
import sys
from typing import Any, BinaryIO

SIZE = struct.Struct(">Q")


def main(memory: int, patience: int) -> None:
    into, out = sys.stdin.buffer, sys.stdout.buffer
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    while work := _received(into):
        spent = resource.getrusage(resource.RUSAGE_SELF)
        until = int(spent.ru_utime + spent.ru_stime) + patience
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        sent = pickle.dumps(_done(work))
        out.write(SIZE.pack(len(sent)) + sent)
        out.flush()


def _received(into: BinaryIO) -> dict[str, Any] | None:
    head = into.read(SIZE.size)
    return pickle.loads(into.read(SIZE.unpack(head)[0])) if len(head) == SIZE.size else None


def _done(work: dict[str, Any]) -> tuple[str, Any]:
    import duckdb

    try:
        con = _opened(work)
    except duckdb.IOException as fault:
        return "gone", str(fault)
    try:
        con.execute(work["sql"])
        rows = con.fetchmany(work["limit"] + 1)
        columns = tuple(column[0] for column in con.description or ())
    except (MemoryError, duckdb.OutOfMemoryException):
        return "memory", ""
    except duckdb.Error as fault:
        return "fault", str(fault)[:2000]
    finally:
        con.close()
    spent = sum(len(name) for name in columns)
    for row in rows:
        spent += sum(len(str(value)) for value in row if not isinstance(value, int | float))
        if spent > work["letters"]:
            return "wide", ""
    return "rows", (columns, rows)


def _opened(work: dict[str, Any]) -> Any:
    import duckdb

    if "path" in work:
        return duckdb.connect(work["path"], read_only=True, config=work["config"])
    import pyarrow as pa

    con = duckdb.connect(config={"memory_limit": work["config"]["memory_limit"], "threads": "1"})
    con.register("told", pa.table({name: pa.array(values) for name, values in work["told"].items()}))
    con.execute("SET enable_external_access = false")
    return con


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
