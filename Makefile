# Interlock. `make help` lists the targets; every target sets up what it needs by itself.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# the folder of this file, whatever its name holds: make splits lists at spaces, so the shell finds it
ROOT := $(shell cd "$$(dirname "$$(printf %s '$(MAKEFILE_LIST)' | sed 's/^ *//')")" && pwd)
ESCAPED := $(subst $(subst ,, ),\ ,$(ROOT))
VENV := $(ROOT)/.venv
BIN := .venv/bin
STAMP := $(ESCAPED)/.venv/.installed
IN := cd "$(ROOT)" &&
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV_VERSION := 0.13.8
export VIRTUAL_ENV := $(VENV)
export PATH := $(VENV)/bin:$(PATH)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' "$(ROOT)/Makefile" | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name says; do printf '  %-12s %s\n' "$$name" "$$says"; done

$(STAMP): $(ESCAPED)/requirements.lock $(ESCAPED)/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PYTHON=/path/to/python3.11)"; exit 1; }
	@echo "setting up .venv from requirements.lock (once)"
	@$(IN) test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(IN) test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@$(IN) $(BIN)/uv pip sync -q --require-hashes requirements.lock
	@$(IN) $(BIN)/uv pip install -q --no-deps --no-build-isolation --editable .
	@touch "$@"

.PHONY: setup
setup: $(STAMP) ## make the virtual environment with the locked packages

.PHONY: pulumi
pulumi: $(STAMP) ## build the pinned Pulumi CLI once per user, or use the one on PATH
	@$(IN) nice $(BIN)/python -m infra.toolchain

# promtool and amtool judge the generated alert rules; unpacked from Debian's packages, nothing is installed or started
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/interlock/alert-tools
PROMTOOL := $(subst $(subst ,, ),\ ,$(TOOLS))/usr/bin/promtool
.PHONY: alert-tools
alert-tools: $(PROMTOOL) ## fetch promtool and amtool (Debian) for the tests of the alert rules
$(PROMTOOL):
	@command -v apt-get >/dev/null && command -v dpkg >/dev/null || { echo "install prometheus and prometheus-alertmanager (only Debian and Ubuntu fetch them by themselves)"; exit 1; }
	@mkdir -p "$(TOOLS)"
	@cd "$(TOOLS)" && { apt-get -qq download prometheus prometheus-alertmanager || { apt-get -qq update && apt-get -qq download prometheus prometheus-alertmanager; }; }
	@cd "$(TOOLS)" && for package in *.deb; do dpkg -x $$package . && rm $$package; done

.PHONY: demo
demo: $(STAMP) ## play the whole story on this machine with real parts
	@$(IN) $(BIN)/interlock demo

.PHONY: test
test: $(STAMP) ## run all tests, quick feedback first
	@$(IN) $(BIN)/pytest -q -n 2 --dist loadgroup -m "not slow"
	@$(IN) $(BIN)/pytest -q -n 2 --dist loadgroup -m slow

.PHONY: lint
lint: $(STAMP) ## style, import contracts, unused dependencies, workflows
	@$(IN) $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(IN) $(BIN)/lint-imports
	@$(IN) $(BIN)/deptry .
	@$(IN) $(BIN)/zizmor --quiet --offline --min-severity=medium .github/workflows

.PHONY: types
types: $(STAMP) ## mypy, strict
	@$(IN) $(BIN)/mypy

.PHONY: generate
generate: $(STAMP) ## rewrite generated files: schemas, rule pages, help in README
	@$(IN) $(BIN)/python -m ci.generate

.PHONY: golden
golden: $(STAMP) ## rewrite the expected texts of findings, to be read in the diff
	@$(IN) INTERLOCK_GOLDEN=write $(BIN)/pytest -q -n 2 tests/policies tests/ci/output

.PHONY: stale
stale: $(STAMP) ## refuse when a generated file is not what `make generate` writes
	@$(IN) $(BIN)/python -m ci.generate --check

.PHONY: coverage
coverage: $(STAMP) ## which branches of config, policies and engine the tests reach
	@$(IN) $(BIN)/pytest -q -n 2 --dist loadgroup --cov --cov-report=term-missing:skip-covered

.PHONY: fuzz
fuzz: $(STAMP) ## read 100,000 mutated files, each in a worker with hard limits
	@$(IN) INTERLOCK_FUZZ=100000 $(BIN)/pytest -q tests/config/reading/test_fuzz.py

.PHONY: up down
up: $(STAMP) ## start the local Redis and Postgres for daily use
	@$(IN) $(BIN)/interlock local up
down: $(STAMP) ## stop them
	@$(IN) $(BIN)/interlock local down

.PHONY: bench
bench: $(STAMP) ## measure: every figure of the README comes from here
	@$(IN) for bench in benchmarks/*.py; do echo "== $$bench"; $(BIN)/python $$bench; done
	@$(IN) for room in engine policy; do echo "== benchmarks/$$room"; $(BIN)/python -m benchmarks.$$room; done

.PHONY: bench-peers
bench-peers: $(STAMP) ## fetch the engines and policy tools that stand beside ours in the benchmarks
	@$(IN) for room in engine policy; do $(BIN)/python -m benchmarks.$$room.install; done

.PHONY: lock
lock: $(STAMP) ## resolve requirements.lock anew from pyproject.toml
	@$(IN) $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --all-extras --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml -o requirements.lock

.PHONY: clean
clean: ## remove what the targets made in this folder
	@$(IN) rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
