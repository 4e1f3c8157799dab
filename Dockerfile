# The site as one small image: the locked packages, the code, and static files already collected.
# It has no secrets and no compiler, runs as a user without rights, and writes to /site/var only.

FROM python:3.11.14-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.txt .
# Nothing is compiled here. bagit, one file of Python, is published as source alone.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: --no-binary bagit \
        -r requirements.txt \
    && /venv/bin/pip uninstall --yes --quiet pip setuptools

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin site
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 \
    STATIC_ROOT=/site/static-collected
WORKDIR /site
COPY --from=packages /venv /venv
COPY . .
# The settings insist on a secret; this one signs nothing and is gone when the line ends.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" SITE_URL=http://127.0.0.1:8000 \
        python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q manage.py leftbehind_site neighbourhoods appg \
    && mkdir -p var/media var/published && chown -R site var
USER site
VOLUME /site/var
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "deploy/serve.py"]
