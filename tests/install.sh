#!/usr/bin/env bash
# Installs what a build needs on Debian 12: libraries, and the tools named as arguments besides. Safe to run again;
# works as root or through sudo; asks for nothing when everything is there.
set -euo pipefail
packages=(gcc cmake make pkg-config libjemalloc-dev libcjson-dev libcmocka-dev libxxhash-dev zlib1g-dev "$@")
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "no apt-get here: install ${missing[*]} (or their equivalents) by hand, then run this again" >&2
    exit 2
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "not root and no sudo: as root run \`apt-get install ${missing[*]}\`, then run this again" >&2
        exit 2
    fi
    as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
