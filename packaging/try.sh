#!/usr/bin/env bash
# Makes the packages and tries them as a user would: each installed in a clean environment, by the commands of
# docs/install.md, and its output held byte for byte against the program's. Needs Rust, Python with pip, Node with npm;
# what cannot be had is skipped, with a line that says so.
source "$(dirname "$0")/common.sh"
static

SCRATCH=$(mktemp -d)
STARTED=()
finish() {
  test ${#STARTED[@]} = 0 || kill "${STARTED[@]}" 2>/dev/null || true
  rm -rf "$SCRATCH"
}
trap finish EXIT

say() { printf '== %s\n' "$*"; }
skip() { printf 'skipped: %s\n' "$*"; }
seconds() { # a command, and how long it took
  local start=$EPOCHREALTIME
  "$@"
  awk -v from="$start" -v to="$EPOCHREALTIME" 'BEGIN { printf "   %.1f s\n", to - from }'
}

# The project that each installation lints.
project() {
  mkdir -p "$1"
  cp testdata/sample/storage.yaml "$1"
}

# The program at $2... must say what the built binary says, in the folder $1.
same() {
  local folder=$1 format status
  shift
  for format in json human; do
    status=0
    (cd "$folder" && "$@" check storage.yaml --format "$format" >"$SCRATCH/out" 2>"$SCRATCH/err") || status=$?
    test "$status" = 1 || { cat "$SCRATCH/err" && echo "status $status of $*" && exit 1; }
    status=0
    (cd "$folder" && "$BINARY" check storage.yaml --format "$format" >"$SCRATCH/want" 2>"$SCRATCH/want-err") || status=$?
    test "$status" = 1
    cmp "$SCRATCH/want" "$SCRATCH/out"
  done
  echo "   $*: the same bytes as the program's"
}

try_binary() {
  say 'the program'
  seconds packaging/build.sh binary archive
  local root=$SCRATCH/root
  mkdir -p "$root"
  project "$root"
  case $TARGET in *-linux-*) ;; *) return 0 ;; esac
  if readelf -d "$BINARY" | grep NEEDED || readelf -l "$BINARY" | grep INTERP; then
    echo 'the program is not static'
    exit 1
  fi
  # A folder that holds the program and a template, and nothing else.
  cp "$BINARY" "$root/bucketlint"
  local enter=(chroot)
  test "$(id -u)" = 0 || enter=(unshare -r chroot)
  if "${enter[@]}" "$root" /bucketlint --version; then
    (cd "$root" && "$BINARY" check storage.yaml >"$SCRATCH/want" 2>/dev/null) || test $? = 1
    ("${enter[@]}" "$root" /bucketlint check storage.yaml >"$SCRATCH/out" 2>/dev/null) || test $? = 1
    cmp "$SCRATCH/want" "$SCRATCH/out"
    echo '   the same bytes in a folder that holds nothing but it and a template'
  else
    skip 'this user may not change the root folder'
  fi
  local start=$EPOCHREALTIME
  for _ in {1..100}; do "$BINARY" --version >/dev/null; done
  awk -v from="$start" -v to="$EPOCHREALTIME" 'BEGIN { printf "   starts in %.1f ms\n", 10 * (to - from) }'
}

try_cargo_package() {
  say 'the crate'
  # The fetched lists of crates.io are needed, and not every machine reaches it.
  cargo package --quiet --locked --allow-dirty --no-verify 2>"$SCRATCH/err" || { cat "$SCRATCH/err" && exit 1; }
  if grep warning "$SCRATCH/err"; then exit 1; fi
  local crate=target/package/bucketlint-$VERSION.crate
  ls -l "$crate"
  test "$(wc -c <"$crate")" -lt 1000000
}

# As if all platforms had been built: the program of this one stands for the others.
try_release() {
  say 'the files of a release'
  local at=$SCRATCH/release target
  mkdir "$at"
  cp "$OUT"/*.whl "$OUT"/*.tar.gz "$OUT"/*.tgz "$at"
  for target in aarch64-apple-darwin x86_64-apple-darwin aarch64-unknown-linux-gnu x86_64-unknown-linux-gnu; do
    cp "$OUT/bucketlint-$VERSION-$TARGET.tgz" "$at/bucketlint-$VERSION-$target.tgz" 2>/dev/null || true
  done
  packaging/release-files.sh "$at"
  (cd "$at" && sha256sum --check --quiet SHA256SUMS)
  grep -q '"bomFormat": *"CycloneDX"' "$at"/*.cyclonedx.json
  if grep '@' "$at/bucketlint.rb"; then
    echo 'the formula was not filled in'
    exit 1
  fi
  if command -v ruby >/dev/null; then ruby -c "$at/bucketlint.rb" >/dev/null; fi
  grep -q "sha256 \"$(sha256sum <"$OUT/bucketlint-$VERSION-$TARGET.tgz" | cut -d' ' -f1)\"" "$at/bucketlint.rb"
  if packaging/check-release.sh v0.0.0-none 2>/dev/null; then
    echo 'a tag of another version was accepted'
    exit 1
  fi
}

try_python() {
  say 'the Python packages'
  seconds packaging/build.sh wheel sdist
  python packaging/check-wheel.py "$OUT"/*.whl
  auditwheel show "$OUT"/*.whl >"$SCRATCH/audit"
  grep -q 'requires no external shared' "$SCRATCH/audit"

  # Nothing but our own wheel: neither pip nor uv asks an index.
  export PIP_NO_INDEX=1 PIP_FIND_LINKS=$OUT UV_NO_INDEX=1 UV_FIND_LINKS=$OUT UV_CACHE_DIR=$SCRATCH/uv
  export UV_TOOL_DIR=$SCRATCH/uv-tools UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
  local folder=$SCRATCH/python
  project "$folder"
  python3 -m venv "$SCRATCH/venv"
  packaging/commands.sh docs/install.md pip "$folder" "$SCRATCH/venv/bin"
  same "$folder" "$SCRATCH/venv/bin/bucketlint"
  packaging/commands.sh docs/install.md uvx "$folder" "$(dirname "$(command -v uvx)")"
  same "$folder" uvx bucketlint
  unset PIP_NO_INDEX UV_NO_INDEX

  # From the sources, without the optimizations that take minutes, and from these: pip keeps what it built of a path.
  python3 -m venv "$SCRATCH/source"
  MATURIN_PEP517_ARGS='--profile dev' RUSTFLAGS='' \
    seconds "$SCRATCH/source/bin/python" -m pip install -q --no-cache-dir --no-binary bucketlint "bucketlint==$VERSION"
  same "$folder" "$SCRATCH/source/bin/bucketlint"
}

try_hooks() {
  say 'pre-commit, in repositories that are thrown away'
  RUSTFLAGS='' python packaging/try-pre-commit.py "$ROOT" "$OUT"
  say 'the action and the GitLab template'
  python packaging/try-ci.py "$ROOT" "$OUT"
}

try_npm() {
  say 'the npm packages'
  packaging/build.sh npm
  # An input that never ends.
  mkfifo "$SCRATCH/open"
  sleep 600 >"$SCRATCH/open" &
  STARTED+=($!)
  node packaging/npm/registry.mjs "$OUT" >"$SCRATCH/registry" &
  STARTED+=($!)
  until test -s "$SCRATCH/registry"; do sleep 0.1; done
  export npm_config_registry npm_config_cache=$SCRATCH/npm-cache npm_config_update_notifier=false
  npm_config_registry=$(cat "$SCRATCH/registry")

  local folder=$SCRATCH/npm
  project "$folder"
  (cd "$folder" && echo '{ "private": true }' >package.json)
  seconds packaging/commands.sh docs/install.md npm "$folder"
  same "$folder" npx bucketlint
  local launcher=$folder/node_modules/.bin/bucketlint

  # A signal reaches the program, and its end is the launcher's.
  (cd "$folder" && exec "$launcher" check - <"$SCRATCH/open" >/dev/null 2>&1) &
  local started=$! status=0
  until pgrep -P "$started" >/dev/null; do sleep 0.1; done
  local program
  program=$(pgrep -P "$started")
  kill -TERM "$started"
  wait "$started" || status=$?
  test "$status" = 143 || { echo "status $status after SIGTERM" && exit 1; }
  if kill -0 "$program" 2>/dev/null; then
    echo 'the program outlived its launcher'
    exit 1
  fi
  echo '   SIGTERM ends launcher and program'

  # Without the package of the platform.
  folder=$SCRATCH/npm-bare
  mkdir "$folder"
  (cd "$folder" && echo '{ "private": true }' >package.json && npm install --silent --omit=optional bucketlint)
  status=0
  "$folder/node_modules/.bin/bucketlint" --version 2>"$SCRATCH/err" || status=$?
  test "$status" = 2
  grep -q 'is not installed' "$SCRATCH/err"
  echo '   without the package of the platform: says so, status 2'
}

try_binary
try_cargo_package
if tools; then
  try_python
  try_hooks
else
  skip 'the Python packages, the hooks and the action: pip does not reach its index'
fi
if command -v npm >/dev/null; then try_npm; else skip 'the npm packages: there is no npm'; fi
if tools && command -v npm >/dev/null; then try_release; else skip 'the files of a release: not all packages were built'; fi
say 'every package was tried'
