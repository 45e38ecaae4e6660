"""Where the command starts. Answers ``--version`` before anything is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the exit code is that of the command contract."""
    if sys.argv[1:] == ["--version"]:
        from app import __version__

        sys.stdout.write(f"antin {__version__}\n")
        return 0
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
