"""Triggers that guard facts whichever door a write comes through: page, import, admin, shell."""

import pgtrigger
import pgtrigger.compiler
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class _NotYetCounted(pgtrigger.AnyChange):
    """Any change, but by a statement that counts `version` up itself (`gpmb.many`): the row comes
    out the same, and thousands of rows are spared the call."""

    def resolve(self, model: type[models.Model]) -> str:
        return f"NEW.version IS DISTINCT FROM OLD.version + 1 AND ({super().resolve(model)})"


def bump_version(*generated: str) -> pgtrigger.Trigger:
    """`version` grows with every change of a row, so that a second editor is noticed.

    `generated` names the stored generated columns: a condition before the write can't read them.
    """
    return pgtrigger.Trigger(
        name="bump_version",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=_NotYetCounted(exclude=list(generated)),
        func="NEW.version := OLD.version + 1; RETURN NEW;",
    )


def touch_projects(select_changed: str) -> tuple[pgtrigger.Trigger, ...]:
    """Raise the data version of the projects a statement touched: tiles and caches key on it.

    `select_changed` is an SQL SELECT of project ids from `{rows}`, the statement's rows.
    """
    triggers = []
    for operation, tables in (
        (pgtrigger.Insert, ("new_values",)),
        (pgtrigger.Update, ("old_values", "new_values")),
        (pgtrigger.Delete, ("old_values",)),
    ):
        changed = " UNION ".join(select_changed.format(rows=table) for table in tables)
        triggers.append(
            pgtrigger.Trigger(
                name=f"touch_project_{str(operation).lower()}",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=operation,
                referencing=pgtrigger.Referencing(
                    old="old_values" if "old_values" in tables else None,
                    new="new_values" if "new_values" in tables else None,
                ),
                declare=[("touched", "bigint[]")],
                # Rows are locked in id order: two transactions can't wait for each other.
                func=f"""
                    touched := ARRAY(SELECT DISTINCT id FROM ({changed}) AS changed (id));
                    PERFORM 1 FROM clearance_projectversion
                     WHERE project_id = ANY(touched) ORDER BY project_id FOR UPDATE;
                    UPDATE clearance_projectversion SET number = number + 1
                     WHERE project_id = ANY(touched);
                    RETURN NULL;
                """,  # noqa: S608  (constant SQL of the models, no value from outside)
            )
        )
    return tuple(triggers)


def append_only() -> pgtrigger.Trigger:
    """Rows are added and never changed: what was known on a day stays known."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def sums_up(
    *,
    whole: str,
    stated: str,
    part: str,
    counted: str,
    link: str,
    message: str,
    empty_is_fine: bool,
) -> tuple[tuple[pgtrigger.Trigger, ...], tuple[pgtrigger.Trigger, ...]]:
    """Return (triggers of the whole, triggers of the part): at commit the parts sum to the whole.

    `part.link` refers to `whole.id`. With `empty_is_fine` a whole without parts says nothing yet.

    A statement that writes parts sums them up once for all its wholes. Most are right at once and
    are done with; the stated value of the others is written again as it is, which has the whole's
    own trigger ask a last time at commit.
    """
    unless_empty = "total IS NOT NULL AND" if empty_is_fine else ""
    links = f"SELECT {link} FROM {{}}"  # noqa: S608  (constants, as below)
    of_whole = pgtrigger.Trigger(
        name="sums_up",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        # A whole that may be empty is right when it is new: its parts come after and are asked.
        operation=pgtrigger.UpdateOf(stated)
        if empty_is_fine
        else pgtrigger.Insert | pgtrigger.UpdateOf(stated),
        timing=pgtrigger.Deferred,
        declare=[("wanted", "numeric"), ("total", "numeric")],
        func=f"""
            SELECT {stated}, (SELECT sum({counted}) FROM {part} WHERE {link} = NEW.id)
              INTO wanted, total FROM {whole} WHERE id = NEW.id;
            IF wanted IS NOT NULL AND {unless_empty} coalesce(total, 0) <> wanted THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{message}',
                    DETAIL = format('%s: %s <> %s', NEW.id, wanted, coalesce(total, 0));
            END IF;
            RETURN NULL;
        """,  # noqa: S608  (constant SQL of the models, no value from outside)
    )
    return (of_whole,), tuple(
        pgtrigger.Trigger(
            name=f"sums_up_{str(operation).lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(
                old="old_values" if "old_values" in tables else None,
                new="new_values" if "new_values" in tables else None,
            ),
            declare=[("unsettled", "bigint[]")],
            func=f"""
                -- Planned for each statement anew: one row and 200.000 want different ways.
                EXECUTE $sums$
                    SELECT array_agg(w.id ORDER BY w.id)
                      FROM {whole} w
                      LEFT JOIN (SELECT {link} AS id, sum({counted}) AS total FROM {part}
                                  WHERE {link} IN ({" UNION ".join(map(links.format, tables))})
                                  GROUP BY {link}) AS summed USING (id)
                     WHERE w.id IN ({" UNION ".join(map(links.format, tables))})
                       AND {unless_empty} coalesce(total, 0) <> w.{stated}
                $sums$ INTO unsettled;
                IF unsettled IS NOT NULL THEN
                    UPDATE {whole} SET {stated} = {stated} WHERE id = ANY(unsettled);
                END IF;
                RETURN NULL;
            """,  # noqa: S608  (constant SQL of the models, no value from outside)
        )
        for operation, tables in (
            (pgtrigger.Insert, ("new_values",)),
            (pgtrigger.Update, ("old_values", "new_values")),
            (pgtrigger.Delete, ("old_values",)),
        )
    )


class InstallTriggers(Operation):
    """Write the triggers that the migration's new models state in their options.

    pgtrigger's own AddTrigger, one for each, renders every historical model again: of the minute
    and a half that a new database took, most went there. For models of the same migration only;
    a trigger that comes later is an AddTrigger, as `makemigrations` writes it.
    """

    reversible = True

    def __init__(self, models: list[str]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return type(self).__name__, [self.models], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing: the triggers came with their models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self.models:
            for trigger in to_state.models[app_label, model].options["triggers"]:
                schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self.models:
            for trigger in from_state.models[app_label, model].options["triggers"]:
                schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        return f"Install the triggers of {', '.join(self.models)}"


class ReplaceTriggers(Operation):
    """Write triggers of a model anew, under the names they have; no model is rendered for it."""

    reversible = False

    def __init__(self, model_name: str, triggers: list[pgtrigger.compiler.Trigger]) -> None:
        self.model_name, self.triggers = model_name, triggers

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return type(self).__name__, [self.model_name, self.triggers], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        options = state.models[app_label, self.model_name].options
        new = {trigger.name: trigger for trigger in self.triggers}
        options["triggers"] = [new.get(known.name, known) for known in options["triggers"]]
        state.reload_model(app_label, self.model_name, delay=True)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for trigger in self.triggers:
            schema_editor.execute(trigger.install_sql, params=None)

    def describe(self) -> str:
        return f"Replace triggers of {self.model_name}"
