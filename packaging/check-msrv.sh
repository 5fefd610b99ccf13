#!/usr/bin/env bash
# Compiles with the oldest Rust that Cargo.toml names. Needs rustup.
source "$(dirname "$0")/common.sh"
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
rustup toolchain install --profile minimal --no-self-update "$oldest"
cargo "+$oldest" check --locked
