"""Ask many questions of the database in one statement.

A page that shows one thing from every side (a household's file) needs a dozen QuerySets. Each is
quick; a dozen round trips are not. Here they travel as the columns of one SELECT, each a JSON
array, and come back as the model instances they would have been:

    found = together(plans=case.plans.select_related("document"), events=case.events.all())
    found["plans"][0].document.number

`select_related` and annotations work; `prefetch_related` doesn't (ask for the children as a
question of their own).
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators


def together(**questions: QuerySet[Any]) -> dict[str, list[Any]]:
    """Return the rows of each QuerySet, as model instances, in one statement.

    Raises:
        TypeError: a QuerySet of values, or one with prefetch_related.
    """
    compiled = {name: _Question(rows) for name, rows in questions.items()}
    asked = {name: each for name, each in compiled.items() if each.sql}
    if asked:
        columns = ", ".join(each.column for each in asked.values())
        params: list[Any] = [value for each in asked.values() for value in each.params]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}", params)
            for each, text in zip(asked.values(), cursor.fetchone() or (), strict=True):
                each.answer = json.loads(text, parse_float=Decimal)
    return {name: list(each.instances()) for name, each in compiled.items()}


class _Question:
    """One QuerySet on its way there and back."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        if rows._iterable_class is not ModelIterable or rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise TypeError("together() takes QuerySets of models, without prefetch_related")
        self.rows = rows
        self.compiler = rows.query.get_compiler(connection=connection)
        self.answer: list[dict[str, Any]] = []
        self.sql = ""
        self.params: Sequence[Any] = ()
        if not rows.query.is_empty():
            self.sql, self.params = self.compiler.as_sql()

    @property
    def column(self) -> str:
        """The QuerySet as one JSON array; joined tables repeat names, so columns get numbers."""
        select = self.compiler.select
        names = ", ".join(f"c{at}" for at in range(len(select)))
        # PostGIS would write geometries as GeoJSON, rounded; their text is exact.
        exact = ", ".join(
            f"c{at}::text" if _spatial(expression) else f"c{at}"
            for at, (expression, *_) in enumerate(select)
        )
        rows = f"SELECT {exact} FROM ({self.sql}) AS q({names})"  # noqa: S608 (the ORM's own SQL)
        return f"(SELECT coalesce(json_agg(row_to_json(r)), '[]')::text FROM ({rows}) AS r)"  # noqa: S608

    def instances(self) -> Iterator[Any]:
        """Build the instances as a QuerySet builds them from a cursor's rows."""
        if not self.sql:
            return
        select = self.compiler.select
        info: dict[str, Any] = self.compiler.klass_info or {}
        fields = info["select_fields"]
        names = [select[at][0].target.attname for at in fields]
        populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]  # the stubs' next Django
        for row in self.answer:
            values = [
                _value(expression, row[f"c{at}"]) for at, (expression, *_) in enumerate(select)
            ]
            chosen = values[fields[0] : fields[-1] + 1]
            instance = info["model"].from_db(connection.alias, names, chosen)
            for populator in populators:
                populator.populate(values, instance)
            for name, at in self.compiler.annotation_col_map.items():
                setattr(instance, name, values[at])
            yield instance


def _value(expression: Any, value: Any) -> Any:
    """Read a JSON value as its column's field does."""
    if value is None:
        return None
    return (
        GEOSGeometry(value) if _spatial(expression) else expression.output_field.to_python(value)
    )


def _spatial(expression: Any) -> bool:
    return isinstance(expression.output_field, BaseSpatialField)
