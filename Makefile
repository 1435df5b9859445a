# `make lab` and `make test` set everything up by themselves, each in a folder .venv beside this file.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)

.PHONY: help lab lab-reference release site grade autograder check watch doctor test lint data staff notebooks record bench
.DELETE_ON_ERROR:

help:
	@echo 'make lab        set up, fetch CIFAR-10 (or draw a stand-in), open your workspace in JupyterLab'
	@echo 'make lab-reference    the same with the source: every block holds the reference'
	@echo 'make check      run every check on your workspace, and show what each comes to and the points'
	@echo 'make watch      run the checks of a block in your workspace each time you save its file'
	@echo 'make doctor     say what is wrong with this environment, and what to do'
	@echo 'make test       set up, then run everything that continuous integration runs'
	@echo 'make release    cut the handout for students, prove it, and zip it into the folder release'
	@echo 'make site       build a site on which the handout runs in a browser, into the folder site'
	@echo 'make grade SUBMISSIONS=folder GRADES=folder    grade a class, and write the reports'
	@echo 'make autograder build autograder.zip, which Gradescope takes'
	@echo 'make data       fetch CIFAR-10, or draw the stand-in where there is no network'
	@echo 'make notebooks  build and run the notebooks from their text'
	@echo 'make record     record the values that the checks in the notebooks compare with'
	@echo 'make bench      measure layers and nets beside PyTorch, checks, notebooks and grading (half an hour)'

# Blocks are blank in the workspace, which is made the first time and left alone from then on.
# ROOT=yes runs JupyterLab as root, which it refuses otherwise; in a container it does so by itself.
lab: $(VENV)/student data
	@$(BIN)/python -m coursekit workspace
	@cd workspace && $(abspath $(BIN))/python -m coursekit lab $(if $(ROOT),--allow-root)

lab-reference: $(VENV)/student data
	@$(BIN)/python -m coursekit lab $(if $(ROOT),--allow-root)

release: staff
	$(BIN)/python -m coursekit release --out release

site: staff
	$(BIN)/python -m coursekit site --out site $(if $(PYODIDE),--pyodide '$(PYODIDE)')

grade: staff
	$(if $(and $(SUBMISSIONS),$(GRADES)),,$(error Say what to grade, and where to: make grade SUBMISSIONS=folder GRADES=folder))
	@$(BIN)/python -m coursekit grade '$(SUBMISSIONS)' --out '$(GRADES)'

autograder: staff
	@$(BIN)/python -m coursekit gradescope --out autograder.zip

# Whoever types this means their own blocks, and not the reference.
check: $(VENV)/student
	@$(BIN)/python -m coursekit workspace
	@cd workspace && $(abspath $(BIN))/python -m coursekit check

watch: $(VENV)/student
	@$(BIN)/python -m coursekit workspace
	@cd workspace && $(abspath $(BIN))/python -m coursekit watch

doctor:
	@if $(BIN)/python -c '' 2>/dev/null; then $(BIN)/python -m coursekit doctor; else $(PYTHON) -m coursekit doctor; fi

# A process for each core, with one thread each: nets this small gain nothing from threads, and where
# several programs share a machine, threads of BLAS that wait for each other cost a multiple.
test: export OPENBLAS_NUM_THREADS = 1
test: export OMP_NUM_THREADS = 1
test: staff data lint
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --nbval-lax --nbval-current-env tests notebooks

lint: staff
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# With no network this says so within seconds, and the notebooks run on the stand-in.
data: $(VENV)/student
	@$(BIN)/python -m cs231n.data_utils download || $(BIN)/python -m cs231n.data_utils stand-in

notebooks: staff data
	$(BIN)/python -m coursekit notebooks

record: staff
	$(BIN)/python -m coursekit record

# PyTorch is no requirement of the kit: where it is missing, this says how to get it.
bench: staff
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.waiting --release
	@$(BIN)/python -m benchmarks.notebooks
	@$(BIN)/python -m benchmarks.grading

staff: $(VENV)/staff

# A stamp file is touched only when pip came to its end, so that a cut-off set-up starts again.
$(VENV)/student: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("This kit needs Python 3.11 or later, and $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12 ..." % v[:2])'
	@echo 'Setting up Python and its packages in $(VENV), which takes two minutes or so the first time.'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(if $(CI),--quiet) --disable-pip-version-check -r requirements.txt || \
		{ echo 'Packages are missing: see above. They are fetched from the network, once; then this works without.' >&2; exit 1; }
	@touch $@

$(VENV)/staff: $(VENV)/student requirements-staff.txt
	$(BIN)/python -m pip install $(if $(CI),--quiet) --disable-pip-version-check -r requirements-staff.txt
	@touch $@
