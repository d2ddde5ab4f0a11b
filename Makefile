# The two commands of the README are `make demo` and `make test`; both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLOOR := 85

.PHONY: setup demo test fast check model lock reference clean bench-ingest bench-imap bench-latency

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup  ## A whole support day on this machine, live; Ctrl-C ends it.
	$(BIN)/triage demo

test: setup check  ## Every test; says by name what had to be left out.
	$(BIN)/pytest -n 2 --dist loadgroup --cov --cov-report=term:skip-covered --cov-fail-under=$(FLOOR) -rs

fast: setup  ## The tests without real servers and without what is slow.
	$(BIN)/pytest -n 2 -m "not slow and not servers"

check: setup  ## Style, types and floor plan.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

model: setup  ## Train the shipped model anew from the corpus.
	$(BIN)/python -m triage.classifier.train --out models

reference: setup  ## Write the generated pages of docs/reference.
	$(BIN)/python -m triage.reference docs/reference

bench-ingest: setup  ## Mails into the store, side by side with two peers.
	$(BIN)/python bench/ingest.py

bench-imap: setup  ## IMAP to acknowledgement, side by side with a peer (needs Dovecot).
	$(BIN)/python bench/imap.py

bench-latency: setup  ## From "250 queued" to the acknowledgement in the mailbox (needs root, Postfix and Dovecot).
	$(BIN)/python bench/mail_latency.py

lock:  ## Make both locks anew from pyproject.toml (needs uv); versions and hashes, no registry address.
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet --group dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
