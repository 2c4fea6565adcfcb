# Needs python3 >= 3.11 and make, nothing else. `make help` lists what there is to do.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
DATA_DIR ?= .demo
FUZZ ?= 100
RACES ?= 2000
SEED ?= $(shell date +%s)
DATABASE ?= sqlite

python := $(VENV)/bin/python
pip := $(python) -m pip --disable-pip-version-check
install := $(pip) install --quiet --require-hashes -r
compile := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
# A process that is done first takes tests from the others, for some take a minute.
pytest := $(python) -m pytest -n auto --dist worksteal

# The tests' processes share what one of them compiled, also where the environment says not to write it down.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo journey test test-security test-defences races fuzz lint format bench schema docs requirements \
	audit-dependencies

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev ## Make the virtual environment with all that the other targets need

demo: $(VENV)/.runtime ## Run a demo practice on http://localhost:8000 (PORT=8000 DATA_DIR=.demo)
	$(python) server.py demo --port $(PORT) --data-dir $(DATA_DIR)

journey: $(VENV)/.runtime ## Let a client in at the running demo, step by step, from invitation to portal (same PORT and DATA_DIR)
	@$(python) examples/first_journey.py --url http://localhost:$(PORT) --data-dir $(DATA_DIR)

test: $(VENV)/.dev ## Run all tests on SQLite, then those that store something on PostgreSQL
	$(pytest) --database sqlite
	$(pytest) --database postgresql -m database

test-security: $(VENV)/.dev ## Run the abuse cases: tests/security, what docs/threats.md names and what is marked security
	$(pytest) --database sqlite -k security
	$(pytest) --database postgresql -m database -k security

test-defences: $(VENV)/.dev ## Take each defence of docs/threats.md out, in a copy, and see its tests fail (ONLY=section or section.row)
	$(python) -m tests.security.take_out $(ONLY)

races: export RACES_SEED = $(SEED)
races: export RACES := $(RACES)
races: $(VENV)/.dev ## Run pairs of mutations at once over two servers (RACES=2000 of them; SEED=… for the same once more; DATABASE=postgresql)
	@echo "SEED=$(SEED) RACES=$(RACES)"
	$(pytest) --database $(DATABASE) tests/races

fuzz: $(VENV)/.dev ## Ask what nobody would ask, for as long as it takes (FUZZ=100 examples of each, other ones at each run)
	$(pytest) --database $(DATABASE) --fuzz $(FUZZ) tests/security/test_fuzz_schema.py tests/security/test_fuzz_values.py

lint: $(VENV)/.dev ## Check style, format, types, the arrows between the rooms, and the catalogues of texts
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	$(VENV)/bin/lint-imports
	$(python) -m tests.locales.catalogues

format: $(VENV)/.dev ## Put the code in the project's format
	$(python) -m ruff check --fix-only .
	$(python) -m ruff format .

bench: $(VENV)/.dev ## Measure against a hand-written floor in the same run, and print the ratios
	$(python) -m bench

schema: export SLUIS_PLUGINS = $(shell $(python) -c "import json, plugins.registry as r; print(json.dumps([*r.BUILT_IN]))")
schema: $(VENV)/.runtime ## Write schema/schema.graphql, docs/permissions.md and docs/refusals.md, with every built-in factor
	$(python) server.py export-schema > $(VENV)/exported && mv $(VENV)/exported schema/schema.graphql
	$(python) server.py export-schema --permissions > $(VENV)/exported && mv $(VENV)/exported docs/permissions.md
	$(python) server.py export-schema --refusals > $(VENV)/exported && mv $(VENV)/exported docs/refusals.md

docs: $(VENV)/docs/.done ## Build the pages of docs/ as a site with search, in build/docs; a broken link fails it
	@rm -rf build/docs
	@$(VENV)/docs/bin/python -m sphinx --fail-on-warning --keep-going --quiet --doctree-dir build/doctrees docs build/docs
	@echo "build/docs/index.html"

requirements: ## Compile requirements/*.in into pinned *.txt (needs uv; UPGRADE=--upgrade for newer versions)
	$(compile) $(UPGRADE) -o requirements/runtime.txt requirements/runtime.in
	$(compile) $(UPGRADE) -o requirements/dev.txt requirements/dev.in
	$(compile) $(UPGRADE) -o requirements/audit.txt requirements/audit.in
	$(compile) $(UPGRADE) -o requirements/docs.txt requirements/docs.in

audit-dependencies: $(VENV)/audit/.done ## Ask the advisories on the internet about every pinned requirement
	@for name in runtime dev audit docs; do \
		echo "requirements/$$name.txt"; \
		said=$$($(VENV)/audit/bin/pip-audit --strict --progress-spinner off --timeout 15 --disable-pip --require-hashes \
			-r requirements/$$name.txt 2>&1) && found=0 || found=$$?; \
		case "$$said" in \
			*"known vulnerabilit"*) echo "$$said"; [ $$found -eq 0 ] || failed=1;; \
			*) echo "Nothing was audited: the advisories could not be asked (is there a way to the internet?)" >&2; exit 2;; \
		esac; \
	done; exit $${failed:-0}

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "No virtual environment could be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# The server runs from the checkout, so the demo can start before the tests' tools are there.
$(VENV)/.runtime: requirements/runtime.txt | $(VENV)/pyvenv.cfg
	@echo "Installing what the server needs into $(VENV) ..."
	@$(install) requirements/runtime.txt
	@touch $@

$(VENV)/audit/.done: requirements/audit.txt | $(VENV)/pyvenv.cfg
	@$(python) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/audit.txt
	@touch $@

$(VENV)/docs/.done: requirements/docs.txt | $(VENV)/pyvenv.cfg
	@$(python) -m venv $(VENV)/docs
	@$(VENV)/docs/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/docs.txt
	@touch $@

# The editable installation is for a factor's author, who imports plugins from elsewhere.
$(VENV)/.dev: requirements/dev.txt pyproject.toml $(VENV)/.runtime
	@echo "Installing what the tests and checks need into $(VENV) ..."
	@$(install) requirements/dev.txt
	@$(pip) install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@
