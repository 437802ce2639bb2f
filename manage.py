#!/usr/bin/env python
"""Django's command line for the portal."""

import gc
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    # Commands make many rows and few cycles: a fifth of a large import went to looking for them.
    gc.set_threshold(50_000, 20, 100)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
