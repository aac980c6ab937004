# Few words; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PORT ?= 8000
PDF ?=
URL ?=
# Compiled once, and not between the sources: without it every start takes a second longer.
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.venv/pycache
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run demo check fast test slow mutation bench migrate openapi lock

help: ## list the words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# A stamp names what was installed and where, so that the second call costs nothing. pip does all of
# it where uv is not to be had; uv only takes seconds instead of minutes.
PIP := $(BIN)/python -m pip --disable-pip-version-check
define install
	@want="$$(cat $(1) pyproject.toml | cksum) $(CURDIR)"; \
	if [ ! -x $(BIN)/python ] || [ "$$(cat .venv/.installed-$(2) 2>/dev/null)" != "$$want" ]; then \
	  $(BIN)/pip --version >/dev/null 2>&1 || { $(new_venv); }; \
	  echo "Đang cài đặt / installing: $(1) (about 300 MB once; a minute or two) ..."; \
	  $(PIP) install -q --require-hashes -r requirements/setup.txt; \
	  $(PIP) install -q --require-hashes --only-binary :all: -r requirements/uv.txt 2>/dev/null || true; \
	  if $(BIN)/uv --version >/dev/null 2>&1; \
	    then $(BIN)/uv pip install --python $(BIN)/python --require-hashes -r $(1); \
	    else $(PIP) install --require-hashes -r $(1); fi; \
	  $(PIP) install -q --no-deps --no-build-isolation -e .; \
	  echo "$$want" > .venv/.installed-$(2); \
	fi
endef
# Made anew where the folder was moved, or where an earlier making was broken off.
define new_venv
	  "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Cần Python 3.11 trở lên; hãy chỉ đường dẫn bằng PYTHON=/path/to/python3.11"; \
	    echo "Python 3.11 or newer is needed; name one with PYTHON=/path/to/python3.11"; \
	    exit 1; }; \
	  echo "Making .venv with $(PYTHON) ..."; \
	  "$(PYTHON)" -m venv --clear .venv
endef

.PHONY: .run .run-only .dev
# Whoever has everything for development has what running needs.
.run:
	@[ "$$(cat .venv/.installed-dev 2>/dev/null)" = "$$(cat requirements/dev.txt pyproject.toml | cksum) $(CURDIR)" ] \
	  || $(MAKE) -s .run-only
.run-only:
	$(call install,requirements/run.txt,run)
.dev:
	$(call install,requirements/dev.txt,dev)

setup: .dev ## make .venv with everything locked, and the khonggiay command in it

run: .run ## migrate, load the demo ministry once, start the API (PORT=8000)
	@exec $(BIN)/khonggiay serve --demo --port $(PORT)

demo: .run ## tell an official's day on a real document (PDF=path, URL=http://...)
	@exec $(BIN)/khonggiay demo $(if $(PDF),--pdf "$(PDF)") $(if $(URL),--url "$(URL)")

migrate: .run ## bring the database to the newest schema
	@exec $(BIN)/khonggiay migrate

check: .dev ## style, types, import laws, dependencies
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && echo "style      ok"
	@$(BIN)/lint-imports --no-logo >.make-lint 2>&1 && echo "imports    ok" || { cat .make-lint; exit 1; }
	@$(BIN)/deptry . >.make-deptry 2>&1 && echo "depends    ok" || { cat .make-deptry; exit 1; }
	@$(BIN)/mypy --no-error-summary && echo "types      ok"

fast: .dev ## the inner loop: rules and other plain values, no database and no process (< 30 s)
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "plain and not slow and not engines and not story"

test: .dev ## the whole suite, on SQLite and on PostgreSQL
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

slow: .dev ## kill loops and other long tests, and mutation
	@$(BIN)/pytest -n 2 --dist worksteal -m slow --timeout 3000
	@$(MAKE) -s mutation

mutation: .dev ## change rules and tables in every way: a test must notice (part of slow)
	@$(BIN)/python -m tests.mutation

bench: .dev ## every measurement, as JSON lines (bench-<part>: one part)
	@for part in bench/bench_*.py; do $(BIN)/python -m bench.$$(basename $$part .py); done

bench-%: .dev
	@$(BIN)/python -m bench.bench_$*

openapi: .dev ## write the public contract into openapi/
	@$(BIN)/khonggiay openapi --write

lock: .dev ## lock the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --generate-hashes --exclude-newer "1 week" requirements/setup.in -o requirements/setup.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --generate-hashes --exclude-newer "1 week" requirements/uv.in -o requirements/uv.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --generate-hashes --exclude-newer "1 week" pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --generate-hashes --exclude-newer "1 week" pyproject.toml --group dev -o requirements/dev.txt
