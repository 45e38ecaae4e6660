"""The ledger of an office whose workstations share a database."""
