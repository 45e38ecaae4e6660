"""The child process of one vendor module: the only place where `pkcs11` is imported.

``python -m pkcs11_bridge.host MODULE`` answers :mod:`pkcs11_bridge.protocol` on its standard input and output.
"""
