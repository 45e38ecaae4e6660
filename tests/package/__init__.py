"""The installed package on bare systems: `make test-package`, as root, with the network of Debian's archive."""
