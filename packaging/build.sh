#!/usr/bin/env bash
# Makes what a release consists of, in target/packages: `packaging/build.sh WHAT...`, where WHAT is
#
#   binary    the program alone (static on Linux), and where it is
#   archive   bucketlint-VERSION-TARGET.tgz: the program with its licences
#   wheel     the Python package that holds the program
#   sdist     the Python package that builds it
#   npm       the launcher and the package of this platform
#
# TARGET is Rust's name of the platform (default: this machine's). A second call builds nothing again.
source "$(dirname "$0")/common.sh"
static

binary() {
  cargo build --quiet --locked --profile dist --target "$TARGET"
  ls -l "$BINARY"
}

archive() {
  local name=bucketlint-$VERSION-$TARGET
  local at=$OUT/archive/$name
  rm -rf "$at"
  mkdir -p "$at"
  cp "$BINARY" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$at"
  tar -C "$OUT/archive" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -czf "$OUT/$name.tgz" "$name" 2>/dev/null ||
    tar -C "$OUT/archive" -czf "$OUT/$name.tgz" "$name" # no GNU tar
  rm -rf "$OUT/archive"
  ls -l "$OUT/$name.tgz"
}

wheel() {
  tools
  rm -f "$OUT"/*.whl
  local at=$OUT/wheel
  rm -rf "$at"
  case $TARGET in
    *-linux-gnu)
      maturin build --quiet --target "$TARGET" --compatibility manylinux2014 --out "$at" >/dev/null
      # The program links to nothing, so every Linux takes it. The first pair of tags is for pip 9 (RHEL 8's Python 3.6),
      # the second for pip 20.2 and newer, the last for Alpine.
      local cpu=${TARGET%%-*} oldest=
      test "$cpu" != x86_64 || oldest=manylinux_2_5_x86_64.manylinux1_x86_64.
      python -m wheel tags --remove \
        --platform-tag "${oldest}manylinux_2_17_$cpu.manylinux2014_$cpu.musllinux_1_1_$cpu" "$at"/*.whl >/dev/null
      ;;
    *) maturin build --quiet --target "$TARGET" --compatibility pypi --out "$at" >/dev/null ;;
  esac
  mv "$at"/*.whl "$OUT"
  rmdir "$at"
  ls -l "$OUT"/*.whl
}

sdist() {
  tools
  rm -f "$OUT"/bucketlint-*.tar.gz
  maturin sdist --out "$OUT" 2>/dev/null
  ls -l "$OUT"/*.tar.gz
}

npm() {
  rm -f "$OUT"/*bucketlint*.npm.tgz
  node packaging/npm/make.mjs "$VERSION" "$OUT" "$TARGET=$BINARY"
}

for what in "${@:-binary}"; do
  case $what in
    binary | archive | wheel | sdist | npm) "$what" ;;
    *)
      echo "packaging/build.sh: nothing is called $what" >&2
      exit 2
      ;;
  esac
done
