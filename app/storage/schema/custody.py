"""The register of tokens and what happened to them."""

from __future__ import annotations

import sqlalchemy as sa

from app.storage.schema.base import Moment, metadata

#: Devices that keep a private key. ``serial_key`` tells them apart (app.custody.register.serial_key); ``label`` is what
#: the token calls itself, ``nickname`` what the office calls it; ``confirmed_at``: when it was last seen to be there.
devices = sa.Table(
    "custody_devices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("serial_key", sa.Text, nullable=False, unique=True),
    sa.Column("maker", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("nickname", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("registered_at", Moment, nullable=False),
    sa.Column("confirmed_at", Moment),
)

#: Certificates on the devices. ``sha256`` and ``der`` are missing where a certificate was entered by hand;
#: ``kind_corrected``: somebody said so, whatever the subject looks like; ``ended``: ``renewed``, ``revoked`` or
#: ``replaced``, where it is not the device's any more.
certificates = sa.Table(
    "custody_certificates",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("custody_devices.id"), nullable=False, index=True),
    sa.Column("sha256", sa.String(64)),
    sa.Column("der", sa.LargeBinary),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("organization", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("not_before", Moment),
    sa.Column("not_after", Moment),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("kind_corrected", sa.Boolean, nullable=False),
    sa.Column("ended", sa.Text),
    sa.Column("ended_at", Moment),
    sa.UniqueConstraint("device_id", "sha256"),
)

#: Minutes of handovers. ``content`` is what they say (app.custody.minutes.MinutesContent), ``pdf`` their newest form:
#: as set, then with each signature; ``path`` where the finished ones are filed.
minutes = sa.Table(
    "custody_minutes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("pdf", sa.LargeBinary, nullable=False),
    sa.Column("signed_by", sa.JSON, nullable=False),
    sa.Column("path", sa.Text),
    sa.Column("sha256", sa.String(64)),
)

#: What happened to the devices. ``keeping``, ``condition``, ``holder``, ``since`` (of keeping and holder) and ``due``
#: are the state it left behind; ``entered``: the ledger has it; ``withdrawn_at``: it was entered by mistake and does
#: not count.
events = sa.Table(
    "custody_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("custody_devices.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("entered_at", Moment, nullable=False),
    sa.Column("giver", sa.JSON(none_as_null=True)),
    sa.Column("receiver", sa.JSON(none_as_null=True)),
    sa.Column("witness", sa.JSON(none_as_null=True)),
    sa.Column("permission", sa.JSON(none_as_null=True)),
    sa.Column("proof", sa.JSON(none_as_null=True)),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("appearance", sa.Text, nullable=False),
    sa.Column("accessories", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("minutes_id", sa.ForeignKey("custody_minutes.id"), index=True),
    sa.Column("keeping", sa.Text, nullable=False),
    sa.Column("condition", sa.Text, nullable=False),
    sa.Column("holder", sa.JSON(none_as_null=True)),
    sa.Column("since", Moment, nullable=False),
    sa.Column("entered", sa.Boolean, nullable=False),
    sa.Column("withdrawn_at", Moment),
    sa.Column("withdrawn_why", sa.Text),
    sa.Index(None, "device_id", "at"),
    sa.Index(None, "entered"),
)
