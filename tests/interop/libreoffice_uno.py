"""Runs under the system's Python, which has UNO: reads orders on standard input and answers, one JSON object a line."""

import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def connect(pipe, seconds):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    deadline = time.monotonic() + seconds
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def storage_of(context, stream):
    factory = context.ServiceManager.createInstanceWithContext("com.sun.star.embed.StorageFactory", context)
    form = PropertyValue()
    form.Name, form.Value = "StorageFormat", "ZipFormat"
    properties = uno.Any("[]com.sun.star.beans.PropertyValue", (form,))
    return uno.invoke(factory, "createInstanceWithArguments", ((stream, 1, properties),))


def states(context, path):
    access = context.ServiceManager.createInstanceWithContext("com.sun.star.ucb.SimpleFileAccess", context)
    stream = access.openFileRead(uno.systemPathToFileUrl(path))
    signatures = context.ServiceManager.createInstanceWithArgumentsAndContext(
        "com.sun.star.security.DocumentDigitalSignatures", ("1.2", True), context
    )
    if path.lower().endswith(".pdf"):
        found = signatures.verifyDocumentContentSignatures(None, stream)
    else:
        found = signatures.verifyDocumentContentSignatures(storage_of(context, stream), None)
    try:
        return [
            {
                "valid": bool(one.SignatureIsValid),
                "certificate_status": int(one.CertificateStatus),
                "partial": bool(one.PartialDocumentSignature),
                "subject": one.Signer.SubjectName if one.Signer else "",
                "date": int(one.SignatureDate),
            }
            for one in found
        ]
    finally:
        stream.closeInput()


def store(context, source, target, filter_name):
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden, form = PropertyValue(), PropertyValue()
    hidden.Name, hidden.Value = "Hidden", True
    form.Name, form.Value = "FilterName", filter_name
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(source), "_blank", 0, (hidden,))
    try:
        document.storeToURL(uno.systemPathToFileUrl(target), (form,))
    finally:
        document.close(True)


def main():
    context = connect(sys.argv[1], float(sys.argv[2]))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            order = json.loads(line)
            if "store" in order:
                store(context, order["path"], order["store"], order["filter"])
                answer = {"stored": order["store"]}
            else:
                answer = {"signatures": states(context, order["path"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
