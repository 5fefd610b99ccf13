#!/usr/bin/env bash
# Builds the documentation's site in target/packages/site, without a warning, and follows its links.
source "$(dirname "$0")/common.sh"
tools
cargo build --quiet --locked
python3 packaging/site.py "$ROOT" "$OUT/book" target/debug/bucketlint
rm -rf "$OUT/site"
mdbook build "$OUT/book" 2>"$OUT/mdbook.log" || { cat "$OUT/mdbook.log" && exit 1; }
if grep -E 'WARN|ERROR' "$OUT/mdbook.log"; then exit 1; fi
python3 packaging/check-links.py "$OUT/site"
