#!/usr/bin/env bash
# Runs the commands of a page that are marked for it, as they stand there:
# `commands.sh PAGE NAME FOLDER [PATH]`, in the folder, with PATH in front of the search path.
# Where a check finds something (status 1), the next command runs all the same.
set -euo pipefail
commands=$(python3 "$(dirname "$0")/blocks.py" "$1" "$2")
cd "$3"
test -z "${4:-}" || PATH=$4:$PATH
while IFS= read -r command; do
  printf '   $ %s\n' "$command"
  status=0
  bash -c "$command" >/dev/null || status=$?
  test "$status" -le 1 || exit "$status"
done <<<"$commands"
