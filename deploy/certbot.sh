#!/bin/sh
# Get a certificate for CERTIFICATE_HOSTS, and from then on look twice a day whether it has to be renewed.
set -eu

hosts=${CERTIFICATE_HOSTS:?name the hosts, separated by commas: the one of SITE_URL first}
certificates=${CERTIFICATES:-/certificates}
if [ -n "${CERTIFICATE_EMAIL:-}" ]; then
    account="--email $CERTIFICATE_EMAIL"
else
    account=--register-unsafely-without-email
fi

while :; do
    # The account's words are two.
    # shellcheck disable=SC2086
    certbot certonly --non-interactive --agree-tos $account --webroot --webroot-path "${CHALLENGES:-/challenges}" \
        --cert-name site --domains "$hosts" --keep-until-expiring --expand \
        --config-dir "$certificates" --work-dir /tmp/work --logs-dir /tmp/logs || echo "Trying again in 12 hours." >&2
    # In one step, so that there is always one; the front server follows it.
    if [ -e "$certificates/live/site/fullchain.pem" ]; then
        ln -sfn live/site "$certificates/current.new"
        mv -T "$certificates/current.new" "$certificates/current"
    fi
    sleep 43200
done
