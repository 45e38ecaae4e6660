"""The child process of one vendor module: the only place where `pkcs11` is imported."""
