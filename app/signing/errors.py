"""Why a file or a run was not signed, or not as asked."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class UnsupportedFormat(AntinError):
    """Damaged, cut off, or of another kind than its name says, so that nobody knows what would be signed."""

    code = "unsupported-format"
    message_id = N_("{path} does not contain what the ending of its name says.")
    hint_id = N_("Open it in the program that made it, save it under a new name and sign that file.")


class SecretDocument(AntinError):
    """Decree 30/2020 and the law on state secrets: such documents are handled on paper or isolated machines."""

    code = "secret-document"
    message_id = N_("{path} bears the mark “{secrecy}” and is not signed here.")
    hint_id = N_(
        "Follow the rules on protecting state secrets: this kind of document is not handled on this workstation."
    )


class DocumentNotRead(AntinError):
    """What cannot be read may bear a mark of secrecy."""

    code = "document-not-read"
    message_id = N_("{path} is too heavy to be read, so it is not known whether it bears a mark of secrecy.")
    hint_id = N_("Print it to a new PDF file and sign that one.")


class OrderViolated(AntinError):
    """Decree 30/2020, article 32, clause 2: the seal only on what the competent person has signed."""

    code = "no-personal-signature"
    message_id = N_("The agency's seal was not put on {path}: it bears no valid signature of the competent person yet.")
    hint_id = N_(
        "Have the competent person sign it first (Decree 30/2020, article 32). Copies and attachments are signed as "
        "such (in a terminal: “--as copy”, “--as attachment”)."
    )


class NotAgencyKey(AntinError):
    code = "not-agency-key"
    message_id = N_("This act is the agency's, but the certificate chosen belongs to a person ({holder}).")
    hint_id = N_("Choose the certificate of the agency's seal.")


class NotPersonalKey(AntinError):
    code = "not-personal-key"
    message_id = N_("Approval is signed by a person, but the certificate chosen belongs to the agency ({holder}).")
    hint_id = N_("Choose the personal certificate of the competent person.")


class CertificateUnusable(AntinError):
    code = "certificate-unusable"
    message_id = N_("The certificate of {holder} cannot be used: {why}")
    hint_id = N_("Choose another certificate, or ask the custodian to have this one renewed.")


class SignerRevoked(AntinError):
    """Carries ``holder``."""

    code = "signer-revoked"
    message_id = N_("The certificate of {holder} has been revoked; nothing was signed with it.")
    hint_id = N_("Do not use this token any more. Ask the custodian for a new certificate.")


class SignerExpired(AntinError):
    """The certificate, or one above it, is not valid now. Carries ``holder``."""

    code = "signer-expired"
    message_id = N_("The certificate of {holder}, or of its authority, is not valid today.")
    hint_id = N_("Check the clock of this computer. If it is right, ask the custodian to have the certificate renewed.")


class SignerPurposeWrong(AntinError):
    """Carries ``holder``."""

    code = "signer-purpose-wrong"
    message_id = N_("The certificate of {holder} is not meant for signing documents.")
    hint_id = N_("Choose another certificate of the token.")


class SignerRevocationUnknown(AntinError):
    """A note, never raised. Carries ``holder``."""

    code = "signer-revocation-unknown"
    message_id = N_("It could not be checked whether the certificate of {holder} has been revoked.")
    hint_id = N_("The signature was made, and this is in the ledger. Check the file again when the network works.")


class SignerPathUnknown(AntinError):
    """A note, never raised. Carries ``holder``."""

    code = "signer-path-unknown"
    message_id = N_("The certificate of {holder} leads to no root that this office trusts.")
    hint_id = N_("The signature was made, but others may not accept it. Add the authority's root under “antin trust”.")


class NoSigningKey(AntinError):
    code = "no-signing-key"
    message_id = N_("No token with a usable certificate was found.")
    hint_id = N_("Plug in the token and wait two seconds. If it stays so, run “antin doctor”.")


class AmbiguousKey(AntinError):
    code = "ambiguous-key"
    message_id = N_("Several certificates could sign: {choices}.")
    hint_id = N_("Name the token with --token and the certificate with --cert.")


class NoSuchKey(AntinError):
    code = "no-such-key"
    message_id = N_("No plugged-in token holds the certificate asked for ({wanted}).")
    hint_id = N_("Run “antin tokens” and copy the serial of the token or the id of the certificate from there.")


class PinNotGiven(AntinError):
    code = "pin-not-given"
    message_id = N_("No PIN was given; nothing was signed.")
    hint_id = N_("Start again when the holder of the token is there.")


class PinLineUnfit(PinNotGiven):
    """A line of a file or of standard input that would cost a try without being the PIN that was meant."""

    code = "pin-line-unfit"
    message_id = N_("The line with the PIN holds blanks or signs that are no part of a PIN; the token was not asked.")
    hint_id = N_(
        "Save the file as plain text in UTF-8 with nothing but the PIN on its line: “echo PIN > file” of Windows adds "
        "a blank, or writes UTF-16."
    )


class NumberMissing(AntinError):
    """Decree 30/2020, articles 14 and 15: a document gets its number before it is sealed and issued."""

    code = "number-missing"
    message_id = N_("{path} has no number yet, and none was given.")
    hint_id = N_("Give it the next number of the register (--number, or the field “Number” in the window) and seal it.")


class DateNotAsPrinted(AntinError):
    """Decree 30/2020, appendix I, part I, II.4: what is filled in and what is printed beside it are one date."""

    code = "date-not-as-printed"
    message_id = N_("{path} would be dated {date}, but another month or year is printed in it.")
    hint_id = N_(
        "Give a date of that month and year (--date, or the field “Date” in the window), or correct the document and "
        "have it signed anew."
    )


class NumberUnfit(AntinError):
    """Decree 30/2020, appendix I, part I, II.3.b: Arabic numerals. Carries ``number``."""

    code = "number-unfit"
    message_id = N_("“{number}” is not a number that a document can have.")
    hint_id = N_("Give digits, with a letter after them where the register has one: 12 or 12a.")


class MainNumberMissing(AntinError):
    """Decree 30/2020, appendix I, part I, II.8.b: an attachment bears number and symbol of its document, which stay
    blank in its own heading."""

    code = "main-number-missing"
    message_id = N_("The number and symbol of the document that {path} belongs to are not known; its mark shows them.")
    hint_id = N_("Give both, as in 12/QĐ-UBND (--number and --symbol, or the row of the file in the window).")


class MarkImageInvalid(AntinError):
    code = "mark-image-invalid"
    message_id = N_("The picture {path} cannot be used as a mark: {why}")
    hint_id = N_("Use a PNG with a transparent background, at most 4,000 pixels wide.")


class MarkImageOpaque(AntinError):
    """Decree 30/2020, appendix I, part I, II.7.d and II.8.a: a transparent background. Carries ``path``."""

    code = "mark-image-opaque"
    message_id = N_("The picture {path} has no transparent background and would hide what it stands on.")
    hint_id = N_("Save it as a PNG with a transparent background and choose that one.")


class Cancelled(AntinError):
    code = "cancelled"
    message_id = N_("Cancelled before this file was signed.")
    hint_id = N_("The file is untouched; sign it again when you like.")


class RunStopped(AntinError):
    """The token or PIN ended the run; the files left are skipped."""

    code = "run-stopped"
    message_id = N_("Not signed, because the run stopped: {why}")
    hint_id = N_(
        "Put the cause right and go on with the rest (in a terminal: “antin sign --resume”); nothing is signed twice."
    )


class SourceChanged(AntinError):
    code = "source-changed"
    message_id = N_("{path} was changed while it was being signed.")
    hint_id = N_("Close it where it is open and sign it again. Nothing was written.")


class SourceNotAsSeen(AntinError):
    code = "source-not-as-seen"
    message_id = N_("{path} was changed since it was shown to you.")
    hint_id = N_("Look at it again, then sign it. Nothing was written.")


class FilingNotEntered(AntinError):
    """A note, never raised: the signature is in the ledger and the copy in its place, but not where that is."""

    code = "filing-not-entered"
    message_id = N_("The copy was filed, but the ledger could not note where: {why}")
    hint_id = N_("Put the cause right before the next signature. The signature itself is in the ledger.")


class SignatureValueWrong(AntinError):
    """What the token returned does not verify with the certificate it was asked to sign for."""

    code = "signature-value-wrong"
    message_id = N_("The token returned a signature that does not belong to the chosen certificate.")
    hint_id = N_("Choose the certificate again. If it happens again, have the token checked by its issuer.")


class AlgorithmUnfit(AntinError):
    code = "algorithm-unfit"
    message_id = N_("Documents of this kind cannot be signed with {algorithm} and the key of this certificate ({key}).")
    hint_id = N_("Choose RSA (PKCS #1 v1.5) or ECDSA with SHA-256, SHA-384 or SHA-512, as the certificate's key is.")


class KeyNotAllowed(AntinError):
    """The office's policy accepts no new signature by this key. Carries ``holder`` and ``key`` (``rsa-2048``)."""

    code = "key-not-allowed"
    message_id = N_("The key of {holder}'s certificate ({key}) is too weak for new signatures by this office's policy.")
    hint_id = N_("Sign with another certificate, or ask IT staff, who set the policy. The PIN was not asked for.")


class HashNotAllowed(AntinError):
    """The office's policy accepts no new signature with this hash. Carries ``algorithm``."""

    code = "hash-not-allowed"
    message_id = N_("The policy of this office accepts no new signature made with {algorithm}.")
    hint_id = N_("Ask IT staff, who set the policy (trust.policy, weak_hashes). The PIN was not asked for.")


class LevelNotOffered(AntinError):
    """A note, never raised: the level asked for is above what was made."""

    code = "level-not-offered"
    message_id = N_("The signature reached level {reached}, not {wanted}: proofs for long keeping were not added.")
    hint_id = N_("The signature is good. Keep the certificates' revocation lists beside it, or extend it later.")


class LevelsNotOfFormat(AntinError):
    """Carries ``path``."""

    code = "levels-not-of-format"
    message_id = N_("{path} bears no signature of a kind whose level can be raised here.")
    hint_id = N_("Keep the file with the report of a check made today.")


class OutsideCustody(AntinError):
    """A note, never raised: by the register of tokens the token is in nobody's hands. Carries its ``serial``."""

    code = "outside-custody"
    message_id = N_(
        "The token {serial} is in nobody's hands by the register: it was lost, handed back or never received."
    )
    hint_id = N_("The signature is marked in the ledger. Tell the custodian, and enter in the register who holds it.")


class NothingToRaise(AntinError):
    """Carries ``path``."""

    code = "nothing-to-raise"
    message_id = N_("{path} bears no signature whose level could be raised.")
    hint_id = N_("Have it signed first.")


class SignatureWithoutProperties(AntinError):
    """A plain XML signature without XAdES properties. Carries ``name`` of its part."""

    code = "signature-without-properties"
    message_id = N_("The signature {name} is of an older kind that has no place for a time stamp.")
    hint_id = N_("Keep the file with the report of a check made today, or have it signed anew.")


class SignatureNotUnderstood(AntinError):
    """Nothing is added to what is not understood. Carries ``name`` of the signature and ``why``, a code of the
    verifier."""

    code = "signature-not-understood"
    message_id = N_("The signature {name} is built in a way to which nothing is added here ({why}).")
    hint_id = N_("Keep the file with the report of a check made today, or have it signed anew.")


class ContainerSealed(AntinError):
    """A time stamp over the container's files would no longer hold. Carries ``path`` and ``name`` of the seal."""

    code = "container-sealed"
    message_id = N_("The files in {path} are under a time stamp of their own ({name}), so nothing in it is changed.")
    hint_id = N_("Keep the file with the report of a check made today.")


class SignedContentMissing(AntinError):
    """Carries ``path`` of the signature file."""

    code = "signed-content-missing"
    message_id = N_("The document that {path} signs does not lie beside it.")
    hint_id = N_("Put the document into the same folder, named as the signature file without its last ending.")


class EvidenceMissing(AntinError):
    """A note, or why a level was not raised. Carries ``holder`` of the certificate and ``why``, a code of the trust
    service."""

    code = "evidence-missing"
    message_id = N_(
        "The proofs for long keeping are not complete: nothing certain is known of the certificate of {holder} ({why})."
    )
    hint_id = N_("The signature is good. Raise its level with “antin upgrade” when the authority's server answers.")


class LevelNotProven(AntinError):
    """A note, never raised: the parts of the level are there, but the verifier does not believe them, such as a time
    stamp of an authority that nobody trusts. Carries ``reached`` and ``wanted``."""

    code = "level-not-proven"
    message_id = N_("What was added for level {wanted} proves only level {reached}.")
    hint_id = N_("Check the file to see why; often the time-stamp authority leads to no trusted root.")


class TimestamperMissing(AntinError):
    """A note, never raised: a time stamp was asked for but no server is set."""

    code = "timestamper-missing"
    message_id = N_("No time-stamp server is set, so the signature bears no proven time.")
    hint_id = N_("Set the address of the time-stamp server in the settings, or give it with --tsa.")
