#!/usr/bin/env python3
import os
import sys

# The data set is named by this folder's content: leave nothing in it.
sys.dont_write_bytecode = True

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)
