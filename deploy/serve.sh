#!/bin/sh
# Serve the site: the one place that says how the production server is started (by `make run` and in the image).
# HOST, PORT and WORKERS may be set; a front server is expected to add https.
set -eu
cd "$(dirname "$0")/.."
if [ -x .venv/bin/granian ]; then PATH="$PWD/.venv/bin:$PATH"; fi
# Two threads a worker: enough to answer while another request waits for the database.
exec granian --interface wsgi --host "${HOST:-127.0.0.1}" --port "${PORT:-8000}" \
    --workers "${WORKERS:-2}" --blocking-threads 2 --http 1 --no-ws \
    --respawn-failed-workers --workers-kill-timeout 10 --log-level warning \
    leftbehind_site.wsgi:application
