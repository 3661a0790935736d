"""What is added to the application, and costs the same at every endpoint: the header that tells a
server's workers apart, and the CPU time which the parameter burn_us asks for."""

import atexit
import os
import time

from django.db import connection

HEADER = "X-Poolbench-Worker"
BURN_NS = 1000 * int(os.environ.get("POOLBENCH_BURN_US", "0"))

# While the pool's threads still run: once Python ends, the pool waits 5 s for each of them in vain.
if hasattr(connection, "close_pool"):
    atexit.register(connection.close_pool)


def burn_cpu() -> None:
    """CPU time of this thread, not wall time: a loaded machine makes it no smaller."""
    end = time.thread_time_ns() + BURN_NS
    while time.thread_time_ns() < end:
        pass
