from catalog.models import Category, City
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import connection

CATEGORIES = 3000
CITIES = 1000


class Command(BaseCommand):
    help = "Fills the catalog with the same rows every time"

    def handle(self, *args, **options):
        Category.objects.bulk_create(
            Category(id=number, name=f"Category {number}") for number in range(1, CATEGORIES + 1)
        )
        City.objects.bulk_create(
            City(id=number, name=f"City {number}") for number in range(1, CITIES + 1)
        )
        User.objects.create(
            username="bench",
            password=make_password("bench", salt="poolbenchPoolbenchPool"),
            is_staff=True,
            is_superuser=True,
        )
        # Else autovacuum would come for the new rows in the middle of a trial.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE, FREEZE) catalog_category, catalog_city, auth_user")
