"""What day it is: the stored data date of a demo or frozen copy, else the real day."""

import datetime as dt

from django.db import connection
from django.utils import timezone


def today() -> dt.date:
    """Return the day every deadline, colour and form of this installation stands at."""
    with connection.cursor() as cursor:  # every request asks: a fifth of the ORM's time
        cursor.execute("SELECT data_date FROM clearance_deployment WHERE id = 1")
        row = cursor.fetchone()
    return (row and row[0]) or timezone.localdate()
