"""The application for uvicorn and hypercorn."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application = get_asgi_application()

from project import worker  # noqa: E402  it needs the settings

HEADER = (worker.HEADER.lower().encode(), str(os.getpid()).encode())


async def application(scope, receive, send):
    async def send_with_worker(message):
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], HEADER]
        await send(message)

    if worker.BURN_NS:
        worker.burn_cpu()
    await django_application(scope, receive, send_with_worker)
