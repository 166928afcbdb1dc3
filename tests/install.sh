#!/usr/bin/env bash
# Installs what a build needs on Debian 12: libraries, and the packages named as arguments besides. Safe to run again;
# works as root or through sudo; asks for nothing, and needs neither, when everything is there.
set -euo pipefail
packages=(gcc libc6-dev cmake make pkg-config libjemalloc-dev libcjson-dev libcmocka-dev libxxhash-dev zlib1g-dev "$@")

stop() {
    echo "$1" >&2
    exit 2
}

# Whoever installs here is about to build here.
cd "$(dirname "$0")/.."
for folder in "$PWD" "$PWD/build" "$PWD"/build/*/; do
    if [ -e "$folder" ] && [ ! -w "$folder" ]; then
        stop "cannot write to $folder as $(id -un): give it to this user or run this as its owner"
    fi
done

missing=()
if command -v dpkg-query >/dev/null; then
    for package in "${packages[@]}"; do
        state=$(dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null || true)
        grep -q 'ok installed' <<<"$state" || missing+=("$package")
    done
else
    # No Debian package database: someone put these here by other means, or nobody did. The build itself will tell
    # which library is missing; what must be there to ask is a compiler, cmake and pkg-config.
    command -v "${CC:-cc}" >/dev/null && command -v cmake >/dev/null && command -v pkg-config >/dev/null && exit 0
    missing=("${packages[@]}")
fi
[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null ||
    stop "no apt-get here: install ${missing[*]} (or their equivalents) by hand, then run this again"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
    command -v sudo >/dev/null ||
        stop "not root and no sudo: as root run \`apt-get install ${missing[*]}\`, then run this again"
    # On a terminal sudo may ask for a password; elsewhere nobody would answer.
    if [ -t 0 ]; then
        as_root=(sudo)
    elif ! sudo -n true 2>/dev/null; then
        stop "sudo wants a password, and there is no terminal: run \`sudo apt-get install ${missing[*]}\` first"
    fi
fi
echo "installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        stop "apt-get $1 failed: install ${missing[*]} by hand, then run this again"
    }
}
apt update
apt install -y --no-install-recommends "${missing[@]}"
