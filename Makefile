# Two commands do all set-up on a fresh machine: `make run` and `make test`.
# Besides: `make check` (lint and production settings) and `make bench` (what pages cost).

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
DATA := var
export PORTAL_DATA_DIR ?= $(CURDIR)/$(DATA)
export PYTHONUNBUFFERED = 1

.PHONY: run secret-key test check bench scale wheelhouse sbom faults clean

run: $(VENV)/.runtime secret-key
	@$(BIN)/python -m portal.free_port $(HOST) $(PORT)
	@echo "[3/5] Databas: migreringar och startinnehåll"
	@$(RUN_ENV) $(BIN)/python manage.py createcachetable
	@$(RUN_ENV) $(BIN)/python manage.py migrate --verbosity 0
	@$(RUN_ENV) $(BIN)/python manage.py load_content content/exempelland
	@echo "[4/5] Statiska filer"
	@test -z "$(STATIC_CHANGED)" || { $(RUN_ENV) $(BIN)/python manage.py collectstatic --noinput --verbosity 0 && touch "$(STATIC_DONE)"; }
	@$(RUN_ENV) $(BIN)/python manage.py first_admin
	@echo "[5/5] Portalen svarar på http://localhost:$(PORT) (avsluta med Ctrl+C)"
	@$(RUN_ENV) exec $(BIN)/gunicorn --config python:portal.gunicorn --bind $(HOST):$(PORT) portal.wsgi

# Compressing takes a while: what has changed since it was done to the end, or a complaint that it never was.
STATIC_DONE = $$PORTAL_DATA_DIR/static/.compressed
STATIC_CHANGED = $$(find static portal/settings.py requirements.txt -newer "$(STATIC_DONE)" 2>&1)

# Bound to more than this machine, the site answers to this machine's names as well.
NAMES = $(if $(filter-out 127.0.0.1 localhost,$(HOST)),$(HOST) $(shell hostname) $(shell hostname -I 2>/dev/null))
comma := ,
empty :=
space := $(empty) $(empty)
RUN_ENV = PORTAL_SECRET_KEY_FILE="$${PORTAL_SECRET_KEY_FILE:-$$PORTAL_DATA_DIR/secret_key}" \
	PORTAL_ALLOWED_HOSTS="$${PORTAL_ALLOWED_HOSTS:-$(subst $(space),$(comma),$(strip localhost 127.0.0.1 [::1] $(NAMES)))}"

# The key signs sessions and forms. It lies with the data, outside git, readable by its owner only.
# A data folder elsewhere that was in use when all keys lay in var/ keeps its own.
secret-key:
	@mkdir -p "$$PORTAL_DATA_DIR"
	@key="$$PORTAL_DATA_DIR/secret_key"; umask 077; test -s "$$key" || \
		{ test -n "$$(ls -A "$$PORTAL_DATA_DIR")" && cp $(DATA)/secret_key "$$key" 2> /dev/null; } || \
		$(PYTHON) -c "import secrets; print(secrets.token_urlsafe(64))" > "$$key"

$(VENV)/bin/python:
	@echo "[1/5] Virtuell miljö i $(VENV)"
	@command -v $(PYTHON) > /dev/null || { echo "Python saknas. Installera Python 3.11 eller senare (Debian: apt-get install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 eller senare behövs; $(PYTHON) är äldre. Ange en annan: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) > $(VENV).log 2>&1 || { cat $(VENV).log; rm -rf $(VENV) $(VENV).log; echo "Den virtuella miljön kunde inte skapas. På Debian hjälper oftast: apt-get install python3-venv"; exit 1; }
	@rm -f $(VENV).log

# pip says itself what it fetches; a failed step leaves no stamp and is done again.
$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "[2/5] Paket (första gången ungefär en minut)"
	@$(BIN)/pip install --disable-pip-version-check --quiet --progress-bar on -r requirements.txt || { echo "Paketen kunde inte hämtas. Kontrollera nätverket eller pip:s inställningar och kör samma kommando igen."; exit 1; }
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Paket för tester (första gången ungefär en minut)"
	@$(BIN)/pip install --disable-pip-version-check --quiet --progress-bar on -r requirements-dev.txt || { echo "Paketen kunde inte hämtas. Kontrollera nätverket eller pip:s inställningar och kör samma kommando igen."; exit 1; }
	@touch $@ $(VENV)/.runtime

# The suite on SQLite, then on PostgreSQL when it is installed (a server of the tests' own).
test: $(VENV)/.dev
	@BIN=$(BIN) sh tests/run.sh

check: $(VENV)/.dev
	@mkdir -p $(DATA)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z -- 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	PORTAL_DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run
	PORTAL_SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") PORTAL_HTTPS=1 PORTAL_HSTS_WHOLE_DOMAIN=1 PORTAL_ALLOWED_HOSTS=portal.example.org $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.dev
	@$(BIN)/python tests/bench.py
	@$(BIN)/python tests/bench_feeds.py

# Lists and forms of the admin in a large region: every page has half a second.
scale: $(VENV)/.dev
	@PORTAL_FULL_SCALE=1 $(BIN)/pytest -q -n 1 tests/admin/test_scale.py tests/followup/test_scale.py \
		tests/organisation/test_coverage.py::test_large_region_is_shown_in_a_second \
		tests/followup/test_import_values.py::test_a_hundred_thousand_rows \
		tests/followup/test_comparisons.py::test_funnel_of_four_hundred_units_takes_under_ten_milliseconds \
		tests/guidance/test_publish_scale.py tests/search/test_scale.py \
		tests/portal/test_cold_pages.py::test_the_first_reader_after_a_change_waits_no_longer_among_many_pages

# Everything that a machine without internet needs besides this folder (docs/operation.md).
wheelhouse: $(VENV)/bin/python
	@mkdir -p wheelhouse
	@$(BIN)/pip download --disable-pip-version-check --quiet --dest wheelhouse -r requirements.txt -r requirements-redis.txt
	@cd wheelhouse && sha256sum *.whl *.tar.gz 2>/dev/null > SHA256SUMS; cat SHA256SUMS | wc -l | sed 's/$$/ paket i wheelhouse/'

# What the portal is made of, as CycloneDX.
sbom: $(VENV)/.runtime
	@$(BIN)/python -m portal.sbom

# Killed processes, lost servers, a path of another site, slow clients: on this machine without
# containers, some ten minutes. What it says is kept in docs/operation/.
FAULTS := $(DATA)/faults
faults: $(VENV)/.dev
	@rm -rf $(FAULTS) && mkdir -p $(FAULTS)
	@export PORTAL_DATA_DIR=$(CURDIR)/$(FAULTS) PORTAL_SECRET_KEY=faults PORTAL_ALLOWED_HOSTS=localhost && \
		$(BIN)/python manage.py createcachetable && $(BIN)/python manage.py migrate --verbosity 0 && \
		$(BIN)/python manage.py load_content content/exempelland > /dev/null
	@$(BIN)/python -m tests.faults.two_machines
	@$(BIN)/python -m tests.faults.sub_path $(FAULTS)/portal.sqlite3 $(FAULTS)/documents
	@$(BIN)/python -m tests.faults.kills 50 $(FAULTS)/portal.sqlite3 $(FAULTS)/documents
	@$(BIN)/pytest -q -n 0 tests/faults

clean:
	rm -rf $(VENV) $(DATA) .pytest_cache .ruff_cache .hypothesis
