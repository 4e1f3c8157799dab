#!/bin/sh
# Start nginx as the front server: write its settings from nginx.conf beside this file, then become nginx.
#
#   sh deploy/front.sh        start
#   sh deploy/front.sh -t     only have nginx check the settings
#
# Wanted in the environment: SITE_URL. ALLOWED_HOSTS, FORMER_HOSTS and ADMIN_PATH as in .env.example.
# The rest has the values of docker-compose.yml, and is for tests.
# -f: a star in the settings stands for no file's name.
set -euf
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd)
temporary=${TEMPORARY:-/tmp}
site_url=${SITE_URL:?set it to the public address, such as https://www.example.org}
admin_path=${ADMIN_PATH:-admin}

refuse() {
    echo "The front server cannot start: $1" >&2
    exit 1
}

# What stands in the settings as it is may hold nothing that means something there.
case $admin_path in
    *[!a-z0-9-]*) refuse "ADMIN_PATH is '$admin_path', not one word of a-z, 0-9 and hyphens" ;;
esac

own=${site_url#*://}
own=${own%%/*}
case $own in
    \[*) own="${own%%]*}]" ;;
    *) own=${own%%:*} ;;
esac

hosts=''
add() {
    for host in $(printf '%s' "$2" | tr 'A-Z,' 'a-z '); do
        case $host in
            *[!]a-z0-9.:[-]*) refuse "'$host' is not the name of a host" ;;
        esac
        case " $known " in
            *" $host "*) ;;
            *)
                known="$known $host"
                hosts="$hosts        \"$host\" $1;\\
"
                ;;
        esac
    done
}
known=''
add own "$own,${ALLOWED_HOSTS:-}"
add former "${FORMER_HOSTS:-}"

PATH=$PATH:/usr/sbin
# From 1.25.1 on HTTP/2 is said in a line of its own.
case $(nginx -v 2>&1) in
    */1.1[0-9].* | */1.2[0-4].* | */1.25.0*) listen='8443 ssl http2' http2='' ;;
    *) listen='8443 ssl' http2='        http2 on;' ;;
esac
if [ -n "${LISTEN:-}" ]; then
    listen="${LISTEN}${listen#8443}"
fi
# Without https, for what is measured on one machine.
if [ "${HTTPS:-true}" = false ]; then
    listen=${listen%% *} http2=''
fi

sed \
    -e "s|@HERE@|$here|g" \
    -e "s|@TEMPORARY@|$temporary|g" \
    -e "s|@PUBLISHED@|${PUBLISHED:-/published}|g" \
    -e "s|@COPY@|${COPY:-/copy/site}|g" \
    -e "s|@CERTIFICATES@|${CERTIFICATES:-/certificates}|g" \
    -e "s|@CHALLENGES@|${CHALLENGES:-/challenges}|g" \
    -e "s|@SITE_SERVER@|${SITE_SERVER:-public:8000}|g" \
    -e "s|@DESK_SERVER@|${DESK_SERVER:-desk:8000}|g" \
    -e "s|@LISTEN@|$listen|g" \
    -e "s|@HTTP2@|$http2|g" \
    -e "s|@LISTEN_PLAIN@|${LISTEN_PLAIN:-8080}|g" \
    -e "s|@LISTEN_HEALTH@|${LISTEN_HEALTH:-127.0.0.1:8081}|g" \
    -e "s|@ADMIN_PATH@|$admin_path|g" \
    -e "s|@HOSTS@|$hosts|" \
    "$here/nginx.conf" >"$temporary/nginx.conf"

exec nginx -e stderr -c "$temporary/nginx.conf" -g 'daemon off;' "$@"
