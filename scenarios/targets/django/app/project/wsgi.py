"""The application for gunicorn, granian and uWSGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application = get_wsgi_application()

from project import worker  # noqa: E402  it needs the settings

if os.environ.get("POOLBENCH_PRELOAD") == "true":
    # A query while the module is imported, as an application makes that reads its settings from a
    # table: with gunicorn's --preload this is before the fork.
    from catalog.models import Category

    Category.objects.first()


def application(environ, start_response):
    def start_response_with_worker(status, headers, exc_info=None):
        headers.append((worker.HEADER, str(os.getpid())))
        return start_response(status, headers, exc_info)

    if worker.BURN_NS:
        worker.burn_cpu()
    return django_application(environ, start_response_with_worker)
