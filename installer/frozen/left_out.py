"""What of the libraries does not go into the package, and why. Read by ``antin.spec``."""

from __future__ import annotations

import re
import sys
from typing import Final

#: Modules that a library names but no path of the program reaches.
MODULES: Final = [
    # pyHanko imports its network client, which is not used here (app/trust/exchange.py asks servers); its quicker
    # halves in C are not needed for that.
    "aiohttp._http_parser",
    "aiohttp._http_writer",
    "aiohttp._websocket.mask",
    "aiohttp._websocket.reader_c",
    "frozenlist._frozenlist",
    "multidict._multidict",
    "propcache._helpers_c",
    "yarl._quoting_c",
    # Building and installing Python packages.
    "setuptools",
    "distutils",
    "pkg_resources",
    "pip",
    # Development, documentation, terminals, other windows.
    "IPython",
    "chardet",
    "curses",
    "idlelib",
    "lib2to3",
    "markdown_it",
    "numpy",
    "pycparser",
    "pydoc",
    "pydoc_data",
    "pygments",
    "readline",
    "rich.markdown",
    "rich.syntax",
    "rich.traceback",
    "sqlalchemy.testing",
    "tkinter",
    "unittest",
    "doctest",
    "pdb",
    # Character sets of East Asia from before Unicode.
    "_codecs_cn",
    "_codecs_hk",
    "_codecs_iso2022",
    "_codecs_jp",
    "_codecs_kr",
    "_codecs_tw",
    # Databases that the program does not speak to.
    "sqlalchemy.dialects.mssql",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.oracle",
    # Objects mapped to tables: the program speaks SQL by SQLAlchemy's core.
    "sqlalchemy.orm",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.ext.associationproxy",
    "sqlalchemy.ext.automap",
    "sqlalchemy.ext.baked",
    "sqlalchemy.ext.declarative",
    "sqlalchemy.ext.horizontal_shard",
    "sqlalchemy.ext.hybrid",
    "sqlalchemy.ext.indexable",
    "sqlalchemy.ext.instrumentation",
    "sqlalchemy.ext.mutable",
    "sqlalchemy.ext.mypy",
    "sqlalchemy.ext.orderinglist",
    "sqlalchemy.ext.serializer",
    # Other ways through XML than lxml.etree.
    "lxml.builder",
    "lxml.html",
    "lxml.isoschematron",
    "lxml.objectify",
    "lxml.sax",
    # Pictures of the web, letters and colour profiles: marks are PNG, their letters are drawn by PDF itself.
    "PIL._avif",
    "PIL._imagingcms",
    "PIL._imagingft",
    "PIL._webp",
    "PIL.ImageQt",
    "PIL.ImageTk",
]

#: Parts of Qt without a use here: screens without a desktop, OpenGL, input devices read directly, TLS and watching the
#: network, pictures
#: of other systems, other shells than a desktop's; Qt's own words (ui/qt_words.py has them).
_QT: Final = (
    r"PySide6/Qt/translations/",
    r"PySide6/Qt/plugins/(egldeviceintegrations|generic|networkinformation|tls|wayland-graphics-integration-client|xcbglintegrations)/",
    r"PySide6/Qt/plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\.so",
    r"PySide6/Qt/plugins/imageformats/libq(gif|icns|tga|tiff|wbmp|webp|pdf)\.so",
    r"PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin\.so",
    r"PySide6/Qt/plugins/wayland-shell-integration/lib(ivi-shell|fullscreen-shell-v1|wl-shell-plugin)\.so",
    r"(PySide6/Qt/lib/)?libQt6(EglFSDeviceIntegration|OpenGL|EglFsKmsSupport|WlShellIntegration)\.so",
    r"PySide6/plugins/(generic|networkinformation|tls)/",
    r"PySide6/translations/",
    r"PySide6/plugins/imageformats/q(gif|icns|tga|tiff|wbmp|webp|pdf)\.dll",
    r"PySide6/plugins/platforms/q(direct2d|minimal)\.dll",
    r"PySide6/opengl32sw\.dll",
)

#: Libraries of the Linux system that stay with it, so that its updates reach them and vendors' modules, loaded beside
#: them, meet the ones they were built for. The package depends on theirs (``installer/linux/nfpm.yaml``). What remains
#: is small and missing on some desktops: what XCB and Python's own modules need.
_FROM_THE_SYSTEM: Final = (
    r"libstdc\+\+|libgcc_s|libssl|libcrypto|libz|libzstd|liblzma|libbz2|libexpat|libuuid|libbrotli\w+",
    r"libglib-2\.0|libgthread-2\.0|libgio-2\.0|libgobject-2\.0|libgmodule-2\.0|libpcre2-8|libmount|libblkid|libselinux",
    r"libgtk-3|libgdk-3|libcairo|libcairo-gobject|libpango\w*-1\.0|libgdk_pixbuf-2\.0|libatk-1\.0|libpixman-1|libharfbuzz",
    r"libfontconfig|libfreetype|libpng16|libjpeg|libgraphite2|libfribidi|libthai|libdatrie",
    r"libdbus-1|libsystemd|libgcrypt|libgpg-error|liblz4|libcap",
    r"libgssapi_krb5|libkrb5|libk5crypto|libkrb5support|libkeyutils|libcom_err",
    r"libX11|libX11-xcb|libXext|libXrender|libXau|libXdmcp|libbsd|libmd|libxcb|libxcb-(glx|randr|render|shape|shm|sync|xfixes)",
    r"libGL|libEGL|libwayland-\w+|libreadline|libtinfo",
)

_LEFT_OUT: Final = re.compile(
    "|".join((*(f"{pattern}.*" for pattern in _QT), *(rf"({names})\.so(\.\d+)*" for names in _FROM_THE_SYSTEM)))
)

#: Copies of libraries in the wheels, whose part is not in the package or whose place the system's take
#: (``installer/frozen/slimming.py``).
_WHEELS: Final = re.compile(
    r"pillow\.libs/lib(avif|webp|webpmux|webpdemux|sharpyuv|harfbuzz|freetype|png16|lcms2|brotli\w+|xcb|Xau|zstd|lzma)-.*"
    r"|psycopg_binary\.libs/lib(crypto|ssl|krb5|gssapi_krb5|k5crypto|krb5support|com_err|keyutils)-.*"
    r"|(lib(avif|webp|webpmux|webpdemux|sharpyuv|harfbuzz|freetype|png16|lcms2|brotli\w+|xcb|Xau|zstd|lzma"
    r"|crypto|ssl|krb5|gssapi_krb5|k5crypto|krb5support|com_err|keyutils)-[0-9a-f]{8}\.so.*)"
)

#: Their texts are in the package's notices (``installer/release/notices.py``).
_LICENCES: Final = re.compile(
    r"[^/]*\.dist-info/(.*/)?(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*|[^/]*\.dist-info/licenses/.*"
)

_PACKAGING: Final = re.compile(
    r".*\.dist-info/(RECORD|INSTALLER|REQUESTED|WHEEL|direct_url\.json|top_level\.txt|sboms/.*)"
)


def is_left_out(name: str) -> bool:
    """Whether a file stays out of the package.

    :param name: its path in the folder of libraries, as PyInstaller has it.
    """
    name = name.replace("\\", "/")
    return (
        bool(_LEFT_OUT.fullmatch(name))
        or bool(_PACKAGING.fullmatch(name))
        or name.endswith((".pyc", ".pyi", ".po", "/py.typed"))
        or (sys.platform.startswith("linux") and bool(_WHEELS.fullmatch(name) or _LICENCES.fullmatch(name)))
    )
