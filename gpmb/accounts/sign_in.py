"""Who asks: the two questions that each request begins with, by statements written once.

The ORM takes longer to write these statements than PostgreSQL to answer them, and every page and
every tile of the map begins with both.
"""

from __future__ import annotations

from typing import Any

from allauth.account import auth_backends
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.utils import timezone

from gpmb.accounts.models import User


def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


SESSION_COLUMNS, USER_COLUMNS = _columns(Session), _columns(User)
# Our own column names, no value from outside.
SESSION_SQL = (
    f"SELECT {', '.join(SESSION_COLUMNS)} FROM django_session"  # noqa: S608
    " WHERE session_key = %s AND expire_date > %s"
)
USER_SQL = f"SELECT {', '.join(USER_COLUMNS)} FROM accounts_user WHERE id = %s"  # noqa: S608


class SessionStore(db.SessionStore):
    """Django's sessions in the database, read by one ready statement."""

    def _get_session_from_db(self) -> Session | None:
        row = _row(SESSION_SQL, self.session_key, timezone.now())
        if row is None:
            self._session_key = None
            return None
        return Session.from_db(connection.alias, SESSION_COLUMNS, row)


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    """allauth's login; the person of a session is read by one ready statement."""

    def get_user(self, user_id: int) -> User | None:
        row = _row(USER_SQL, user_id)
        if row is None:
            return None
        user = User.from_db(connection.alias, USER_COLUMNS, row)
        return user if self.user_can_authenticate(user) else None


def _row(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
