# Each target sets itself up: Python 3.11, make and a package index are all that it needs.

.DEFAULT_GOAL := help
.PHONY: help demo run test test-integration check bench faults outages fix docs audit image up down clean

PORT ?= 8000
WORKERS ?= 2
KILLS ?= 100
UV_VERSION := 0.13.9

# An active environment of the caller's must neither be used nor be changed.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON_DOWNLOADS := never

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
# The path is part of the stamp: a copied folder's environment would still run the folder it came from.
READY := .venv/ready-$(shell printf '%s' "$(CURDIR)" | cksum | cut -d' ' -f1)

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Tell journey 1 end to end; against a demo that runs at BASE, with TOKEN and LISTEN
	@.venv/bin/alongside demo $(if $(BASE),--base '$(BASE)') $(if $(TOKEN),--token '$(TOKEN)') \
		$(if $(LISTEN),--listen '$(LISTEN)') $(if $(CA_FILE),--ca-file '$(CA_FILE)')

run: $(READY) ## Serve the system with demo data on PORT (8000)
	@.venv/bin/alongside run --demo-data --port $(PORT)

test: $(READY) ## Run the whole test suite
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile -m 'not whole_place'
	@$(PY) -m pytest -m 'whole_place and not timed'

check: $(READY) ## Lint, types, imports, dependencies, sizes, words, dead code, generated pages
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache --no-logo
	.venv/bin/deptry .
	$(PY) -m pytest -q tests/architecture
	.venv/bin/alongside docs --check

bench: $(READY) ## Measure this machine and write bench.json
	@$(PY) -m tests.bench

test-integration: $(READY) ## Run the tests on real PostgreSQL and Kafka; engines that are missing fail them
	@ALONGSIDE_REQUIRE_ENGINES=1 $(PY) -m pytest tests/integration tests/contract

faults: $(READY) ## Kill, cut, hold, fill, wipe and restore (KILLS, CUTS, HOLDS, DISKS, WIPES, RESTORES; goes on where it was ended)
	@KILLS=$(KILLS) $(PY) -m tests.faults

outages: $(READY) ## Restart everything in turn; take PostgreSQL and the broker away while people arrive (MINUTES, TIMES)
	@$(PY) -m pytest -m timed
	@$(PY) -m tests.faults.outages

fix: $(READY) ## Format, mend what ruff can mend, regenerate the generated pages
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/alongside docs

audit: $(READY) ## Look the locked dependencies up in the advisory database (needs the internet)
	@.venv/bin/uv export --frozen --quiet --no-emit-project --output-file .venv/locked.txt
	@.venv/bin/pip-audit --require-hashes --disable-pip --requirement .venv/locked.txt

image: ## Build the one image that every process of a place runs
	@docker build $(BUILD) -f deploy/Dockerfile -t alongside:0.1.0 \
		--build-arg REVISION="$$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" .

up: image ## Start a whole place in containers, on Kafka and PostgreSQL; DEMO=1 for one whose clock moves
	@DEMO='$(DEMO)' deploy/place.sh up

down: ## Stop it; WIPE=1 removes its data and keys too
	@deploy/place.sh down $(WIPE)

clean: ## Remove what make has built
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist bench.json
	find services shared tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml uv.lock
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
		{ echo 'Alongside needs Python 3.11: install it, or say where it is with make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@'$(PYTHON)' -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo 'This Python 3.11 has no venv module: on Debian or Ubuntu, apt-get install python3.11-venv' >&2; exit 1; }
	@echo 'Setting up .venv (once; again when the dependencies change)' >&2
	@{ test -e $@ && $(PY) -c '' 2>/dev/null; } || '$(PYTHON)' -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@.venv/bin/uv sync --frozen --quiet || { \
		echo 'uv could not reach the index it knows; trying pip, with whatever index pip is set to' >&2; \
		.venv/bin/uv export --frozen --quiet --no-emit-project --output-file .venv/locked.txt && \
		$(PY) -m pip install --quiet --require-hashes --requirement .venv/locked.txt && \
		$(PY) -m pip install --quiet --no-deps --editable .; }
	@touch $@
