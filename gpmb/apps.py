from django.apps import AppConfig


class GpmbConfig(AppConfig):
    """The project itself as an app: its commands, its system checks."""

    name = "gpmb"
    label = "gpmb"
    verbose_name = "GPMB"

    def ready(self) -> None:
        from gpmb import checks  # noqa: F401  (registers the checks)
