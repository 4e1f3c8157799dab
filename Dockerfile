# The site as one small image: the locked packages, the code, and static files already collected.
# It has no secrets, no compiler and no installer, runs as a user without rights, and writes to the folders that are mounted only.

FROM python:3.11.15-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.txt .
# Nothing is compiled here. bagit, one file of Python, is published as source alone.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: --no-binary bagit \
        -r requirements.txt \
    && /venv/bin/pip uninstall --yes --quiet pip setuptools

FROM python:3.11.15-slim-bookworm
# The folders that are mounted begin as the user's own; see the volumes in docker-compose.yml.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore --disable-pip-version-check pip setuptools wheel \
    && rm -rf /usr/local/lib/python3.11/ensurepip \
    && groupadd --system --gid 10001 site \
    && useradd --system --uid 10001 --gid site --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin site \
    && mkdir -p /site/var/media /site/var/published /copy /certificates /challenges \
    && chown -R site:site /site/var /copy /certificates /challenges
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 \
    STATIC_ROOT=/site/static-collected
WORKDIR /site
COPY --from=packages /venv /venv
COPY . .
# The settings insist on a secret; this one signs nothing and is gone when the line ends.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" SITE_URL=http://127.0.0.1:8000 \
        python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q -i deploy/compiled.txt
USER site
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["sh", "deploy/start.sh", "public"]
