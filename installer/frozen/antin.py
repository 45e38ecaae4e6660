"""The script that PyInstaller makes ``antin`` from."""

import sys

from app.cli.frozen import main

sys.exit(main())
