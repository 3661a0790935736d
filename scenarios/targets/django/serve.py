"""Becomes the application server that the target's parameters name. Arguments: host and port.

The environments of several targets are served by it: programs are those beside this Python.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

WSGI, ASGI = "project.wsgi:application", "project.asgi:application"


def command_of(params: Mapping[str, str], host: str, port: str) -> list[str]:
    """The words that start `params["server"]`."""
    address = f"{host}:{port}"
    workers, threads = params["workers"], params["threads"]
    if params["server"] == "gunicorn":
        words = ["gunicorn", "--bind", address, "--no-control-socket", "--workers", workers]
        words += ["--worker-class", params["worker_class"], "--threads", threads]
        return words + ["--preload"] * (params["preload"] == "true") + [WSGI]
    if params["server"] == "granian":
        words = ["granian", "--interface", "wsgi", "--host", host, "--port", port]
        words += ["--workers", workers, "--blocking-threads", threads]
        return [*words, "--log-level", "warning", WSGI]
    if params["server"] == "uwsgi":
        # An application of its own in each worker, as the other servers have it.
        words = ["uwsgi", "--http-socket", address, "--master", "--lazy-apps", "--need-app"]
        words += ["--processes", workers, "--threads", threads, "--die-on-term"]
        return [*words, "--disable-logging", "--worker-reload-mercy", "2", "--module", WSGI]
    if params["server"] == "uvicorn":
        words = ["uvicorn", "--host", host, "--port", port, "--workers", workers]
        words += ["--no-access-log", "--log-level", "warning"]
        return [*words, "--timeout-graceful-shutdown", "3", ASGI]
    words = ["hypercorn", "--bind", address, "--workers", workers, "--graceful-timeout", "3"]
    return [*words, "--log-level", "warning", ASGI]


def main() -> None:
    prefix = "POOLBENCH_"
    given = {name.removeprefix(prefix).lower(): value for name, value in os.environ.items() if name.startswith(prefix)}
    # Not every target has these two parameters.
    words = command_of({"server": "gunicorn", "preload": "false"} | given, *sys.argv[1:])
    os.execv(Path(sys.executable).parent / words[0], words)


if __name__ == "__main__":
    main()
