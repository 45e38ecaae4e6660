"""“Ký số…” and “Kiểm tra chữ ký” in the menu of Files (Nautilus). Loaded by nautilus-python where that is installed."""

import locale
import subprocess

from gi.repository import GObject, Nautilus

_VIETNAMESE = (locale.setlocale(locale.LC_MESSAGES, None) or "").startswith("vi")
_VERBS = (
    ("sign", "Ký số…" if _VIETNAMESE else "Sign…"),
    ("verify", "Kiểm tra chữ ký" if _VIETNAMESE else "Check signatures"),
)
_EXTENSIONS = {
    "sign": (".pdf", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".odt", ".ods", ".odp"),
    "verify": (".asice", ".sce", ".asics", ".scs", ".p7s", ".p7m", ".xml", ".zip"),
}


class AntinMenu(GObject.GObject, Nautilus.MenuProvider):
    def get_file_items(self, *arguments):
        files = arguments[-1]  # Nautilus before 43 passes its window first
        paths = [file.get_location().get_path() for file in files]
        if not paths or None in paths:
            return []
        items = []
        for verb, label in _VERBS:
            wanted = _EXTENSIONS["sign"] if verb == "sign" else (*_EXTENSIONS["sign"], *_EXTENSIONS["verify"])
            folders_too = verb == "verify"
            if all(
                path.lower().endswith(wanted) or (folders_too and file.is_directory())
                for path, file in zip(paths, files, strict=True)
            ):
                item = Nautilus.MenuItem(name=f"Antin::{verb}", label=label, icon="antin")
                item.connect("activate", self._open, verb, paths)
                items.append(item)
        return items

    def _open(self, _item, verb, paths):
        subprocess.Popen(["/usr/bin/antin", "open", f"--{verb}", "--", *paths], start_new_session=True)
