from catalog.models import Category
from django.db import connection
from django.http import HttpRequest, JsonResponse


def query(request: HttpRequest) -> JsonResponse:
    """One small ORM query."""
    ids = Category.objects.all().order_by("-id").values_list("id", flat=True)[:1]
    return JsonResponse({"last_id": ids[0]})


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
