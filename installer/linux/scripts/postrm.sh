#!/bin/sh
# Folders of versions that were kept while somebody worked with them go with the package. What offices keep, their
# settings in /etc/antin and people's data folders, is never touched, not even by a purge.
set -e

case "$1" in
remove | purge)
    rm -rf /opt/antin
    ;;
abort-install | abort-upgrade)
    rm -rf /opt/antin/.kept-*
    ;;
esac
