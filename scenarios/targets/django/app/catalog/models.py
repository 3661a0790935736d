from django.db import models


class Category(models.Model):
    name = models.CharField(max_length=100)


class City(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    city = models.ForeignKey(City, models.PROTECT)
    note = models.CharField(max_length=200)
