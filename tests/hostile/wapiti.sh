#!/usr/bin/env bash
# Let wapiti (Debian's) attack a site of its own, once as a reader and once as an editor:
#
#   tests/hostile/wapiti.sh FOLDER [SECONDS]
#
# Writes its reports into FOLDER, spends SECONDS (300) on each attack at most, and ends with 1 if anything of weight
# was found. Needs wapiti (apt-get install wapiti) and the site's environment (make test). Its settings and database
# are made for it and go with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder="$(realpath -m "${1:?name a folder for the reports}")"
seconds="${2:-300}"
command -v wapiti >/dev/null || { echo "wapiti is not installed: apt-get install wapiti" >&2; exit 2; }
mkdir -p "$folder"
exec .venv/bin/python -m tests.hostile.scanning "$folder" "$seconds"
