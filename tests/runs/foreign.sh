#!/usr/bin/env bash
# The same bytes from other machines: builds for 64-bit ARM and big-endian s390x with Debian's cross compilers, runs the
# unit tests and some of the properties under qemu, and compares digests with this machine's (tests/runs/digests.sh).
#   foreign.sh [ARCHITECTURE...]     arm64 s390x unless told
# Nothing foreign is installed: libraries are unpacked under build/foreign/ARCHITECTURE/sysroot.
set -euo pipefail
cd "$(dirname "$0")/../.."
architectures=("$@")
[ ${#architectures[@]} -gt 0 ] || architectures=(arm64 s390x)
tests='^(test_.*|prop_cases|prop_json_differential|fuzz_.*)$'
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() { "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "failed: $*" >&2; exit 1; }; }

# unpack FOLDER ARCHITECTURE: the libraries, through an apt of its own that leaves the machine's as it is.
unpack() {
    local folder=$PWD/$1 packages=(libcjson1 libcjson-dev zlib1g zlib1g-dev libcmocka0 libcmocka-dev libxxhash-dev)
    [ ! -e "$folder/complete" ] || return 0
    command -v apt-get >/dev/null || { echo "no apt-get here: foreign libraries come from Debian" >&2; exit 2; }
    rm -rf "$folder"
    mkdir -p "$folder"/apt/{lists/partial,cache/archives/partial,sources} "$folder/sysroot"
    # Debian's own sources only: others may not know the architecture.
    { grep -l debian /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true; } |
        while read -r file; do cp "$file" "$folder/apt/sources/debian-$(basename "$file")"; done
    local apt=(apt-get -q -o "APT::Architecture=$2" -o "APT::Architectures=$2" -o APT::Sandbox::User=root
        -o "Dir::State=$folder/apt" -o "Dir::State::lists=$folder/apt/lists" -o Dir::State::status=/dev/null
        -o "Dir::Cache=$folder/apt/cache" -o Dir::Etc::sourcelist=/dev/null
        -o "Dir::Etc::sourceparts=$folder/apt/sources")
    run "${apt[@]}" update
    (cd "$folder" && run "${apt[@]}" download "${packages[@]}")
    for package in "$folder"/*.deb; do run dpkg-deb -x "$package" "$folder/sysroot"; done
    touch "$folder/complete"
}

emulators=() programs=()
for architecture in "${architectures[@]}"; do
    case $architecture in
    arm64) machine=aarch64 ;;
    s390x) machine=s390x ;;
    *) echo "unknown architecture \`$architecture\`, expected \`arm64\` or \`s390x\`" >&2 && exit 2 ;;
    esac
    triplet=$machine-linux-gnu folder=build/foreign/$architecture
    bash tests/install.sh "gcc-$triplet" "libc6-dev-$architecture-cross" qemu-user-static
    unpack "$folder" "$architecture"
    sysroot=$PWD/$folder/sysroot emulators=("qemu-$machine-static" -L "/usr/$triplet")
    export PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$triplet/pkgconfig
    run cmake -S . -B "$folder/build" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$machine" \
        -DCMAKE_C_COMPILER="$triplet-gcc" -DCMAKE_CROSSCOMPILING_EMULATOR="$(IFS=';' && echo "${emulators[*]}")" \
        -DCMAKE_FIND_ROOT_PATH="$sysroot" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
        -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-O2 -DORGSIM_JEMALLOC=OFF
    run cmake --build "$folder/build" -j "$(nproc)"
    ctest --test-dir "$folder/build" -R "$tests" --no-tests=error --output-on-failure -j "$(nproc)"
    "${emulators[@]}" "$folder/build/prop_image_oracle" 0 20 # worlds; all of them would take a quarter of an hour
    printf '#!/bin/sh\nexec %s "%s/build/orgsim" "$@"\n' "${emulators[*]}" "$PWD/$folder" >"$folder/orgsim"
    chmod +x "$folder/orgsim"
    "$folder/orgsim" --version >/dev/null
    programs+=("$PWD/$folder/orgsim")
done
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
PROGRAMS=${programs[*]} bash tests/runs/digests.sh
