from django.apps import AppConfig


class SageConfig(AppConfig):
    name = "sage"

    def ready(self) -> None:
        """Make ours the current Celery application wherever Django runs; not earlier, for the sandbox's sake."""
        from sage import celery  # noqa: F401
