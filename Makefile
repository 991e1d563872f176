# Thin on purpose: each target is one command of the environment that scripts/environment.py makes.
PYTHON ?= $(shell for p in python3 python; do command -v $$p && break; done)
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := .venv/$(BIN)/python
WEB := .web/$(BIN)/python

.PHONY: help lab test record student instructor bench mxnet copies browser mutants environments faults lint clean
help:
	@echo "make lab           open the series in JupyterLab"
	@echo "make test          run every notebook and every test"
	@echo "make record        run the notebooks and store their outputs"
	@echo "make student       write a copy without solutions to build/student, to hand out"
	@echo "make instructor    write one with solutions filled in and checked to build/instructor"
	@echo "make bench         measure the ratios that the README and the notebooks rely on"
	@echo "make mxnet         compare MXNet itself with its recording, and our loss with both"
	@echo "make copies        run every notebook of both copies, and let nbgrader grade one"
	@echo "make browser       run every notebook and slider in JupyterLab in Chromium, and look at the page"
	@echo "make mutants       damage notebooks, lessons and plotnet: a test fails each time"
	@echo "make environments  run the suite with the oldest, the locked and the newest packages"
	@echo "make faults        break the machine, and see what the user sees"
	@echo "make lint          check the style of the code"
	@echo "make clean         remove the environments and everything made from them"

lab test record student instructor bench mxnet copies browser mutants environments faults lint: .environment
lab:
	@$(RUN) scripts/lab.py
test:
	$(RUN) -m pytest --nbval
record:
	$(RUN) scripts/record.py
	PYTHONPATH=scripts $(RUN) tests/gallery.py
student instructor:
	$(RUN) scripts/copies.py $@
copies:
	$(RUN) -m pytest tests/gate/test_copies_all.py tests/gate/test_nbgrader.py
bench:
	$(RUN) scripts/bench.py
mxnet:
	@$(RUN) scripts/mxnet_live.py $(if $(WRITE),--write)
mutants:
	$(RUN) -m pytest -s -q tests/gate/test_every_stored_mutant.py tests/gate/test_definition_mutants.py
browser:
	$(WEB) -m pytest tests/gate/test_in_jupyterlab.py tests/gate/test_sliders_in_chromium.py
environments:
	$(RUN) -m pytest tests/gate/test_environments.py tests/gate/test_package.py
	$(RUN) scripts/environments.py
faults:
	$(RUN) -m pytest tests/gate/test_faults.py
lint:
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
clean:
	rm -rf .venv .web .tools .mxnet build .pytest_cache .hypothesis .ruff_cache artefacts notebooks/net*.svg

.PHONY: .environment
.environment:
	@test -n "$(PYTHON)" || { echo "No Python found. Install Python 3.10 or newer, then repeat."; exit 1; }
	@"$(PYTHON)" scripts/environment.py $(MAKECMDGOALS)
