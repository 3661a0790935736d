import json

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_protect


def city(request, number):
    with connection.cursor() as cursor:
        cursor.execute("select id, name from city where id = %s", [number])
        row = cursor.fetchone()
    return JsonResponse({"id": row[0], "name": row[1]})


@login_required
@csrf_protect
def orders(request):
    given = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into orders (city, note) values (%s, %s)", [given["city"], given["note"]]
        )
    return JsonResponse({"note": given["note"]}, status=201)


urlpatterns = [
    path("city/<int:number>", city),
    path("orders", orders),
    path("admin/", admin.site.urls),
]
