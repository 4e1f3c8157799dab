# The commands of the project. `make help` lists them; only Python 3.11 or newer, make and git have to be there.

PORT ?= 8000
PUBLISHED_FILES ?=
# Narrows `make test` to some tests, without measuring coverage: make test TESTS="tests/test_project.py -k lock"
TESTS ?=
# More options for the whole suite: make test PYTEST="--randomly-seed=1"
PYTEST ?=

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes

# Nobody's settings: what `make check` calls a production.
PRODUCTION := SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	SITE_URL=https://www.check.test DEBUG=false ALLOWED_HOSTS= TRUST_PROXY_HEADERS=true ADMIN_PATH= SECOND_FACTOR= \
	DATABASE_URL=sqlite:///var/check.sqlite3

export PORT PUBLISHED_FILES
.DEFAULT_GOAL := help
.PHONY: help run test check fix bench rehearse dataset dev editor pictures lock clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '  make %-9s %s\n' "$$name" "$$what"; done

# --- set up

# A Python that is new enough and can make a virtual environment; the machine's own before any other.
$(BIN)/python:
	@for python in python3 python3.13 python3.12 python3.11 python3.14; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			new_enough=$$python; \
			if $$python -c 'import venv, ensurepip' >/dev/null 2>&1; then found=$$python; break; fi; \
		fi; \
	done; \
	if [ -z "$$new_enough" ]; then \
		echo "Python 3.11 or newer is needed. Found: $$(python3 --version 2>&1 || echo none)." >&2; exit 1; \
	elif [ -z "$$found" ]; then \
		echo "$$new_enough cannot make virtual environments: install its venv module" \
			"(on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$found ($$($$found --version))"; \
	rm -rf $(VENV) && $$found -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Installing the locked packages"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing the locked packages, the ones for development included"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# Programs that only tests start, which cannot share an environment with the site. Without it they say so.
$(VENV)-replay/.installed: requirements-replay.txt | $(BIN)/python
	@echo "Installing the replayer of web archives"
	@$(BIN)/python -m venv $(VENV)-replay && $(VENV)-replay/bin/python -m pip install --quiet --quiet \
		--disable-pip-version-check --require-hashes -r requirements-replay.txt && touch $@

# The Nu HTML checker. Without npm the tests that need it say that they were not run.
node_modules/.installed: package-lock.json
	@if command -v npm >/dev/null 2>&1; then \
		echo "Installing the HTML checker" && npm ci --ignore-scripts --no-audit --no-fund --silent && touch $@; \
	fi

# Written once, never overwritten. Readable by its owner alone, because it holds the secret.
.env: | $(VENV)/.runtime
	@umask 077 && { \
		echo "# This machine's settings, made by make run. .env.example explains them."; \
		echo "SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')"; \
		echo "SITE_URL=http://127.0.0.1:$(PORT)"; \
	} > $@.new && mv $@.new $@
	@echo "Wrote .env with a new secret"

# --- run

# An address on this machine follows PORT; any other one in the environment or in .env stays as it is.
LOCAL_ADDRESS = if [ -z "$$SITE_URL" ] && grep -qs '^SITE_URL=http://127\.0\.0\.1' .env; then \
	export SITE_URL=http://127.0.0.1:$(PORT); fi

# Sources and their folders, so that a removed file counts as a change too.
var/static/staticfiles.json: $(VENV)/.runtime $(shell find static 2>/dev/null) | .env
	@$(LOCAL_ADDRESS); STATIC_ROOT=var/static $(MANAGE) collectstatic --no-input --verbosity 0

# Where the editing desk is: in the environment, else in .env, else at its usual address.
ADMIN_PATH_NOW = named=$${ADMIN_PATH:-$$(sed -n 's/^ADMIN_PATH=//p' .env | tail -n 1)}; echo "$${named:-admin}"

run: $(VENV)/.runtime .env var/static/staticfiles.json ## set the site up and serve it at http://127.0.0.1:8000/ (PORT=8001 for another port)
	@$(LOCAL_ADDRESS); export HOST=127.0.0.1 DEBUG=false STATIC_ROOT=var/static; \
	$(BIN)/python deploy/serve.py --check && \
	$(BIN)/python -m compileall -q -i deploy/compiled.txt && \
	$(MANAGE) migrate --no-input --verbosity 0 && \
	$(MANAGE) load_neighbourhoods && \
	$(MANAGE) load_appg_content && \
	echo "" && \
	echo "The site is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)." && \
	echo "To make an editor's account: make editor (in another window), then http://127.0.0.1:$(PORT)/$$($(ADMIN_PATH_NOW))/" && \
	exec $(BIN)/python deploy/serve.py

dev: $(VENV)/.runtime .env ## serve with DEBUG on, restarting when the code changes
	@export DEBUG=true SITE_URL=http://127.0.0.1:$(PORT); \
	$(MANAGE) migrate --no-input --verbosity 0 && \
	$(MANAGE) load_neighbourhoods && $(MANAGE) load_appg_content && \
	exec $(MANAGE) runserver 127.0.0.1:$(PORT)

editor: $(VENV)/.runtime .env ## make an editor's account
	@$(MANAGE) createsuperuser

dataset: $(VENV)/.runtime .env ## build the shipped dataset again: make dataset PUBLISHED_FILES=<folder>
	@if [ -z "$(PUBLISHED_FILES)" ]; then \
		echo "Name the folder of the published files: make dataset PUBLISHED_FILES=<folder>" >&2; exit 2; fi
	$(MANAGE) build_dataset --from "$(PUBLISHED_FILES)"

# --- prove

test: $(VENV)/.dev $(VENV)-replay/.installed node_modules/.installed ## set up and run every test (TESTS=... for some; DATABASE_URL=... for PostgreSQL)
ifeq ($(strip $(TESTS)),)
	$(BIN)/python -m pytest --numprocesses auto --cov --cov-report term $(PYTEST)
else
	$(BIN)/python -m pytest $(TESTS) $(PYTEST)
endif

check: $(VENV)/.dev $(VENV)-replay/.installed ## style, types, deployment settings, migrations, lock files, tracked files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	@mkdir -p var/static
	@$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	@$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(BIN)/python deploy/lock.py --check
	$(BIN)/python -m deploy.licences --check
	$(BIN)/python deploy/tracked.py

fix: $(VENV)/.dev ## put right what ruff can put right
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev ## measure loading, rendering, pages, serving and the export (PUBLISHED_FILES=<folder> for all of loading)
	$(BIN)/python -m tests.bench

rehearse: $(VENV)/.dev ## back a site up while it is edited, restore it to the other database, compare every page
	$(BIN)/python -m tests.rehearse

# --- look after

pictures: $(VENV)/.dev ## take the pictures of docs/editing.md anew (needs Chromium)
	$(BIN)/python -m tests.pictures

lock: $(VENV)/.dev ## write the lock files and docs/licences.md anew, at the newest versions that pyproject.toml allows
	$(BIN)/python deploy/lock.py
	$(MAKE) --no-print-directory $(VENV)/.dev $(VENV)-replay/.installed
	$(BIN)/python -m deploy.licences

clean: ## remove what can be made again (not the database, not .env)
	rm -rf $(VENV) $(VENV)-replay node_modules var/static var/published test-results .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
