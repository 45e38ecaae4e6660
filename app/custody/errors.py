"""What can go wrong with the custody of tokens."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class DeviceUnknown(AntinError):
    code = "device-unknown"
    message_id = N_("The register has no device {serial}.")
    hint_id = N_("Enter it first: plug the token in and use “antin custody register”, or give its particulars by hand.")


class DeviceAmbiguous(AntinError):
    code = "device-ambiguous"
    message_id = N_("“{wanted}” may be any of these devices: {choices}.")
    hint_id = N_("Name the device by its serial number.")


class DeviceNotPlugged(AntinError):
    code = "device-not-plugged"
    message_id = N_("The token {serial} is not plugged in.")
    hint_id = N_("Plug it in and wait two seconds, or give its particulars by hand.")


class CertificateNotOnDevice(AntinError):
    code = "certificate-not-on-device"
    message_id = N_("The device {serial} has no certificate {wanted} in the register.")
    hint_id = N_("“antin custody list --json” tells the certificates of each device.")


class EventNotAllowed(AntinError):
    """``kind``, ``keeping`` and ``condition`` are values of :mod:`app.custody.states`."""

    code = "event-not-allowed"
    message_id = N_("“{event}” cannot be entered for a device that is: {standing}.")
    hint_id = N_("Look at its history: an event before this one may be missing.")

    def __init__(self, kind: str, keeping: str, condition: str) -> None:
        super().__init__(kind=str(kind), keeping=str(keeping), condition=str(condition))

    @property
    def message(self) -> str:
        from app.custody import words
        from app.i18n import _

        standing = words.standing(str(self.data["keeping"]), str(self.data["condition"]))
        return _(self.message_id).format(event=words.event(str(self.data["kind"])), standing=standing)


class PermissionMissing(AntinError):
    code = "permission-missing"
    message_id = N_(
        "The agency's device {name} may go into other hands only with the competent person's written permission."
    )
    hint_id = N_("Give number and date of the permission (Decree 30/2020, article 32, clause 2, point b).")


class PermissionComplete(AntinError):
    """Carries ``number`` and ``path`` of the filed scan, empty where there is none."""

    code = "permission-complete"
    message_id = N_("Nothing is owed of the permission {number}: what was given now is in the register already.")
    hint_id = N_("The scan is filed here: {path}")


class PermissionNotOwed(AntinError):
    code = "permission-not-owed"
    message_id = N_("No event of the device {name} waits for a scan or a date of its permission.")
    hint_id = N_("Look at its history: it tells the permission of each handover.")


class PermissionUnclear(AntinError):
    """Carries ``name`` of the device and ``events``, their ids and days."""

    code = "permission-unclear"
    message_id = N_("Several events of the device {name} wait for scan or date of their permissions: {events}.")
    hint_id = N_("Say which one is meant, by the number of the event.")


class ScanUnfit(AntinError):
    code = "scan-unfit"
    message_id = N_("{path} is no scan: {wanted} is wanted.")
    hint_id = N_("Scan the paper into a PDF and choose that file. Nothing was entered.")


class ScanTooLarge(AntinError):
    """Carries ``path``, and ``size`` and ``limit`` in megabytes."""

    code = "scan-too-large"
    message_id = N_("{path} has {size} MB; a scan may have {limit} MB.")
    hint_id = N_("Scan it at 200 to 300 dots an inch, or with fewer pages, and choose that file. Nothing was entered.")


class MinutesMissing(AntinError):
    code = "minutes-missing"
    message_id = N_("The device {name} changes hands only with minutes.")
    hint_id = N_("Make a handover, which writes them (Decree 30/2020, article 32, clause 2, point b).")


class ReceiverMissing(AntinError):
    code = "receiver-missing"
    message_id = N_("It is not said who takes the device {name}.")
    hint_id = N_("Give the receiver's name, title and unit.")


class SamePerson(AntinError):
    code = "same-person"
    message_id = N_("{name} already holds the device.")
    hint_id = N_("Name another receiver.")


class GiverNotHolder(AntinError):
    code = "giver-not-holder"
    message_id = N_("{name} cannot hand the device {device} over: {holder} holds it.")
    hint_id = N_("Name the holder as giver, or enter first how the device came to another.")


class DueMissing(AntinError):
    code = "due-missing"
    message_id = N_("A loan needs the day on which the device is to be returned.")
    hint_id = N_("Give a day from today on.")


class EventOutOfOrder(AntinError):
    code = "event-out-of-order"
    message_id = N_("The device has an event at {last}; this one, at {at}, would come before it.")
    hint_id = N_("Check the time, and the clock of this computer.")


class EventInFuture(AntinError):
    code = "event-in-future"
    message_id = N_("The event is said to happen at {at}, which is still to come.")
    hint_id = N_("Check the time, and the clock of this computer.")


class NothingToWithdraw(AntinError):
    code = "nothing-to-withdraw"
    message_id = N_("The device {serial} has no event that could be withdrawn.")
    hint_id = N_("Nothing needs to be done.")


class KindCertain(AntinError):
    code = "kind-certain"
    message_id = N_("The certificate of {subject} names an agency; it cannot be entered as anything but its seal.")
    hint_id = N_("If it is a person's after all, ask the issuer for a certificate that names the person.")


class NotTheOneRecorded(AntinError):
    code = "not-the-one-recorded"
    message_id = N_("The token that is plugged in is not the device {serial} as it is recorded: {why}.")
    hint_id = N_("Do not hand it over. Take the right token, or enter in the register what was changed on this one.")


class ProofMissing(AntinError):
    code = "proof-missing"
    message_id = N_("Nothing proves that the device {serial} is the one recorded: no token has signed the challenge.")
    hint_id = N_("Plug the token in and give its PIN, or say why that cannot be done.")


class MinutesUnknown(AntinError):
    code = "minutes-unknown"
    message_id = N_("There are no minutes {number}.")
    hint_id = N_("“antin custody history” names the minutes of each handover.")


class MinutesFinished(AntinError):
    code = "minutes-finished"
    message_id = N_("The minutes {number} are finished already: {path}.")
    hint_id = N_("Nothing needs to be done.")


class MinutesNumberTaken(AntinError):
    """Carries ``number``, ``year`` and ``what`` bears the number: a file, or other minutes."""

    code = "minutes-number-taken"
    message_id = N_("Number {number} of {year} already belongs to {what}.")
    hint_id = N_(
        "Give the minutes the next free number. A handover that is entered already is withdrawn first, then entered "
        "anew."
    )


class MinutesVoid(AntinError):
    code = "minutes-void"
    message_id = N_("The minutes {number} are void: the handover was withdrawn.")
    hint_id = N_("Enter the handover anew.")


class MinutesOutdated(AntinError):
    """Carries ``number`` and ``serials``."""

    code = "minutes-outdated"
    message_id = N_("The minutes {number} say that {serials} changed hands, but that was withdrawn.")
    hint_id = N_("Withdraw the handover of their other devices too, and enter what is right anew.")


class MinutesChanged(AntinError):
    code = "minutes-changed"
    message_id = N_(
        "The minutes {number} were signed by somebody else at the same moment; this signature was not kept."
    )
    hint_id = N_("Sign them once more.")


class SideSigned(AntinError):
    code = "side-signed"
    message_id = N_("{name} has signed the minutes already.")
    hint_id = N_("Let the other side sign.")


class NotThatPerson(AntinError):
    code = "not-that-person"
    message_id = N_("The certificate is {holder}'s; the minutes name {name}.")
    hint_id = N_("Each side signs with a personal token of its own; else print the minutes, sign them and add a scan.")


class SideUnclear(AntinError):
    code = "side-unclear"
    message_id = N_("The minutes name {name} more than once; the certificate does not tell which one signs.")
    hint_id = N_("Print the minutes, have them signed by hand and add a scan.")


class SignerNotVouched(AntinError):
    code = "signer-not-vouched"
    message_id = N_("No authority that this office trusts vouches for {holder}'s certificate.")
    hint_id = N_("Sign with a token of a recognized authority; else print the minutes, sign them and add a scan.")


class SealedCertificate(AntinError):
    code = "not-a-personal-token"
    message_id = N_("{holder} is not a person: minutes are signed with personal tokens.")
    hint_id = N_("Choose a personal token; else print the minutes, sign them and add a scan.")


class GroundsNotFitting(AntinError):
    code = "grounds-not-fitting"
    message_id = N_("The grounds do not fit the certificate of {subject}.")
    hint_id = N_("A revocation needs grounds of Decree 68/2024, article 17, that fit a person or an agency.")


class MinutesNotSet(AntinError):
    code = "minutes-not-set"
    message_id = N_("The document could not be set: {detail}")
    hint_id = N_("Take unusual characters out of what was typed and try again.")
