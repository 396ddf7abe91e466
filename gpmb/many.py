"""Writing many rows, each with values of its own or many with the same, by one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connections, models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


def update_many(rows: Sequence[models.Model], fields: Sequence[str]) -> dict[int, int | None]:
    """Write `fields` of rows of one model; return primary key → `version` after it, if it has one.

    One UPDATE … FROM unnest(…): Django's bulk_update writes a CASE of as many branches as there
    are rows for each column, some forty times slower at two thousand rows. Triggers, constraints
    and history see an ordinary statement.
    """
    if not rows:
        return {}
    columns: list[Any] = [type(rows[0])._meta.get_field(name) for name in fields]
    if any(isinstance(column, models.JSONField) for column in columns):
        return _update_by_json(rows, columns)
    if any(_is_shape(column) for column in columns):  # no two are alike, and each is long to hash
        return update_alike([(row, [row.pk]) for row in rows], fields)
    value = attrgetter(*(column.attname for column in columns))
    groups: dict[Hashable, tuple[models.Model, list[int]]] = {}
    for row in rows:
        groups.setdefault(value(row), (row, []))[1].append(row.pk)
    return update_alike(list(groups.values()), fields)


def _update_by_json(rows: Sequence[models.Model], columns: Sequence[Any]) -> dict[int, int | None]:
    """As `update_alike`, each row with values of its own: they travel as one JSON text."""
    base = connections[DEFAULT_DB_ALIAS]
    meta = type(rows[0])._meta
    key: Any = meta.pk
    quote = base.ops.quote_name
    types = [f"{quote(f.column)} {f.db_type(base)}" for f in columns]
    versioned = _versioned(meta.model)
    values = [
        {"pk": row.pk} | {f.column: f.get_prep_value(getattr(row, f.attname)) for f in columns}
        for row in rows
    ]
    sql = (
        f"UPDATE {quote(meta.db_table)} AS old"  # noqa: S608  (names of the models)
        f" SET {_sets(columns, versioned=versioned)}"
        f" FROM json_to_recordset(%s::json) AS new (pk bigint, {', '.join(types)})"
        f" WHERE old.{quote(key.column)} = new.pk"
        f" RETURNING new.pk, {'old.version' if versioned else 'NULL'}"
    )
    with base.cursor() as cursor:
        cursor.execute(sql, [json.dumps(values, cls=DjangoJSONEncoder)])
        return dict(cursor.fetchall())


def insert_from(
    model: type[models.Model], fields: Sequence[str], rows: models.QuerySet[Any, Any]
) -> int:
    """Insert a row for each of `rows`, whose columns are `fields`; return how many.

    They don't come out of the database; the other columns take their `db_default`.
    """
    base = connections[DEFAULT_DB_ALIAS]
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    names = ", ".join(base.ops.quote_name(column.column) for column in columns)
    table = base.ops.quote_name(model._meta.db_table)
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:  # a filter that nothing passes
        return 0
    with base.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {sql}", values)
        return int(cursor.rowcount)


class _AnyOf(models.Value):
    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        return "ANY(%s::bigint[])", (self.value,)


def among(keys: Collection[int]) -> models.Value:
    """What a key equals when it is one of these: `filter(pk=among(keys))`.

    One parameter, however many they are, and the planner knows how many.
    """
    return _AnyOf(array(keys))


def array(keys: Iterable[int | None]) -> str:
    """Whole numbers as PostgreSQL writes an array: the driver takes ten times as long."""
    return "{" + ",".join(["NULL" if key is None else str(key) for key in keys]) + "}"


def update_alike(
    groups: Sequence[tuple[models.Model, Sequence[int]]], fields: Sequence[str]
) -> dict[int, int | None]:
    """Write `fields` of each row to all the primary keys beside it; return as `update_many` does.

    The values of a group are sent once, however many rows take them.
    """
    if not groups:
        return {}
    base = connections[DEFAULT_DB_ALIAS]  # the proxy `connection` costs more than a value does
    model = type(groups[0][0])
    pk: Any = model._meta.pk
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    quote = base.ops.quote_name
    arrays = ", ".join(f"%s::{_sent_as(field, base)}[]" for field in columns)
    names = ", ".join(quote(field.column) for field in columns)
    versioned = _versioned(model)
    sql = (
        f"UPDATE {quote(model._meta.db_table)} AS old"  # noqa: S608  (names of the models)
        f" SET {_sets(columns, versioned=versioned)}"
        f" FROM unnest(%s::{_plain(pk).db_type(base)}[], %s::int[]) AS target (pk, nth)"
        f" JOIN unnest({arrays}) WITH ORDINALITY AS new ({names}, nth) USING (nth)"
        f" WHERE old.{quote(pk.column)} = target.pk"
        f" RETURNING old.{quote(pk.column)}, {'old.version' if versioned else 'NULL'}"
    )
    values: list[Any] = [
        array([key for _, keys in groups for key in keys]),
        array([nth for nth, (_, keys) in enumerate(groups, 1) for _ in keys]),
        *([_sent(f, getattr(row, f.attname), base) for row, _ in groups] for f in columns),
    ]
    with base.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(cursor.fetchall())


def _versioned(model: type[models.Model]) -> bool:
    return any(field.name == "version" for field in model._meta.fields)


def _sets(columns: Sequence[Any], *, versioned: bool) -> str:
    """What an UPDATE of `old` by `new` sets; a row that comes out another counts its version.

    `bump_version` would count it as well, by a call for each row.
    """
    base = connections[DEFAULT_DB_ALIAS]
    values = {
        name: f"new.{name}::{field.db_type(base)}" if _is_shape(field) else f"new.{name}"
        for field in columns
        if (name := base.ops.quote_name(field.column))
    }
    sets = [f"{name} = {value}" for name, value in values.items()]
    if versioned:
        changed = " OR ".join(f"old.{n} IS DISTINCT FROM {value}" for n, value in values.items())
        sets.append(f"version = old.version + ({changed})::int")
    return ", ".join(sets)


def _is_shape(field: Any) -> bool:
    return isinstance(field, GeometryField)


def _sent_as(field: Any, base: Any) -> str:
    """The type a column's values travel as: shapes as the text of their EWKB, since an array of
    geometries has a separator of its own."""
    return "text" if _is_shape(field) else str(field.db_type(base))


def _sent(field: Any, value: Any, base: Any) -> Any:
    if _is_shape(field):
        return value.hexewkb.decode() if value is not None else None
    return field.get_db_prep_save(value, connection=base)


def _plain(pk: Any) -> Any:
    """The key's type without its identity."""
    return (
        models.BigIntegerField() if isinstance(pk, models.AutoField | models.BigAutoField) else pk
    )
