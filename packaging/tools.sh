#!/usr/bin/env bash
# Installs the tools of requirements.txt in target/packages/tools; fails where they cannot be had.
source "$(dirname "$0")/common.sh"
tools
