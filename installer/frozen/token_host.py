"""The script that PyInstaller makes ``antin-token-host`` from: the process that loads a vendor's module."""

import sys

from pkcs11_bridge.host.server import main

sys.exit(main(sys.argv[1:]))
