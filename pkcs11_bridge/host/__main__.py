from __future__ import annotations

import sys

from pkcs11_bridge.host.server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
