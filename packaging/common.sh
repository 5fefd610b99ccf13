# What the scripts of this folder share; to be sourced.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
# Everything that is made: binaries, packages, reports.
OUT=$ROOT/target/packages
TARGET=${TARGET:-$(rustc -vV | sed -n 's/^host: //p')}
VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
BINARY=$ROOT/target/$TARGET/dist/bucketlint
case $TARGET in *windows*) BINARY+=.exe ;; esac
export CARGO_TARGET_DIR=$ROOT/target
mkdir -p "$OUT"

# The tools of requirements.txt, in a virtual environment of their own. Fails where they cannot be had.
tools() {
  local at=$OUT/tools
  if ! cmp -s packaging/requirements.txt "$at/requirements.txt"; then
    rm -rf "$at"
    python3 -m venv "$at"
    "$at/bin/python" -m pip install -q --disable-pip-version-check -r packaging/requirements.txt || return 1
    cp packaging/requirements.txt "$at/requirements.txt"
  fi
  PATH=$at/bin:$PATH
}

# Linux binaries need no libc: one serves every distribution. (A static binary on Windows needs no VC++ runtime.)
static() {
  case $TARGET in
    *-linux-gnu | *-windows-msvc) export RUSTFLAGS=-Ctarget-feature=+crt-static ;;
  esac
}
