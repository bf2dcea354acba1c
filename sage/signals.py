"""Define the signals of the site."""

from django.dispatch import Signal

bootstrapped = Signal()  # `manage.py bootstrap` has migrated the database and collected static files
