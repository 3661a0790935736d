"""Prints the versions that may explain a difference between two reports, as a JSON object."""

import json
import platform
from importlib.metadata import version

from psycopg import pq


def libpq_version() -> str:
    number = pq.version()
    return f"{number // 10000}.{number % 10000}"


packages = ["django", "gunicorn", "psycopg", "psycopg-pool", "gevent"]
print(
    json.dumps(
        {
            "python": platform.python_version(),
            "libpq": libpq_version(),
            "psycopg_implementation": pq.__impl__,
            **{name.replace("-", "_"): version(name) for name in packages},
        }
    )
)
