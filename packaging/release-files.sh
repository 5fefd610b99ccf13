#!/usr/bin/env bash
# What lies beside the packages of a release: `packaging/release-files.sh FOLDER`, a folder with the archives and wheels
# of all platforms, gets the bill of materials, the checksums and the Homebrew formula.
source "$(dirname "$0")/common.sh"
cd "$1" || exit

# maturin writes one into each wheel; they are the same but for the platform.
wheel=$(printf '%s\n' *.whl | grep -m1 manylinux)
unzip -p "$wheel" '*/sboms/bucketlint.cyclonedx.json' >"bucketlint-$VERSION.cyclonedx.json"

sha256sum -- *.tgz *.whl *.tar.gz *.cyclonedx.json >SHA256SUMS

formula=$(<"$ROOT/packaging/homebrew/bucketlint.rb.in")
formula=${formula//@VERSION@/$VERSION}
for target in aarch64-apple-darwin x86_64-apple-darwin aarch64-unknown-linux-gnu x86_64-unknown-linux-gnu; do
  sum=$(awk -v file="bucketlint-$VERSION-$target.tgz" '$2 == file { print $1 }' SHA256SUMS)
  if [ -z "$sum" ]; then
    echo "there is no archive for $target" >&2
    exit 1
  fi
  formula=${formula//@$target@/$sum}
done
printf '%s\n' "$formula" >bucketlint.rb
