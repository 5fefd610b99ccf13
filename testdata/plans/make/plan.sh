#!/usr/bin/env bash
# `plan.sh FOLDER [options of terraform plan]` makes FOLDER/plan.json from its *.tf files: with Terraform itself, which must be
# on the PATH, and with the stand-in for the AWS provider beside this script. PyPI is needed once, AWS never.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bucketlint-plans
command -v terraform >/dev/null || { echo "plan.sh: no terraform on the PATH" >&2; exit 2; }
if [[ ! -x $cache/venv/bin/python ]]; then
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install -q 'tf==1.2.0' grpcio msgpack
fi
mkdir -p "$cache/bin"
printf '#!/bin/sh\nexec "%s" "%s"\n' "$cache/venv/bin/python" "$here/provider.py" >"$cache/bin/terraform-provider-aws"
chmod +x "$cache/bin/terraform-provider-aws"
printf 'provider_installation {\n  dev_overrides { "hashicorp/aws" = "%s" }\n}\ndisable_checkpoint = true\n' "$cache/bin" >"$cache/tfrc"
export TF_CLI_CONFIG_FILE=$cache/tfrc TF_DISABLE_PLUGIN_TLS=1 CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
dir=$1
shift
cd "$dir"
if grep -qs '^ *module "' ./*.tf; then terraform get -no-color >/dev/null; fi
out=$(mktemp)
terraform plan -no-color -out="$out" "$@" >/dev/null
terraform show -json "$out" >plan.json
rm -f "$out"
