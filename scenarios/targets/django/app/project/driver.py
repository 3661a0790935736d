"""Which driver Django finds."""

import sys


def use_psycopg2() -> None:
    """Django takes psycopg 3 wherever it can be imported: from here on it cannot."""
    sys.modules["psycopg"] = None


def let_gevent_switch() -> None:
    """What psycogreen does: while psycopg2 waits for PostgreSQL, others of the worker run. psycopg 3
    waits in Python, where gevent has patched it already."""
    from gevent.socket import wait_read, wait_write
    from psycopg2 import extensions

    def wait(connection, timeout=None):
        while (state := connection.poll()) != extensions.POLL_OK:
            waits = {extensions.POLL_READ: wait_read, extensions.POLL_WRITE: wait_write}
            waits[state](connection.fileno(), timeout=timeout)

    extensions.set_wait_callback(wait)
