from catalog import views
from django.urls import path

urlpatterns = [
    path("", views.query),
    path("no-db", views.no_db),
    path("echo", views.echo),
]
