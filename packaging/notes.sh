#!/usr/bin/env bash
# The part of CHANGELOG.md about this version.
source "$(dirname "$0")/common.sh"
awk -v heading="## $VERSION " 'index($0, "## ") == 1 { on = index($0, heading) == 1; next } on' CHANGELOG.md
