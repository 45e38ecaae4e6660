"""Settings: typed, from ``settings.toml`` in the data folder and from what IT staff set, readable by them."""

from __future__ import annotations

from app.settings.errors import ManagedContradiction, ManagedInvalid, SettingLocked, SettingsInvalid
from app.settings.loading import default_data_dir, load, refuse_if_locked
from app.settings.model import (
    AgencySettings,
    ArchiveSettings,
    BundleSettings,
    DatabaseSettings,
    JournalSettings,
    NetworkSettings,
    Origin,
    Settings,
    SigningSettings,
    TokenSettings,
    TrustSettings,
    UpdateSettings,
    VerificationSettings,
)

__all__ = [
    "AgencySettings",
    "ArchiveSettings",
    "BundleSettings",
    "DatabaseSettings",
    "JournalSettings",
    "ManagedContradiction",
    "ManagedInvalid",
    "NetworkSettings",
    "Origin",
    "SettingLocked",
    "Settings",
    "SettingsInvalid",
    "SigningSettings",
    "TokenSettings",
    "TrustSettings",
    "UpdateSettings",
    "VerificationSettings",
    "default_data_dir",
    "load",
    "refuse_if_locked",
]
