"""The application, with two things added that cost the same at every endpoint: the header that
tells gunicorn's workers apart, and the CPU time which the parameter burn_us asks for."""

import atexit
import os
import time

from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

BURN_NS = 1000 * int(os.environ.get("POOLBENCH_BURN_US", "0"))
django_application = get_wsgi_application()
# While the pool's threads still run: once Python ends, the pool waits 5 s for each of them in vain.
atexit.register(connection.close_pool)


def burn_cpu() -> None:
    """CPU time of this thread, not wall time: a loaded machine makes it no smaller."""
    end = time.thread_time_ns() + BURN_NS
    while time.thread_time_ns() < end:
        pass


def application(environ, start_response):
    def start_response_with_worker(status, headers, exc_info=None):
        headers.append(("X-Poolbench-Worker", str(os.getpid())))
        return start_response(status, headers, exc_info)

    if BURN_NS:
        burn_cpu()
    return django_application(environ, start_response_with_worker)
