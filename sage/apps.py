from django.apps import AppConfig


class SageConfig(AppConfig):
    name = "sage"

    def ready(self) -> None:
        """Load the Celery application. The sandbox does not start Django, so it does not load Celery."""
        from sage import celery  # noqa: F401
