#!/usr/bin/env bash
# Holds real reports, and the settings that the documentation shows, against the published JSON Schemas with a validator
# that is not ours.
source "$(dirname "$0")/common.sh"
tools
cargo build --quiet --locked
reports=$OUT/reports
rm -rf "$reports"
mkdir -p "$reports"
for input in testdata/{sample,cloudformation,sam,together,rules} testdata/plans/*/plan.json; do
  status=0
  target/debug/bucketlint check --quiet --format json "$input" >"$reports/${input//\//-}.json" 2>/dev/null || status=$?
  test -s "$reports/${input//\//-}.json" || { echo "no report on $input: status $status" && exit 1; }
done
check-jsonschema --check-metaschema docs/report.schema.json bucketlint.schema.json
check-jsonschema --schemafile docs/report.schema.json "$reports"/*.json
python3 packaging/blocks.py --file docs/settings.md bucketlint.yaml >"$reports/settings.yaml"
check-jsonschema --schemafile bucketlint.schema.json "$reports/settings.yaml"
