# Every target sets up what it needs, so each one works on a fresh clone with Python 3.11,
# make and a C compiler. What the tools are told stands in pyproject.toml.
#
#   make serve              run the server on http://127.0.0.1:8000
#   make test               run the tests (PYTEST_ARGS="tests/unit -x" for a part of them)
#   make check              formatting, lint, types, import contracts, then the tests
#   make fix                let ruff format and mend what it can
#   make bench              run the benchmarks (ENGINE=postgres for PostgreSQL)
#   make docs               write the generated pages of docs/ anew
#   make lock               lock the dependencies (LOCK_ARGS=--upgrade for the newest ones)
#   make lock-javascript    lock the packages of JavaScript that tests use

PYTHON ?= python3
PYTEST_ARGS ?= -n 2
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check
JAVASCRIPT := tests/e2e/selfcommunity
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(LOCK_ARGS)

.PHONY: serve test lint check fix bench docs lock lock-javascript browser
.DELETE_ON_ERROR:

serve: .venv/runtime.stamp
	@exec $(BIN)/stonechat serve

# Compiled first, as tests start some hundred processes of ours.
test: .venv/dev.stamp browser $(JAVASCRIPT)/node_modules/.stamp
	@$(BIN)/python -m compileall -q -j 0 src
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

check: lint
	@$(MAKE) --no-print-directory test

fix: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev.stamp
	@$(BIN)/python -m bench

docs: .venv/dev.stamp
	@$(BIN)/python docs/generate.py

lock: .venv/dev.stamp
	$(LOCK) --group build -o requirements/runtime.txt pyproject.toml
	$(LOCK) --group build --extra dev -c requirements/runtime.txt -o requirements/dev.txt pyproject.toml

# The same for the JavaScript that tests drive the server with; written without addresses.
lock-javascript:
	@cd $(JAVASCRIPT) && npm update --package-lock-only --no-audit --no-fund && node strip_lock.cjs

# The stamp is younger than what it was made from, so a second run installs nothing.
.venv/%.stamp: requirements/%.txt pyproject.toml | .venv/bin/pip
	@echo "Installing requirements/$*.txt into .venv"
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Stonechat needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv .venv

# Browser tests drive Debian's chromium: no other browser is fetched.
browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install -y --no-install-recommends chromium >/dev/null; } \
		|| { echo "Browser tests are left out: install Debian's chromium to run them."; \
		[ -z "$$STONECHAT_TEST_REQUIRE_BROWSER" ] || { echo "Here nothing may be left out."; exit 1; }; }

# A community's own client and interface, which tests point at the server (some 490 MB unpacked).
$(JAVASCRIPT)/node_modules/.stamp: $(JAVASCRIPT)/package-lock.json
	@if command -v npm >/dev/null; then \
		echo "Installing $< next to it"; cd $(JAVASCRIPT) && npm ci --omit=dev --ignore-scripts \
		--no-audit --no-fund --loglevel=error && touch node_modules/.stamp; \
	else \
		echo "Tests of the vendor's JavaScript are left out: install Node 20 with npm to run them."; \
		[ -z "$$STONECHAT_TEST_REQUIRE_BROWSER" ] || { echo "Here nothing may be left out."; exit 1; }; \
	fi
