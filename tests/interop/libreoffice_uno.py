"""Runs under the system's Python, which has UNO: starts LibreOffice, reads orders on standard input and answers, one
JSON object a line. When its input ends, as it does when whoever started it dies, it ends LibreOffice and itself."""

import json
import subprocess
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


def storage_of(context, stream, mode=1):
    factory = context.ServiceManager.createInstanceWithContext("com.sun.star.embed.StorageFactory", context)
    form = PropertyValue()
    form.Name, form.Value = "StorageFormat", "ZipFormat"
    properties = uno.Any("[]com.sun.star.beans.PropertyValue", (form,))
    return uno.invoke(factory, "createInstanceWithArguments", ((stream, mode, properties),))


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


READ_WRITE = 1 | 2 | 4  # com.sun.star.embed.ElementModes: READ, SEEKABLE, WRITE


def sign(context, path):
    access = context.ServiceManager.createInstanceWithContext("com.sun.star.ucb.SimpleFileAccess", context)
    initializer = context.ServiceManager.createInstanceWithContext("com.sun.star.xml.crypto.SEInitializer", context)
    environment = initializer.createSecurityContext("").getSecurityEnvironment()
    certificate = environment.getPersonalCertificates()[0]
    stream = access.openFileReadWrite(uno.systemPathToFileUrl(path))
    signatures = context.ServiceManager.createInstanceWithArgumentsAndContext(
        "com.sun.star.security.DocumentDigitalSignatures", ("1.2", True), context
    )
    storage = storage_of(context, stream, READ_WRITE)
    if not signatures.signDocumentWithCertificate(certificate, storage, None):
        raise ValueError("not signed")
    storage.commit()
    stream.getOutputStream().flush()


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


def obey(context):
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            order = json.loads(line)
            if "store" in order:
                store(context, order["path"], order["store"], order["filter"])
                answer = {"stored": order["store"]}
            elif "sign" in order:
                sign(context, order["sign"])
                answer = {"signed": order["sign"]}
            else:
                answer = {"signatures": states(context, order["path"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def main():
    pipe, seconds, *command = sys.argv[1:]
    silent = subprocess.DEVNULL
    office = subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)
    try:
        obey(connect(pipe, float(seconds)))
    finally:
        office.terminate()
        try:
            office.wait(10)
        except subprocess.TimeoutExpired:
            office.kill()


main()
