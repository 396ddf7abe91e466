"""Writing many rows, each with values of its own, by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def update_many(rows: Sequence[models.Model], fields: Sequence[str]) -> dict[int, int | None]:
    """Write `fields` of rows of one model; return primary key → `version` after it, if it has one.

    One UPDATE … FROM unnest(…): Django's bulk_update writes a CASE of as many branches as there
    are rows for each column, some forty times slower at two thousand rows. Triggers, constraints
    and history see an ordinary statement.
    """
    if not rows:
        return {}
    model = type(rows[0])
    pk: Any = model._meta.pk
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in (_plain(pk), *columns))
    names = ", ".join(["pk", *(quote(field.column) for field in columns)])
    sets = ", ".join(f"{quote(f.column)} = new.{quote(f.column)}" for f in columns)
    versioned = any(field.name == "version" for field in model._meta.fields)
    sql = (
        f"UPDATE {quote(model._meta.db_table)} AS old SET {sets}"  # noqa: S608  (names of the models)
        f" FROM unnest({arrays}) AS new ({names}) WHERE old.{quote(pk.column)} = new.pk"
        f" RETURNING old.{quote(pk.column)}, {'old.version' if versioned else 'NULL'}"
    )
    values = [
        [row.pk for row in rows],
        *(
            [f.get_db_prep_save(getattr(row, f.attname), connection=connection) for row in rows]
            for f in columns
        ),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(cursor.fetchall())


def _plain(pk: Any) -> Any:
    """The key's type without its identity."""
    return (
        models.BigIntegerField() if isinstance(pk, models.AutoField | models.BigAutoField) else pk
    )
