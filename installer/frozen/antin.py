"""The script that PyInstaller makes ``antin`` from; on Linux the tokens' child is this program under another name."""

import sys

from app.cli import frozen


def main() -> int:
    """Run the tokens' child where the program was started by its name, else the command line."""
    if sys.argv[0].rpartition("/")[2] != "antin-token-host":
        return frozen.main()
    from pkcs11_bridge.host.server import main as answer

    frozen.give_back_library_path()
    return answer(sys.argv[1:])


sys.exit(main())
