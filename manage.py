#!/usr/bin/env python
"""Run the management commands of Sage."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sage.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # show the message to the operator without a traceback
        sys.exit(str(error))


if __name__ == "__main__":
    main()
