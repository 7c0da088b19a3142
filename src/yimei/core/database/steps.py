"""Walks from migration to migration without drawing half of the program anew at each step (ADR 0106)."""

from typing import Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class State(ProjectState):
    """Draws only the model that an operation makes or changes; Django draws its neighbours as well.

    Tables need no more: a neighbour keeps its columns. What moves rows (RunPython) needs models that know
    each other, and gets all of them drawn anew: the state is marked as Django marks its own short cuts.
    """

    @classmethod
    def of(cls, state: ProjectState) -> "State":
        new = cls()
        vars(new).update(vars(state))
        return new

    def clone(self) -> "State":
        return self.of(super().clone())

    def add_field(
        self, app_label: str, model_name: str, name: str, field: Any, preserve_default: Any
    ) -> None:
        """A new field changes its own table only, wherever it points to."""
        drawn = vars(self).pop("apps", None)
        super().add_field(app_label, model_name, name, field, preserve_default)
        if drawn is not None:
            vars(self)["apps"] = drawn
            self.reload_model(app_label, model_name, delay=True)

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        if "apps" not in vars(self):
            return
        is_new = model_name not in self.apps.all_models[app_label]
        if not delay and not is_new:
            super().reload_model(app_label, model_name)
            return
        self.is_delayed = True
        self._reload({(app_label, model_name)})  # type: ignore[attr-defined]


class Executor(MigrationExecutor):
    def _create_project_state(self, with_applied_migrations: bool = False) -> State:
        return State.of(super()._create_project_state(with_applied_migrations))  # type: ignore[misc]
