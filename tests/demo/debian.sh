#!/bin/sh
# Install those of the Debian packages named as arguments that are missing, with sudo where not root.
# On a system without dpkg it only says which programs are expected.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "Not a Debian system; expected to be installed: $*" >&2
    exit 0
fi

format='${db:Status-Status} ${binary:Package}\n'
installed=$(dpkg-query --show --showformat="$format" "$@" 2>/dev/null | sed -n 's/^installed \([^:]*\).*/\1/p')
missing=
for package in "$@"; do
    printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    echo "Install as root, then try again: apt-get install$missing" >&2
    exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        return 1
    }
}
echo "Installing$missing"
# The lists of some other source may be out of reach: whether the packages are to be had, the next step tells.
apt update || true
# shellcheck disable=SC2086
apt install --yes --no-install-recommends $missing || {
    echo "These packages could not be installed:$missing" >&2
    exit 1
}
