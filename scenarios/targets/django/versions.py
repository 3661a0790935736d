"""Prints the versions that may explain a difference between two reports, as a JSON object."""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

from psycopg import pq


def libpq_version() -> str:
    number = pq.version()
    return f"{number // 10000}.{number % 10000}"


def app_version() -> str:
    """The application has no releases, so its content names it."""
    digest = hashlib.sha256()
    for file in sorted(Path("app").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


packages = [
    "django",
    "psycopg",
    "psycopg-pool",
    "psycopg2-binary",
    "django-db-connection-pool",
    "django-db-geventpool",
    "django-pg-real-pool",
    "gunicorn",
    "gevent",
    "granian",
    "pyuwsgi",
    "uvicorn",
    "hypercorn",
]
print(
    json.dumps(
        {
            "python": platform.python_version(),
            "libpq": libpq_version(),
            "psycopg_implementation": pq.__impl__,
            "app": app_version(),
            **{name.replace("-", "_"): version(name) for name in packages},
        }
    )
)
