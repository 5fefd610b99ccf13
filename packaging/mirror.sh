#!/usr/bin/env bash
# Writes the files of the mirror repository for pre-commit: `packaging/mirror.sh FOLDER`.
source "$(dirname "$0")/common.sh"
mkdir -p "$1"
for file in README.md pyproject.toml; do
  sed "s/@VERSION@/$VERSION/g" "packaging/pre-commit-mirror/$file" >"$1/$file"
done
# The hooks are the same; what is said above them is about building.
sed '/^#/d' .pre-commit-hooks.yaml >"$1/.pre-commit-hooks.yaml"
cp LICENSE-MIT LICENSE-APACHE "$1"
