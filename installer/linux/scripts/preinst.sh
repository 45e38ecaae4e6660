#!/bin/sh
# A version that somebody is working with stays on the disk until it is closed: its files are linked aside
# before dpkg takes them away.
set -e

@SHARED@

if [ "$1" = upgrade ]; then
    for folder in "$programs"/[0-9]*; do
        version=${folder##*/}
        if [ -d "$folder" ] && [ "$version" != "@VERSION@" ] && in_use "$folder"; then
            rm -rf "$programs/.kept-$version"
            cp -al "$folder" "$programs/.kept-$version"
        fi
    done
fi
