#!/bin/sh
# What each container of the site does; see docker-compose.yml. The tests start the same, without containers.
#
#   sh deploy/start.sh prepare             bring tables, roles, figures and record up to date, then end
#   sh deploy/start.sh public              serve the public site, which can change nothing
#   sh deploy/start.sh desk                serve the editors' desk
#   sh deploy/start.sh copy [FOLDER]       write the copy for the time when the site is down; each COPY_EVERY seconds
#   sh deploy/start.sh certificate [FROM]  see that there is a certificate, or take the one in the folder FROM
set -eu
cd "$(dirname "$0")/.."

job=${1:-}
[ $# -eq 0 ] || shift

refuse() {
    echo "$1" >&2
    exit 1
}

prepare() {
    if [ "${ARCHIVE_FROZEN:-false}" = true ]; then
        echo "The archive is frozen: nothing is prepared."
        return
    fi
    python manage.py migrate --no-input
    # After each migration: a new table is nobody's until it is given.
    case ${DATABASE_URL:-} in
        postgres*) python deploy/roles.py ;;
    esac
    python manage.py load_neighbourhoods
    python manage.py load_appg_content
}

copy() {
    folder=${1:-/copy/site}
    every=${COPY_EVERY:-}
    if [ -z "$every" ]; then
        exec python manage.py export_site "$folder"
    fi
    case $every in
        *[!0-9]* | 0*) refuse "COPY_EVERY is '$every': it has to be a number of seconds, or empty for once." ;;
    esac
    while :; do
        python manage.py export_site "$folder" --verbosity 0 || echo "The former copy stays; next in $every s." >&2
        sleep "$every"
    done
}

certificate() {
    folder=${CERTIFICATES:-/certificates}
    umask 077
    if [ $# -gt 0 ]; then
        take "$1"
    elif [ ! -e "$folder/current/fullchain.pem" ]; then
        stand_in
    else
        echo "There is a certificate."
    fi
}

# One that nobody has signed: browsers warn of it, and a front server can start with it.
stand_in() {
    host=${SITE_URL:?set it to the public address, such as https://www.example.org}
    host=${host#*://}
    host=${host%%[:/]*}
    case $host in
        *[!0-9.]*) name="DNS:$host" ;;
        *) name="IP:$host" ;;
    esac
    mkdir -p "$folder/stand-in"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=stand-in" \
        -addext "subjectAltName=$name" -keyout "$folder/stand-in/privkey.pem" -out "$folder/stand-in/fullchain.pem" 2>/dev/null
    use stand-in
    echo "Made a certificate to stand in for a real one."
}

take() {
    for name in fullchain.pem privkey.pem; do
        [ -f "$1/$name" ] || refuse "The certificate was not taken: $1 has to hold fullchain.pem and privkey.pem."
    done
    of_certificate=$(openssl x509 -in "$1/fullchain.pem" -noout -pubkey 2>/dev/null) ||
        refuse "The certificate was not taken: $1/fullchain.pem is no certificate."
    of_key=$(openssl pkey -in "$1/privkey.pem" -passin pass: -pubout 2>/dev/null) ||
        refuse "The certificate was not taken: $1/privkey.pem is no key without a password."
    [ "$of_certificate" = "$of_key" ] || refuse "The certificate was not taken: fullchain.pem and privkey.pem do not belong together."
    # A folder of its own each time: what is in use is never half of one and half of another.
    new="given-$(date -u +%Y%m%d%H%M%S)-$$"
    mkdir -p "$folder/$new"
    cp "$1/fullchain.pem" "$1/privkey.pem" "$folder/$new/"
    use "$new"
    echo "The certificate is in use from the next visitor on."
}

# In one step, so that there is always one.
use() {
    ln -sfn "$1" "$folder/current.new"
    mv -T "$folder/current.new" "$folder/current"
}

case $job in
    prepare) prepare ;;
    public)
        DESK=false
        export DESK
        exec python deploy/serve.py
        ;;
    desk)
        DESK=true
        export DESK
        exec python deploy/serve.py
        ;;
    copy) copy "$@" ;;
    certificate) certificate "$@" ;;
    *) refuse "Which job? One of: prepare, public, desk, copy, certificate." ;;
esac
