import json
import os
import time

from catalog.access import COOKIE, token_for, user_of
from catalog.models import Category, City, Order
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


QUERY_MS = int(os.environ.get("POOLBENCH_QUERY_MS", "0"))
OUTSIDE_MS = int(os.environ.get("POOLBENCH_OUTSIDE_MS", "0"))


def query(request: HttpRequest) -> JsonResponse:
    """One small ORM query."""
    ids = Category.objects.all().order_by("-id").values_list("id", flat=True)[:1]
    return JsonResponse({"last_id": ids[0]})


async def async_query(request: HttpRequest) -> JsonResponse:
    """The same query from an asynchronous view."""
    ids = Category.objects.all().order_by("-id").values_list("id", flat=True)
    return JsonResponse({"last_id": await ids.afirst()})


def slow_query(request: HttpRequest) -> JsonResponse:
    """The same query, behind one for which PostgreSQL takes its time without working."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [QUERY_MS / 1000])
    return query(request)


def outside_call(request: HttpRequest) -> JsonResponse:
    """The same query, and then a call of a service elsewhere that takes its time."""
    response = query(request)
    time.sleep(OUTSIDE_MS / 1000)
    return response


def no_db(request: HttpRequest) -> JsonResponse:
    """What `query` costs without its database: an answer of the same length."""
    return JsonResponse({"last_id": None})


def echo(request: HttpRequest) -> JsonResponse:
    """The client's nonce by way of PostgreSQL: an answer from a connection that two workers share
    carries another client's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", [request.GET.get("nonce", "")])
        (nonce,) = cursor.fetchone()
    return JsonResponse({"nonce": nonce})


def city(request: HttpRequest, city_id: int) -> JsonResponse:
    """One row by its primary key."""
    found = City.objects.filter(pk=city_id).first()
    if found is None:
        return problem(404, "no such city")
    return JsonResponse({"id": found.id, "name": found.name})


# psycopg_pool leaves out what has not happened yet.
POOL_COUNTERS = ("requests_num", "requests_queued", "requests_wait_ms", "connections_num")


def pool_stats(request: HttpRequest) -> JsonResponse:
    """What this worker's pool counts; null where it has none. Asks no database."""
    pool = getattr(connection, "pool", None)
    if not hasattr(pool, "get_stats"):  # another package's
        return JsonResponse({"pool": None})
    return JsonResponse({"pool": dict.fromkeys(POOL_COUNTERS, 0) | pool.get_stats()})


# These two need no CSRF token: another site's page can send neither the header nor, since it is
# SameSite=Lax, the cookie.
@csrf_exempt
@require_POST
def log_in(request: HttpRequest) -> JsonResponse:
    sent = sent_object(request, user=str, password=str)
    if sent is None:
        return problem(400, 'expected {"user": TEXT, "password": TEXT}')
    user = authenticate(request, username=sent["user"], password=sent["password"])
    if user is None:
        return problem(401, "wrong user or password")
    token = token_for(user.get_username())
    response = JsonResponse({"access": token})
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax")
    return response


@csrf_exempt
@require_POST
def order(request: HttpRequest) -> JsonResponse:
    """Inserts a row, for who has logged in."""
    if user_of(request) is None:
        return problem(401, "log in first")
    sent = sent_object(request, city=int, note=str)
    if sent is None:
        return problem(400, 'expected {"city": NUMBER, "note": TEXT}')
    try:
        placed = Order.objects.create(city_id=sent["city"], note=sent["note"])
    except IntegrityError:
        return problem(400, "no such city")
    return JsonResponse({"id": placed.id, "note": placed.note}, status=201)


def problem(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def sent_object(request: HttpRequest, **types: type) -> dict | None:
    """The body, if it is a JSON object whose members have these types."""
    try:
        sent = json.loads(request.body)
    except ValueError:
        return None
    if not isinstance(sent, dict):
        return None
    return sent if all(type(sent.get(name)) is kind for name, kind in types.items()) else None
