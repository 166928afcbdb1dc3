#!/usr/bin/env bash
# Installs what is missing, builds build/dev (ASan and UBSan) and runs the whole test suite.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/install.sh
cmake --preset dev >build-dev.log 2>&1 || { cat build-dev.log >&2; rm -f build-dev.log; exit 1; }
rm -f build-dev.log
cmake --build --preset dev -j "$(nproc)"
ctest --test-dir build/dev --output-on-failure -j "$(nproc)"
