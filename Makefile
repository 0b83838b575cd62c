# Two commands matter: `make demo` and `make test`. Both begin with `make setup`.
PYTHON ?= python3
BIN := .venv/bin
DEMO_DIR ?= .demo
MODELS ?= $(wildcard ../shared/models)

.PHONY: setup demo test explore bench eval check lint types imports format lock docs clean

setup:
	@$(PYTHON) scripts/setup.py

demo: setup
	@$(BIN)/python scripts/demo.py --dir "$(DEMO_DIR)" $(if $(DATA),--data "$(DATA)") $(if $(MODELS),--models "$(MODELS)") $(if $(ONCE),--once)

test: setup
	@$(BIN)/python -m pytest -q -n auto --dist loadscope $(ARGS)

# The tests of properties with examples that are new in each run; ARGS names files.
explore: setup
	@MARINELAYER_TEST_EXAMPLES=new $(BIN)/python -m pytest -q -n auto --dist loadscope $(ARGS)

# What S3 costs beside moto server, MiniStack and nginx (Linux, a few minutes); the first run installs them from PyPI.
bench: setup
	@$(BIN)/python benchmarks/peers.py $(ARGS)

# What the engines can, on ../shared/data/engines (minutes); ARGS="--write" puts it into docs/engines.md, ARGS="sentiment" is one family.
eval: setup
	@$(BIN)/python benchmarks/engines.py $(ARGS)

check: setup lint types imports

lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types:
	@$(BIN)/pyright

imports:
	@$(BIN)/lint-imports

format:
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

# Needs uv on the PATH; writes hashes, never download addresses.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 \
	  --overrides requirements.overrides requirements.in cloud/pyproject.toml getitdone/pyproject.toml --extra postgres -o requirements.lock

# The reference pages, from the code; a test fails when they are stale.
docs: setup
	@$(BIN)/python scripts/reference.py

clean:
	rm -rf .venv $(DEMO_DIR)
