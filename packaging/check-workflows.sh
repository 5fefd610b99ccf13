#!/usr/bin/env bash
# actionlint and zizmor on the workflows and the action, shellcheck on the scripts.
source "$(dirname "$0")/common.sh"
tools
actionlint
{ echo 'name: documentation' && python3 packaging/blocks.py docs/ci.md github; } | actionlint -
shellcheck -x -P SCRIPTDIR packaging/*.sh testdata/plans/make/*.sh tests/it/docs/bin/* .ci/run
zizmor --offline --quiet --persona pedantic .
echo 'actionlint, zizmor and shellcheck find nothing'
