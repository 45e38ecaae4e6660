"""Check an exported ledger with Python and openssl: check_ledger.py FOLDER ROOTS.pem [LEDGER-SEALS.jsonl ...]"""

import base64, datetime, hashlib, json, os, re, subprocess, sys, tempfile  # noqa: E401, I001
from pathlib import Path

folder, roots, kept_apart = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
hashes, sealed = ["0" * 64], 0


def proven(seq, digest, cms, time):
    with tempfile.TemporaryDirectory() as name:
        head, seal = Path(name, "head"), Path(name, "seal")
        head.write_bytes(f"antin ledger {seq} {digest}\n".encode())
        seal.write_bytes(base64.b64decode(cms))
        words = ["-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", os.devnull, "-CAfile", roots]
        words += ["-in", seal, "-content", head] + (["-attime", str(int(time))] if time else ["-no_check_time"])
        return subprocess.run(["openssl", "cms", *words], stderr=subprocess.DEVNULL).returncode == 0  # noqa: S607


for number, line in enumerate((folder / "ledger.jsonl").open("rb"), start=1):
    parts = re.fullmatch(rb'(\{"seq":%d,.*"previous":"%s"),"hash":"(.{64})"\}\n' % (number, hashes[-1].encode()), line)
    if not parts or hashlib.sha256(parts[1] + b"}").hexdigest().encode() != parts[2]:
        sys.exit(f"BROKEN at entry {number}: it was changed, removed, inserted or moved")
    hashes.append(parts[2].decode())
    if (entry := json.loads(line))["kind"] == "seal":
        sealed, digest = entry["data"]["over"]["seq"], entry["data"]["over"]["hash"]
        time = datetime.datetime.fromisoformat(entry["time"]).timestamp()
        if hashes[sealed : sealed + 1] != [digest] or not proven(sealed, digest, entry["data"]["cms"], time):
            sys.exit(f"BROKEN: the seal in entry {number} does not hold for these roots")
for kept in (json.loads(line) for path in kept_apart for line in Path(path).read_bytes().splitlines()):
    gone = hashes[kept["over"] : kept["over"] + 1] != [kept["over_hash"]] or len(hashes) <= kept["seq"]
    if gone and proven(kept["over"], kept["over_hash"], kept["cms"], 0):
        sys.exit(f"BROKEN: a seal kept apart knows entries up to {kept['seq']} that are gone or were written anew")
if f"{len(hashes) - 1} {hashes[-1]}" != (folder / "ledger.head").read_text().strip():
    sys.exit(f"BROKEN: the ledger does not end with entry {len(hashes) - 1}")
print(f"WHOLE: {len(hashes) - 1} entries; the seals cover entries 1 to {sealed}")  # noqa: T201
