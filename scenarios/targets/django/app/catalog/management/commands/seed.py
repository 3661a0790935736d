from catalog.models import Category
from django.core.management.base import BaseCommand
from django.db import connection

ROWS = 3000


class Command(BaseCommand):
    help = "Fills the catalog with the same rows every time"

    def handle(self, *args, **options):
        Category.objects.all().delete()
        Category.objects.bulk_create(
            Category(id=number, name=f"Category {number}") for number in range(1, ROWS + 1)
        )
        # Else autovacuum would come for the new rows in the middle of a trial.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE, FREEZE) catalog_category")
