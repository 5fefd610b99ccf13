#!/usr/bin/env bash
# Runs fuzz targets one after the other, together for so many seconds: fuzz/run.sh SECONDS [TARGET]...
#
# The toolchain that builds the program builds them, with a C++ compiler for libFuzzer. Each starts from its seeds
# (fuzz/seeds, test data) and from what earlier runs found (fuzz/corpus). What fails is kept in fuzz/artifacts, and the
# script then ends with 1; its last lines are the executions of each target.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:?so many seconds}
shift
mapfile -t targets < <(if (($#)); then printf '%s\n' "$@"; else basename -s .rs fuzz_targets/*.rs; fi)
share=$((seconds / ${#targets[@]} + 1)) # for 0, libFuzzer would never end

# Counters and comparisons, as libFuzzer wants them; only in what is built for the target, not in build scripts.
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-trace-compares'
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="$coverage --cfg fuzzing -Cdebug-assertions -Ccodegen-units=8" \
  cargo build --quiet --release --target "$host" "${targets[@]/#/--bin=}"

# Test data from which a target starts too.
more() {
  case $1 in
    cloudformation | fix | lint | slips | yaml) echo ../testdata/{cloudformation,sam,together,syntax,equivalent} ;;
    files) echo ../testdata/deployments ;;
    json) echo ../testdata/policies ;;
    plan) echo ../testdata/plans ;;
  esac
}

failed=0
summary=''
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target"
  log=artifacts/$target.log
  # shellcheck disable=SC2046 # folders, one a word
  "target/$host/release/$target" "corpus/$target" "seeds/$target" $(more "$target") -dict=dictionary \
    -artifact_prefix="artifacts/$target/" -max_total_time="$share" -max_len=16384 -timeout=120 -rss_limit_mb=2048 \
    -print_final_stats=1 >"$log" 2>&1 || { failed=1; tail -n 40 "$log"; }
  summary+="$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions"$'\n'
done
printf '%s' "$summary"
exit "$failed"
