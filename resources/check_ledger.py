"""Check an exported ledger with Python and openssl: check_ledger.py FOLDER ROOTS.pem [LEDGER-SEALS.jsonl ...]"""

import datetime, hashlib, json, re, subprocess, sys, tempfile, textwrap  # noqa: E401, I001
from pathlib import Path

folder, roots, hashes, sealed = Path(sys.argv[1]), Path(sys.argv[2]).resolve(), ["0" * 64], 0


def broken(found, what):
    return found and sys.exit(f"BROKEN{what}")


def sealer(seq, digest, cms, when):
    with tempfile.TemporaryDirectory() as name:
        Path(name, "head").write_bytes(f"antin ledger {seq} {digest}\n".encode())
        Path(name, "seal").write_text(f"-----BEGIN CMS-----\n{textwrap.fill(cms, 64)}\n-----END CMS-----\n")
        words = f"openssl cms -verify -binary -inform PEM -purpose any -in seal -content head -signer by -out o {when}"
        good = subprocess.run([*words.split(), "-CAfile", roots], cwd=name, stderr=subprocess.DEVNULL).returncode == 0
        words = "openssl x509 -in by -noout -nameopt RFC2253,-esc_msb,utf8 -subject -fingerprint -sha256"
        return good and subprocess.run(words.split(), cwd=name, capture_output=True).stdout.decode().replace("\n", " ")


for number, line in enumerate((folder / "ledger.jsonl").open("rb"), start=1):
    parts = re.fullmatch(rb'(\{"seq":%d,.*"previous":"%s"),"hash":"(.{64})"\}\n' % (number, hashes[-1].encode()), line)
    broken(not parts or hashlib.sha256(parts[1] + b"}").hexdigest() != parts[2].decode(), f" at entry {number}")
    hashes.append(parts[2].decode())
    if (entry := json.loads(line))["kind"] == "seal":
        sealed, digest = entry["data"]["over"]["seq"], entry["data"]["over"]["hash"]
        at = f"-attime {int(datetime.datetime.fromisoformat(entry['time']).timestamp())}"
        whose = hashes[sealed : sealed + 1] == [digest] and sealer(sealed, digest, entry["data"]["cms"], at)
        broken(not whose, f": the seal in entry {number} does not hold for these roots")
        print(f"Seal in entry {number}, over entries 1 to {sealed}: {whose}")  # noqa: T201
kept = '"seq":([0-9]+),"hash":"(.{64})","over":([0-9]+),"over_hash":"(.{64})","cms":"([A-Za-z0-9+/=]+)"'
for seq, own, over, digest, cms in re.findall(kept, "".join(Path(path).read_text("latin1") for path in sys.argv[3:])):
    gone = hashes[int(over) : int(over) + 1] + hashes[int(seq) : int(seq) + 1] != [digest, own]
    broken(gone and sealer(over, digest, cms, "-no_check_time"), f": a kept seal knows another entry {seq}")
broken(f"{len(hashes) - 1} {hashes[-1]}" != (folder / "ledger.head").read_text().strip(), ": its end was cut off")
print(f"WHOLE: {len(hashes) - 1} entries; the seals cover entries 1 to {sealed}")  # noqa: T201
