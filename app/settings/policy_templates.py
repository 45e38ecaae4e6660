"""Templates of group policies, from the definitions of the settings: ``antin.admx`` and an ``antin.adml`` a language.

Elements and attributes after Microsoft's "Group Policy ADMX Syntax Reference Guide"; what a policy sets is read by
:class:`app.system.windows.Windows`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from app.i18n import N_, Language, _, current_language, set_language
from app.settings import words
from app.settings.definitions import DATA_DIR, Definition, definitions
from app.storage import writing
from app.system.windows import LOCKED, POLICIES

_NAMESPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_ALL = "antin"
_VALUE, _LOCKED = "value", "locked"
#: ADML folders, as Windows names languages, and the language of ours in each.
LANGUAGES: dict[str, Language] = {"vi-VN": "vi", "en-US": "en"}
_LONGEST_TEXT = "1023"
_PRESENTED = {
    "text": "textBox",
    "number": "textBox",
    "whole": "decimalTextBox",
    "choice": "dropdownList",
    "yes-no": "dropdownList",
    "list": "multiTextBox",
    "table": "listBox",
}
_KIND_HINTS = {
    "list": N_("One a line."),
    "number": N_("A number, with a point before decimals."),
    "table": N_("Name and value of each."),
}


def write(folder: Path) -> list[Path]:
    """Write ``antin.admx`` and the ``antin.adml`` of each language; what is there is replaced.

    :raises AntinError: something cannot be written.
    :return: the files.
    """
    written = [(folder / "antin.admx", admx())]
    written += [(folder / name / "antin.adml", adml(language)) for name, language in LANGUAGES.items()]
    for path, content in written:
        writing.replace(path, content)
    return [path for path, _content in written]


def policies() -> list[Definition]:
    """What has a policy: every setting, and the data folder."""
    return [DATA_DIR, *definitions().values()]


def admx() -> bytes:
    """The policies, without words."""
    root = ET.Element("policyDefinitions", {"xmlns": _NAMESPACE, "revision": "1.0", "schemaVersion": "1.0"})
    ET.SubElement(
        ET.SubElement(root, "policyNamespaces"), "target", {"prefix": _ALL, "namespace": "Antin.Policies.Antin"}
    )
    ET.SubElement(root, "resources", {"minRequiredRevision": "1.0"})
    supported = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    ET.SubElement(supported, "definition", {"name": "supported", "displayName": _string("supported")})
    categories = ET.SubElement(root, "categories")
    ET.SubElement(categories, "category", {"name": _ALL, "displayName": _string(_ALL)})
    for section in _sections():
        category = ET.SubElement(
            categories, "category", {"name": _category(section), "displayName": _string(_category(section))}
        )
        ET.SubElement(category, "parentCategory", {"ref": _ALL})
    below = ET.SubElement(root, "policies")
    for definition in policies():
        _policy(below, definition)
    return _written(root)


def adml(language: Language) -> bytes:
    """The words of a language."""
    before = current_language()
    set_language(language)
    try:
        return _written(_resources())
    finally:
        set_language(before)


def _policy(parent: ET.Element, definition: Definition) -> None:
    name = policy_name(definition)
    policy = ET.SubElement(
        parent,
        "policy",
        {
            "name": name,
            "class": "Machine",
            "displayName": _string(name),
            "explainText": _string(f"{name}_explain"),
            "key": "\\".join(filter(None, (POLICIES, definition.section))),
            "presentation": f"$(presentation.{name})",
        },
    )
    ET.SubElement(policy, "parentCategory", {"ref": _category(definition.section)})
    ET.SubElement(policy, "supportedOn", {"ref": "supported"})
    elements = ET.SubElement(policy, "elements")
    _value(elements, definition)
    locked = ET.SubElement(
        elements,
        "boolean",
        {"id": _LOCKED, "key": f"{POLICIES}\\{LOCKED}", "valueName": definition.name},
    )
    for state, number in (("trueValue", "1"), ("falseValue", "0")):
        ET.SubElement(ET.SubElement(locked, state), "decimal", {"value": number})


def _value(elements: ET.Element, definition: Definition) -> None:
    named = {"id": _VALUE, "valueName": definition.key}
    match definition.kind:
        case "choice" | "yes-no":
            element = ET.SubElement(elements, "enum", {**named, "required": "true"})
            for choice in _choices(definition):
                item = ET.SubElement(element, "item", {"displayName": _string(_choice_name(definition, choice))})
                kept = ET.SubElement(item, "value")
                if definition.kind == "yes-no":
                    ET.SubElement(kept, "decimal", {"value": choice})
                else:
                    ET.SubElement(kept, "string").text = choice
        case "whole":
            bounds = {"minValue": definition.least, "maxValue": definition.most}
            stated = {key: f"{bound:g}" for key, bound in bounds.items() if bound is not None}
            ET.SubElement(elements, "decimal", {**named, "required": "true", **stated})
        case "list":
            ET.SubElement(elements, "multiText", named)
        case "table":
            key = "\\".join((POLICIES, *definition.name.split(".")))
            ET.SubElement(elements, "list", {"id": _VALUE, "key": key, "explicitValue": "true"})
        case _:
            ET.SubElement(elements, "text", {**named, "maxLength": _LONGEST_TEXT})


def _resources() -> ET.Element:
    root = ET.Element("policyDefinitionResources", {"xmlns": _NAMESPACE, "revision": "1.0", "schemaVersion": "1.0"})
    ET.SubElement(root, "displayName").text = _("Ấn Tín")
    ET.SubElement(root, "description").text = _("Settings of Ấn Tín for all users of a computer")
    resources = ET.SubElement(root, "resources")
    strings = ET.SubElement(resources, "stringTable")
    for name, text in _strings():
        ET.SubElement(strings, "string", {"id": name}).text = text
    presentations = ET.SubElement(resources, "presentationTable")
    for definition in policies():
        shown = ET.SubElement(presentations, "presentation", {"id": policy_name(definition)})
        _presented(shown, definition)
        ET.SubElement(shown, "checkBox", {"refId": _LOCKED}).text = _("Lock it: users cannot choose otherwise")
    return root


def _presented(parent: ET.Element, definition: Definition) -> None:
    element = ET.SubElement(parent, _PRESENTED[definition.kind], {"refId": _VALUE})
    title = words.title(definition.name)
    match definition.kind:
        case "text" | "number":
            ET.SubElement(element, "label").text = title
            if definition.default != "":
                ET.SubElement(element, "defaultValue").text = str(definition.default)
        case "whole":
            element.set("defaultValue", str(definition.default))
            element.text = title
        case "choice" | "yes-no":
            default = "1" if definition.default is True else "0" if definition.default is False else definition.default
            element.set("defaultItem", str(_choices(definition).index(default)))
            element.text = title
        case _:
            element.text = title


def _strings() -> Iterator[tuple[str, str]]:
    yield _ALL, _("Ấn Tín")
    yield "supported", _("Ấn Tín for Windows")
    for section in _sections():
        yield _category(section), words.section(section)
    for definition in policies():
        name = policy_name(definition)
        yield name, words.title(definition.name)
        hint = _KIND_HINTS.get(definition.kind)
        told = [words.explanation(definition.name), _(hint) if hint else "", f"settings.toml: {definition.name}"]
        yield f"{name}_explain", "\n\n".join(filter(None, told))
        for choice in _choices(definition):
            shown = (_("Yes") if choice == "1" else _("No")) if definition.kind == "yes-no" else choice
            yield _choice_name(definition, choice), shown


def policy_name(definition: Definition) -> str:
    """A policy's name; dots are not allowed in it."""
    return definition.name.replace(".", "_")


def _sections() -> list[str]:
    return list(dict.fromkeys(definition.section for definition in policies()))


def _category(section: str) -> str:
    return f"section_{section or 'general'}"


def _choices(definition: Definition) -> list[str]:
    return ["1", "0"] if definition.kind == "yes-no" else list(definition.choices)


def _choice_name(definition: Definition, choice: str) -> str:
    return f"{policy_name(definition)}_choice_{choice}"


def _string(name: str) -> str:
    return f"$(string.{name})"


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
