from catalog import views
from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("", views.query),
    path("no-db", views.no_db),
    path("async", views.async_query),
    path("slow-query", views.slow_query),
    path("outside-call", views.outside_call),
    path("echo", views.echo),
    path("city/<int:city_id>", views.city),
    path("login", views.log_in),
    path("orders", views.order),
    path("pool-stats", views.pool_stats),
    path("admin/", admin.site.urls),
]
