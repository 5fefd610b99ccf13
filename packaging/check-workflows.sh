#!/usr/bin/env bash
# actionlint and zizmor on the workflows and the action, shellcheck on the scripts.
source "$(dirname "$0")/common.sh"
tools
actionlint
shellcheck -x -P SCRIPTDIR packaging/*.sh .ci/run
zizmor --offline --quiet --persona pedantic .
echo 'actionlint, zizmor and shellcheck find nothing'
