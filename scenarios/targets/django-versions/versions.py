"""Prints the versions that may explain a difference between two reports, as a JSON object."""

import hashlib
import json
import platform
import sys
from importlib.metadata import distributions, version
from pathlib import Path


def app_version() -> str:
    """The application has no releases, so its content names it."""
    digest = hashlib.sha256()
    for file in sorted(Path("../django/app").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def overlays() -> dict[str, str]:
    """The releases of Django, of which a parameter chooses one."""
    folders = sorted(Path(sys.prefix, "overlays").iterdir())
    found = ((folder.name, each) for folder in folders for each in distributions(path=[str(folder)]))
    return {name: each.version for name, each in found if name.startswith(f"{each.name.lower()}-")}


packages = ["gunicorn", "psycopg", "psycopg-pool"]
print(
    json.dumps(
        {
            "python": platform.python_version(),
            "app": app_version(),
            **overlays(),
            **{name.replace("-", "_"): version(name) for name in packages},
        }
    )
)
