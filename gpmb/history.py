"""The base of every history table: keys that don't run out."""

from django.db import models
from pghistory.models import Event


class HistoryEvent(Event):
    pgh_id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True
