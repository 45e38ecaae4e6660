"""The register of tokens and the events of custody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "custody_devices",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("serial", sa.Text, nullable=False),
        sa.Column("serial_key", sa.Text, nullable=False),
        sa.Column("maker", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("nickname", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_custody_devices"),
        sa.UniqueConstraint("serial_key", name="uq_custody_devices_serial_key"),
    )
    op.create_table(
        "custody_certificates",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("der", sa.LargeBinary),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("organization", sa.Text, nullable=False),
        sa.Column("serial", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("not_before", _MOMENT),
        sa.Column("not_after", _MOMENT),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("kind_corrected", sa.Boolean, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("ended_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_custody_certificates"),
        sa.ForeignKeyConstraint(["device_id"], ["custody_devices.id"], name="fk_custody_certificates_device_id"),
        sa.UniqueConstraint("device_id", "sha256", name="uq_custody_certificates_device_id_sha256"),
    )
    op.create_index("ix_custody_certificates_device_id", "custody_certificates", ["device_id"])
    op.create_table(
        "custody_minutes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("pdf", sa.LargeBinary, nullable=False),
        sa.Column("signed_by", sa.JSON, nullable=False),
        sa.Column("path", sa.Text),
        sa.Column("sha256", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_custody_minutes"),
    )
    op.create_table(
        "custody_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("device_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("giver", sa.JSON),
        sa.Column("receiver", sa.JSON),
        sa.Column("witness", sa.JSON),
        sa.Column("permission", sa.JSON),
        sa.Column("proof", sa.JSON),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("appearance", sa.Text, nullable=False),
        sa.Column("accessories", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("minutes_id", sa.Integer),
        sa.Column("keeping", sa.Text, nullable=False),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("holder", sa.JSON),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("entered", sa.Boolean, nullable=False),
        sa.Column("withdrawn_at", _MOMENT),
        sa.Column("withdrawn_why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_custody_events"),
        sa.ForeignKeyConstraint(["device_id"], ["custody_devices.id"], name="fk_custody_events_device_id"),
        sa.ForeignKeyConstraint(["minutes_id"], ["custody_minutes.id"], name="fk_custody_events_minutes_id"),
    )
    op.create_index("ix_custody_events_device_id_at", "custody_events", ["device_id", "at"])
    op.create_index("ix_custody_events_minutes_id", "custody_events", ["minutes_id"])
    op.create_index("ix_custody_events_entered", "custody_events", ["entered"])
