"""What each setting is called and what it is for, as window, commands and policy templates say it."""

from __future__ import annotations

from app.i18n import N_, _
from app.settings.model import Origin

#: Title and explanation by name.
SETTINGS: dict[str, tuple[str, str]] = {
    "data_dir": (N_("Data folder"), N_("Where the program keeps everything that it keeps.")),
    "language": (N_("Language"), N_("Of the window, of messages and of what is printed: vi or en.")),
    "archive_root": (
        N_("Archive folder"),
        N_("Where signed copies are filed by year and type; empty: “Kho văn bản” in the data folder."),
    ),
    "agency.name": (N_("Name of the agency"), N_("In full, as its documents have it.")),
    "agency.parent": (N_("Agency above it"), N_("The one named over it at the head of documents.")),
    "agency.place": (N_("Place before the date"), N_("Where the agency is, as its documents name it before the date.")),
    "agency.seal_image": (N_("Picture of the seal"), N_("A PNG file with a transparent background.")),
    "agency.seal_diameter_mm": (N_("Size of the seal"), N_("Diameter of the real seal in millimetres.")),
    "agency.signature_image": (
        N_("Picture of the leader's signature"),
        N_("A PNG file with a transparent background."),
    ),
    "agency.signature_holder": (
        N_("Whose signature the picture shows"),
        N_("The name of the person; without it, the one whom the document names."),
    ),
    "tokens.modules": (
        N_("Token drivers"),
        N_("Files of PKCS#11 modules that are tried before those the program knows."),
    ),
    "tokens.use_known_modules": (
        N_("Look for known drivers"),
        N_("Also try the drivers of the shipped list and those registered with the system."),
    ),
    "tokens.call_timeout": (N_("Time limit of a driver"), N_("Seconds after which a driver that is silent is ended.")),
    "tokens.sign_timeout": (
        N_("Time limit of a signature"),
        N_("Seconds for one signature, with what has to be pressed on the token."),
    ),
    "tokens.idle_minutes": (
        N_("Log-out after"),
        N_("Minutes of waiting for a person after which the token is logged out; 0: never."),
    ),
    "trust.roots": (N_("Further roots"), N_("Certificate files of authorities that the office trusts as well.")),
    "trust.intermediates": (
        N_("Further issuing authorities"),
        N_("Certificate files that lead from a signer to a root; never trusted by themselves."),
    ),
    "trust.crls": (N_("Further revocation lists"), N_("Files of revocation lists beside those the program keeps.")),
    "trust.use_shipped_anchors": (
        N_("Trust the shipped roots"),
        N_("The national roots and that of the Government's authority, which come with the program."),
    ),
    "trust.policy": (
        N_("Policy file"),
        N_("Which algorithms and keys are allowed and what missing evidence means; empty: the shipped policy."),
    ),
    "trust.own_anchors": (
        N_("Own decisions about authorities"),
        N_("Whether what somebody adds, removes or switches off at this workstation counts."),
    ),
    "network.online": (
        N_("Ask about revocation"),
        N_("Whether the addresses that certificates name are asked over the network."),
    ),
    "network.tsa_url": (N_("Time-stamp server"), N_("Its address; empty: signatures without a proven time.")),
    "network.tsa_timeout": (N_("Time limit of time stamps"), N_("Seconds for one time stamp.")),
    "network.fetch_timeout": (N_("Time limit of fetching"), N_("Seconds for one revocation list or answer.")),
    "network.proxy": (N_("Proxy"), N_("Its address, or “system” for what the system names; empty: none.")),
    "network.issuer_hosts": (
        N_("Own certificate servers"),
        N_("Servers inside the own network from which certificates of issuers may be fetched."),
    ),
    "signing.level": (N_("Level of signatures"), N_("B, T (time stamp), LT (evidence kept inside) or LTA (archive).")),
    "signing.scope": (
        N_("Scope of Office signatures"),
        N_("What a signature in an Office file covers: as Office does (office) or all that can be (wide)."),
    ),
    "signing.paper_kinds": (
        N_("Kinds that stay on paper"),
        N_("Kinds of documents for which the program asks before it signs them."),
    ),
    "signing.mark_templates": (
        N_("Words of plain marks"),
        N_("Words by a name of the office's choosing, with fields such as {name} and {time}."),
    ),
    "verification.workers": (N_("Processes for checking"), N_("How many check side by side; 0: one a core.")),
    "verification.file_seconds": (N_("Time limit of a file"), N_("Seconds after which checking a file is given up.")),
    "verification.worker_memory_mib": (
        N_("Memory of a process"),
        N_("Mebibytes that a process which checks may take."),
    ),
    "archive.issued": (
        N_("Folders of documents issued"),
        N_("Below the archive, with {year} and {type}, and {month} or {issuer} where wanted."),
    ),
    "archive.received": (N_("Folders of documents received"), N_("The same for what comes in.")),
    "archive.name": (
        N_("Names of copies"),
        N_("With {number}, {symbol}, {summary}, {type}, {date}, {issuer} or {source}."),
    ),
    "archive.unnumbered": (N_("Names without a number"), N_("The same for documents that have no number.")),
    "archive.numbering": (
        N_("Numbering"),
        N_("Documents issued are numbered by type (type) or all in one series (office)."),
    ),
    "archive.check_days": (
        N_("Look at every copy after"),
        N_("Days after which the window looks at all copies again while nobody works at it; 0: never."),
    ),
    "archive.doubtful_below": (
        N_("Ask when in doubt"),
        N_("Confidence from 0 to 1 below which something read from a document is asked."),
    ),
    "database.url": (
        N_("Office database"),
        N_("Address of a PostgreSQL database without its password; empty: a file on this computer."),
    ),
    "journal.seal": (N_("Seal the ledger"), N_("The token signs the ledger at the end of each signing session.")),
    "journal.seal_copies": (N_("Copies of the seals"), N_("Folders, best on another disk or a share.")),
    "journal.sealers": (
        N_("Further certificates of seals"),
        N_("SHA-256 of certificates whose seals count although the register does not have them."),
    ),
    "updates.source": (
        N_("Where new versions are"),
        N_("Address or folder where IT staff put them; shown only, nothing is fetched from there."),
    ),
    "bundle.signers": (
        N_("Who signs trust bundles"),
        N_("SHA-256 of the certificates whose bundles for workstations without internet are taken in."),
    ),
    "bundle.authorities": (
        N_("Authorities of bundle signers"),
        N_("Certificate files; bundles of whoever has a certificate of these authorities are taken in."),
    ),
}

_SECTIONS = {
    "": N_("General"),
    "agency": N_("The agency"),
    "tokens": N_("Tokens"),
    "trust": N_("Trust"),
    "network": N_("Network"),
    "signing": N_("Signing"),
    "verification": N_("Checking"),
    "archive": N_("Archive"),
    "database": N_("Database"),
    "journal": N_("Ledger"),
    "updates": N_("New versions"),
    "bundle": N_("Trust bundles"),
}
_ORIGINS = {
    "default": N_("default"),
    "user": N_("settings file"),
    "managed": N_("set by IT staff"),
    "command": N_("command line"),
    "bundle": N_("trust bundle"),
}


def title(name: str) -> str:
    return _(SETTINGS[name][0])


def explanation(name: str) -> str:
    return _(SETTINGS[name][1])


def section(name: str) -> str:
    """The heading of a section; of what stands in none, “General”."""
    return _(_SECTIONS[name])


def origin(of: Origin) -> str:
    """Where a value comes from, with the file or key where there is one."""
    told = _(_ORIGINS[of.kind])
    return f"{told}: {of.where}" if of.where else told
