# Two commands: `make run` runs Sage, `make test` runs everything that CI runs.

VENV := .venv
BIN := $(VENV)/bin
APT := DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120

.PHONY: run test coverage lint bench torture clean
.DEFAULT_GOAL := run

run: $(VENV)/.run
	@exec $(BIN)/python manage.py up

test: $(VENV)/.test $(VENV)/.chromium lint
	$(BIN)/pytest -n 2 --dist load --ignore=tests/browser
	$(BIN)/pytest -n 2 --dist loadfile tests/browser

# Apart, since tracing every line makes each of the many processes that the tests start several times slower.
coverage: $(VENV)/.test $(VENV)/.chromium
	$(BIN)/python -m coverage erase
	$(BIN)/pytest -n 2 --dist load --cov --cov-report= --ignore=tests/browser
	$(BIN)/pytest -n 2 --dist loadfile --cov --cov-append --cov-report=term tests/browser

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/mypy sage accounts billing videos
	$(BIN)/python manage.py makemigrations --check --dry-run
	HOST=sage.example ALLOWED_HOSTS=sage.example FERNET_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks $(ARGS)

torture: $(VENV)/.test
	$(BIN)/python -m tests.torture $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*

# --- What the commands above need ---

# The first Python on this machine that Sage runs on.
FIND_PYTHON = for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && break; python=; done; \
	[ -n "$$python" ] || { echo 'Sage needs Python 3.11, 3.12 or 3.13. Install one, then run this again.' >&2; exit 1; }

$(VENV)/.made:
	@$(FIND_PYTHON); \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		if [ "$$(id -u)" = 0 ]; then $(APT) update -qq && $(APT) install -y -qq python3-venv; \
		else echo 'Python has no venv module. Run `sudo apt-get install python3-venv`, then run this again.' >&2; exit 1; fi; \
	fi; \
	$$python -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(VENV)/.test: $(VENV)/.made requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@ $(VENV)/.run

# Debian has Chromium as a package; where there is none (Ubuntu's is a snap), Playwright brings its own. That download
# needs no root, only the libraries of the system that this Chromium uses do.
STARTS = $(BIN)/python -c 'from playwright.sync_api import sync_playwright as begin; \
	one = begin().start(); one.chromium.launch().close(); one.stop()'

$(VENV)/.chromium: | $(VENV)/.test
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ]; then \
		$(APT) update -qq; $(APT) install -y -qq chromium || $(BIN)/playwright install --with-deps chromium; \
	elif $(BIN)/playwright install chromium && $(STARTS) 2>/dev/null; then :; \
	else echo 'The browser tests need Chromium. Run `sudo apt-get install chromium` or, on Ubuntu, which has it only as a snap,' \
		'`sudo $(BIN)/playwright install --with-deps chromium`, then run this again.' >&2; exit 1; fi
	@touch $@
