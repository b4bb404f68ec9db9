"""Migrations that make all tables of an app at once, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Make the tables of new models in their final shape.

    Django draws every related model anew after each step, which grows with the square of the tables: twenty seconds
    before a new city's first page. Here all steps are taken in thought, and the models are drawn once.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, steps: Sequence[Operation]) -> None:
        self.steps = steps

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Take every step in thought; what was drawn of the models before is thrown away."""
        state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make each table once, with all its columns, indexes and constraints."""
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the tables, the last made first."""
        for model in reversed([*self._models(app_label, schema_editor, from_state)]):
            schema_editor.delete_model(model)

    def describe(self) -> str:
        """One line for `migrate --plan`."""
        return f"Create {sum(isinstance(step, CreateModel) for step in self.steps)} tables"

    def _models(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> Iterator[Any]:
        for step in self.steps:
            if isinstance(step, CreateModel):
                model = state.apps.get_model(app_label, step.name)
                if self.allow_migrate_model(schema_editor.connection.alias, model):
                    yield model


def stands_for(loader: MigrationLoader) -> dict[tuple[str, str], tuple[str, str]]:
    """Return every name a database may have noted, and the migration of this version that it is a part of."""
    names = {key: key for key in loader.disk_migrations}
    for key, migration in loader.disk_migrations.items():
        names.update(dict.fromkeys(migration.replaces, key))
    return names
