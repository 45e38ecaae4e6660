"""The Windows installer: the WiX source of an MSI."""
