# Thin on purpose: each target is one command of the environment that tools/environment.py makes.
# What is not here is a session of nox: .venv/bin/nox --list
PYTHON ?= $(shell for p in python3 python; do command -v $$p && break; done)
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := .venv/$(BIN)/python
WEB := .web/$(BIN)/python

.PHONY: help lab edit test record handouts site bench lint lock gate clean
help:
	@echo "make lab        open your own copy of the series in JupyterLab: answers go there"
	@echo "make edit       open the series itself, to change it"
	@echo "make test       run every notebook and every test"
	@echo "make record     run the notebooks and store their outputs"
	@echo "make handouts   write the copies for students, instructors and nbgrader to build/"
	@echo "make site       build the site, with the slides and the print edition, into build/site"
	@echo "make bench      measure the ratios that the README and the notebooks rely on"
	@echo "make lint       check the style of the code, in the notebooks, too"
	@echo "make lock       write uv.lock anew, after a change to pyproject.toml"
	@echo "make gate       everything that a change must pass, in a fresh clone; half an hour"
	@echo "make clean      remove the environments and everything made from them"

lab edit test record handouts site bench lint lock: .environment
lab edit:
	@$(RUN) -m tools.lab $@
test:
	$(RUN) -m pytest --nbval -n logical --maxprocesses 4 --dist loadfile
record:
	$(RUN) -m tools.record
handouts:
	$(RUN) -m tools.handouts student
	$(RUN) -m tools.handouts instructor
	$(RUN) -m tools.handouts nbgrader
site:
	$(WEB) -m tools.web.site
bench:
	$(RUN) -m tools.bench
lint:
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
gate:
	bash .ci/run
clean:
	rm -rf .venv .web .lite .tools .nox build .pytest_cache .hypothesis .ruff_cache artefacts notebooks/net*.svg

.PHONY: .environment
.environment:
	@test -n "$(PYTHON)" || { echo "No Python found. Install Python 3.10 or newer, then repeat."; exit 1; }
	@PYTHON_IS_NAMED="$(filter-out file,$(origin PYTHON))" "$(PYTHON)" tools/environment.py $(MAKECMDGOALS)
