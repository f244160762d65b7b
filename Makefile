# Two commands for a start: `make run` and `make test`. Both print what they do.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
STAMP := $(VENV)/.installed
DOCS_STAMP := $(VENV)/.docs-installed
BENCH_STAMP := $(VENV)/.bench-installed
SPARK_STAMP := $(VENV)/.spark-installed

.PHONY: help run build test lint docs methods tutorials texts reference screenshots journeys bench bench-growth hashes validate image-check \
	release-check spark-check r-check fuzz torture soak hostile audit clean

help: ## Show the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: $(STAMP) ## Install, build the database and serve the dashboard
	@echo "== Building the database if its inputs have changed"
	@$(BIN)/hinterland build --if-needed
	@echo "== Starting the dashboard"
	@$(BIN)/hinterland app --port $(PORT)

build: $(STAMP) ## Build the database
	@$(BIN)/hinterland build

test: $(STAMP) ## Install what tests need, Chromium too, and run them all
	@sh .ci/chromium
	@homes=$$(mktemp -d) && trap 'rm -rf "$$homes"' EXIT && export HINTERLAND_TEST_HOMES="$$homes" && \
	echo "== Running the tests" && \
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations=25 -m "not browser" && \
	echo "== Running the browser tests, one after another" && \
	$(BIN)/python -m pytest --durations=15 --reruns 1 -rR -m browser

lint: $(STAMP) ## Check the code's style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

reference: build ## Write docs/reference from the database
	@$(BIN)/python docs/make_reference.py
	@$(BIN)/python docs/make_dependencies.py

methods: $(STAMP) ## Write the numbers of docs/methods from the embedded data
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
	$(BIN)/hinterland build --out "$$home/build" --sources "$$home" && \
	$(BIN)/python docs/make_methods.py "$$home"

tutorials: $(STAMP) ## Run the tutorials and write their notebooks, from the embedded data
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
	$(BIN)/hinterland build --out "$$home/build" --sources "$$home" && \
	$(BIN)/python docs/make_tutorials.py "$$home"

docs: $(DOCS_STAMP) ## Build the documentation site, which the dashboard serves at /docs
	@echo "== Building the site (no network)"
	@NO_MKDOCS_2_WARNING=true $(BIN)/python -m mkdocs build --quiet --clean
	@echo "pipelines/_bundle/site/index.html; the dashboard serves it at /docs"

texts: $(STAMP) ## Collect the pages' texts for translators
	@$(BIN)/python locale/extract.py

screenshots: $(STAMP) ## Take the pictures of docs/screenshots and docs/journeys anew
	@sh .ci/chromium
	@HINTERLAND_SCREENSHOTS=docs/screenshots HINTERLAND_JOURNEYS=docs/journeys $(BIN)/python -m pytest -q \
		tests/browser/test_pictures.py tests/browser/test_journeys.py

journeys: $(STAMP) ## Walk the nine journeys; write docs/journeys with its pictures
	@sh .ci/chromium
	@HINTERLAND_JOURNEYS=docs/journeys $(BIN)/python -m pytest -q tests/browser/test_journeys.py

bench: $(BENCH_STAMP) ## Print the table of speed and size beside other programs (ONLY=NAME, QUICK=1), write it to the docs
	@sh .ci/chromium
	@$(BIN)/python benchmarks/table.py --json benchmarks/results.json $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)
	@$(BIN)/python benchmarks/written.py

bench-growth: $(BENCH_STAMP) ## Print how time and memory grow with the data, write it to the docs
	@$(BIN)/python benchmarks/growth.py --json benchmarks/growth.json
	@$(BIN)/python benchmarks/written.py

hashes: $(STAMP) ## Build with other seeds, threads and Pythons at hand and compare the marts
	@$(BIN)/python benchmarks/hashes.py

validate: $(BENCH_STAMP) ## Hold our numbers against those of other programs and of publishers
	@$(BIN)/python benchmarks/validate.py

fuzz: $(STAMP) ## Read 2000 malformed files with each reader (FUZZ=N for more, FIRST=N for others)
	@HINTERLAND_FUZZ=$(or $(FUZZ),2000) HINTERLAND_FUZZ_FIRST=$(or $(FIRST),100000) $(BIN)/python -m pytest -q -s tests/fuzz

spark-check: $(SPARK_STAMP) ## Run the tests on Apache Spark (installs PySpark, 450 MB; needs Java 17)
	@$(BIN)/python -m pytest -q tests/spark

torture: $(STAMP) ## Kill, fill, flip and swap for half an hour, and print what was lost (nothing should be)
	@sh .ci/chromium
	@$(BIN)/python -m tests.torture

audit: ## Compare the lock with the advisories on Python packages (needs the index or OSV; else exit code 2)
	@test -x $(VENV)-audit/bin/python || $(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	@$(VENV)-audit/bin/python .ci/audit.py

hostile: $(STAMP) ## Attack a dashboard of its own as a hostile visitor would, and print what came of it
	@$(BIN)/python -m tests.hostile

soak: $(STAMP) ## Load a server for 30 minutes while databases are published; write its curve of memory to docs
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
	$(BIN)/hinterland build --out "$$home/build" --sources "$$home" && \
	$(BIN)/python benchmarks/soak.py "$$home" docs/assets/soak

image-check: $(STAMP) ## Run the Dockerfile's steps one by one in an empty folder (minutes, needs the index)
	@HINTERLAND_IMAGE=1 $(BIN)/python -m pytest -q tests/cli/test_image.py

release-check: $(STAMP) ## Build wheel and source archive and try both in empty environments (needs the index)
	@$(BIN)/python .ci/release_check.py --keep dist

r-check: $(STAMP) ## Run the snippets of docs/howto/r.md in R, where it and its packages are at hand
	@$(BIN)/python -m pytest -q -rs tests/docs/test_r.py

clean: ## Remove the environment and what was built
	rm -rf $(VENV) $(VENV)-audit geodata/build geodata/cache pipelines/_bundle

$(STAMP): requirements.lock pyproject.toml
	@echo "== Creating the environment in $(VENV) (needs Python 3.11 or newer)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set it with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "No venv module: install it, on Debian with: apt-get install python3-venv"; exit 1; }
	@echo "== Installing the locked packages (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DOCS_STAMP): requirements-docs.lock $(STAMP)
	@echo "== Installing what makes the site"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

$(BENCH_STAMP): requirements-bench.lock $(STAMP)
	@echo "== Installing the programs that are measured beside ours; without them the table says so"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock || \
		echo "not all could be installed"
	@touch $@

$(SPARK_STAMP): requirements-spark.lock $(STAMP)
	@echo "== Installing PySpark"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@
