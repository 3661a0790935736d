"""DATABASES["default"] from libpq's variables and the target's parameters."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def conn_max_age_from(text: str) -> int | None:
    """CONN_MAX_AGE; TOML has no null, so the word forever stands for Django's None."""
    if text == "forever":
        return None
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(
            f'conn_max_age is a number or "forever", not "{text}"'
        ) from None


def database_from(environment: Mapping[str, str]) -> dict[str, Any]:
    """A host that begins with "/" is a socket folder. The further settings win and are not
    checked: a misspelt key reaches Django as it would from a user's settings."""

    def param(name: str, default: Any) -> Any:
        return json.loads(environment.get(f"POOLBENCH_{name}", json.dumps(default)))

    further = param("DATABASE_SETTINGS", {})
    options = further.pop("OPTIONS", {})
    pool = param("POOL", False)
    if pool is not False:
        options = {"pool": pool, **options}
    if param("PREPARED_STATEMENTS", False):
        options = {"server_side_binding": True, "prepare_threshold": 0, **options}
    return {
        "ENGINE": environment.get("POOLBENCH_ENGINE", "django.db.backends.postgresql"),
        "NAME": environment.get("PGDATABASE", "postgres"),
        "USER": environment.get("PGUSER", ""),
        "PASSWORD": environment.get("PGPASSWORD", ""),
        "HOST": environment.get("PGHOST", ""),
        "PORT": environment.get("PGPORT", ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": conn_max_age_from(environment.get("POOLBENCH_CONN_MAX_AGE", "0")),
        "CONN_HEALTH_CHECKS": param("CONN_HEALTH_CHECKS", False),
        **further,
    }
