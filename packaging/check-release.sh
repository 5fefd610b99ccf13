#!/usr/bin/env bash
# What must be true of a commit before it is released as TAG: `packaging/check-release.sh TAG`.
source "$(dirname "$0")/common.sh"
tag=$1
if [ "$tag" != "v$VERSION" ]; then
  echo "the tag is $tag, and Cargo.toml says $VERSION" >&2
  exit 1
fi
if ! grep -Eq "^## $VERSION \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$" CHANGELOG.md; then
  echo "CHANGELOG.md has no heading \`## $VERSION (YYYY-MM-DD)\`" >&2
  exit 1
fi
echo "$VERSION may be released"
