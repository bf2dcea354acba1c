#!/usr/bin/env python
"""Run the management commands of Sage."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sage.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        if sys.argv[1:2] == ["up"]:  # it needs no models, and starts a second sooner without loading them
            from sage.management.commands.up import Command

            Command().run_from_argv(sys.argv)
        else:
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # show the message to the operator without a traceback
        sys.exit(str(error))


if __name__ == "__main__":
    main()
