#!/bin/sh
# What preinst linked aside goes back to its place while somebody works with it; versions nobody uses go.
set -e

@SHARED@

if [ "$1" = configure ]; then
    for kept in "$programs"/.kept-*; do
        [ -d "$kept" ] || continue
        folder="$programs/${kept##*/.kept-}"
        rm -rf "$folder"
        mv "$kept" "$folder"
    done
    for folder in "$programs"/[0-9]*; do
        if [ "${folder##*/}" != "@VERSION@" ] && ! in_use "$folder"; then
            rm -rf "$folder"
        fi
    done
fi
