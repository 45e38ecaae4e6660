"""How the packages are built: the frozen program, the Debian package, the Windows installer, a release."""
