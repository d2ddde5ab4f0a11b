# The two commands of the README are `make demo` and `make test`; both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLOOR := 85

.PHONY: setup screenshots demo test fast check model corpus-check lock reference clean bench-ingest bench-mail bench-imap bench-latency \
	bench-secrets bench-desk-live fuzz bench-urgency bench-intent bench-retrain bench-matching simulate-year

setup: $(VENV)/.ready

# The lock names everything, so pip resolves nothing: its resolver takes a newer `coverage[toml]` than the locked
# `coverage` and then refuses it, for want of a hash, on the day that one is released. What is there already in the
# locked version stays: one new package costs its own download, not everybody's; `make clean` begins from nothing.
$(VENV)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
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

model: setup  ## Train a new model from the corpus.
	$(BIN)/triage retrain --models models --no-corrections --profile semantic

corpus-check: setup  ## Is the corpus fit to learn from? What is missing, doubled or too near to what only measures.
	$(BIN)/python -m triage.classifier.check --evaluation bench/measured ../shared/eval

reference: setup  ## Write the generated pages of docs/reference.
	$(BIN)/python -m triage.reference docs/reference

bench-intent: setup  ## Intent classifiers on Banking77 with its own labels: ours, fastText, TF-IDF, the encoder alone.
	$(BIN)/python bench/intent.py

bench-retrain: setup  ## How long a retraining takes, up to 100,000 messages, and how much memory it needs.
	$(BIN)/python bench/retrain.py

bench-ingest: setup  ## Mails into the store, side by side with two peers.
	$(BIN)/python bench/ingest.py

bench-mail: setup  ## What one mail costs of the processor from its bytes to the verdict, for a folder of real ones.
	$(BIN)/python bench/one_mail.py

bench-imap: setup  ## IMAP to acknowledgement, side by side with a peer (needs Dovecot).
	$(BIN)/python bench/imap.py

bench-urgency: setup  ## Urgency by level and language, and against stuffing and padding.
	$(BIN)/python bench/urgency.py

bench-latency: setup  ## From "250 queued" to the acknowledgement in the mailbox (needs root, Postfix and Dovecot).
	$(BIN)/python bench/mail_latency.py

fuzz: setup  ## Hostile inputs through parsing, guard and rules; SECONDS=600 for longer.
	$(BIN)/python bench/fuzz.py --seconds $(or $(SECONDS),60)

bench-desk: setup  ## The desk with a million cases on both databases (takes about ten minutes).
	$(BIN)/python bench/desk.py

bench-desk-live: setup  ## Fifty agents with the list open on a busy desk: what the server's processor does (ten minutes).
	$(BIN)/python bench/desk_live.py

bench-secrets: setup  ## How many secrets the guard finds, how often it is wrong, how long it takes.
	$(BIN)/python bench/guard.py

bench-matching: setup  ## Does every message find its case: a month of 100,000 messages, then timed at a million stored.
	$(BIN)/python bench/matching.py

screenshots: setup  ## Pictures of every page into docs/screenshots (needs Chromium and fonts-noto-cjk).
	$(BIN)/pytest -q -p no:randomly tests/web/browser/screenshots.py

simulate-year: setup  ## A year of a desk in minutes: are the waiting times kept that customers are told?
	$(BIN)/python bench/simulate_year.py

lock:  ## Make both locks anew from pyproject.toml (needs uv); versions and hashes, no registry address.
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet --group dev pyproject.toml -o requirements/dev.txt
	sed -n 's/^semantic = \["\(.*\)"\]/\1/p' pyproject.toml | uv pip compile --no-deps --generate-hashes --no-header --quiet --no-annotate - -o requirements/semantic.txt
	sed -n 's/^oidc = \[\(.*\)\]/\1/p' pyproject.toml | tr -d '" ' | tr , '\n' | uv pip compile --universal --python-version 3.11 --constraint requirements/dev.txt --generate-hashes --no-header --quiet --no-annotate - -o requirements/oidc.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
