#!/usr/bin/env python3
"""Run a command of the project: ./manage.py help"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def use_project_python() -> None:
    """Run again with the Python of .venv, so that the command works without activating it."""
    python = HERE / ".venv/bin/python"
    if sys.prefix == sys.base_prefix and python.exists():
        os.execv(python, [str(python), __file__, *sys.argv[1:]])  # noqa: S606  (no shell wanted)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit("Chưa cài đặt: hãy chạy bin/setup trước.")
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        from gpmb.trouble import in_words

        said = None if "--traceback" in sys.argv else in_words(error)
        if said is None:
            raise
        sys.exit(f"✗ {said}")


if __name__ == "__main__":
    use_project_python()
    main()
