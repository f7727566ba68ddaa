# The project's commands; `make help` lists them. Each installs first what it needs and is missing (packaging/setup.sh).

SHELL := /bin/bash
PYTHON := .venv/bin/python
# A server starts anew whenever its last window goes, unless it is told not to, and one in forty that come then is sent away.
SCREEN := xvfb-run --auto-servernum --server-args="-noreset -screen 0 1080x1920x24"

# Seconds after which a part of `make test` is ended, for something hangs: some four times what each takes on two cores. A
# machine that shares its cores has been three times as slow as itself. Three parts run at a time, as each often waits,
# the longest first.
BUDGET_lint := 360
BUDGET_house := 120
BUDGET_central := 1200
BUDGET_kiosk := 1200
BUDGET_screens := 800
BUDGET_acceptance := 900
BUDGET_face := 700
BUDGET_devices := 600
BUDGET_faults := 360

.PHONY: help run test setup lint bench monkey faults leaks mutants backlog face golden shots texts voice-list devices-list lock clean test-postgresql
.PHONY: setup-run setup-test setup-bench setup-faults lint-ruff lint-types lint-contracts lint-dead-code lint-catalog
.PHONY: test-house test-kiosk test-devices test-central test-screens test-face test-acceptance test-faults

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: setup-run ## open the demonstration: simulators, central, dock and kiosk (the tour, where there is no display)
	@if [ -n "$$DISPLAY" ]; then exec $(PYTHON) main.py; fi; \
	echo "There is no display (DISPLAY is empty): taking the tour on a screen in memory, pictures go to out/tour."; \
	rm -rf out/tour; $(SCREEN) $(PYTHON) main.py tour --out out/tour && echo "Pictures of each page and receipt: out/tour" >&2

test: setup-test ## lint, and all tests
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target $(if $(findstring k,$(firstword -$(MAKEFLAGS))),--keep-going) \
	lint-types lint test-house test-central test-kiosk test-screens test-acceptance test-face test-devices test-faults

setup: setup-test ## only install what run and test need

lint: lint-ruff lint-types lint-contracts lint-dead-code lint-catalog ## style, types, the architecture's contracts, dead code, the catalogue

bench: setup-bench ## measure against the bars; ONLY=name for one; writes out/bench.json
	@$(SCREEN) $(PYTHON) -m tests.bench $(ONLY)

monkey: setup-test ## random hands on a real kiosk; TOUCHES=n (100000, about 90 a second), MINUTES=m at most, SEED=s, HANDS=n at once
	@mkdir -p out; echo "what the programs say goes to out/monkey.log"
	@xvfb-run --auto-servernum --server-args="-noreset -screen 0 270x552x24" $(PYTHON) -m tests.monkey --broken \
	$(if $(TOUCHES),--touches $(TOUCHES)) $(if $(SEED),--seed $(SEED)) $(if $(HANDS),--hands $(HANDS)) \
	$(if $(MINUTES),--minutes $(MINUTES)) 2>out/monkey.log

faults: setup-faults ## kills, power cuts and tampering against promises; KILLS=n (1000), CUTS=n (400), MINUTES=n, SEED=s, MUTANT=name
	@mkdir -p out; echo "what the programs say goes to out/faults.log"
	@$(PYTHON) -m tests.faults $(if $(KILLS),--kills $(KILLS)) $(if $(CUTS),--cuts $(CUTS)) $(if $(SEED),--seed $(SEED)) \
	$(if $(MUTANT),--mutant $(MUTANT)) $(if $(MINUTES),--minutes $(MINUTES)) 2>out/faults.log

leaks: setup-faults ## a day of visits with crashes, then a thief reads the raw disk; VISITS=n (60), TOURS=n (4), SEED=s
	@mkdir -p out; echo "what the programs say goes to out/leaks.log"
	@$(SCREEN) $(PYTHON) -m tests.leaks $(if $(VISITS),--visits $(VISITS)) $(if $(TOURS),--tours $(TOURS)) \
	$(if $(SEED),--seed $(SEED)) 2>out/leaks.log

mutants: setup-faults ## break the product in each way that `make faults` has to find, and say which part of it did
	@$(PYTHON) -m tests.faults --mutants $(if $(KILLS),--kills $(KILLS)) $(if $(CUTS),--cuts $(CUTS)) $(if $(SEED),--seed $(SEED))

backlog: setup-test ## a backlog of 10,000 records, and a central that is killed again and again within a batch
	@BACKLOG=10000 $(PYTHON) -m pytest tests/central/test_backlog.py $(ARGS)

face: setup-test ## every page in modes where all pairs of modes meet, a few minutes: sizes, contrast, targets, room; pixels, OCR
	@$(SCREEN) $(PYTHON) -m tests.face

golden: setup-test ## take the golden pictures of pages and receipts anew that look otherwise; then look at them
	@$(PYTHON) -m tests.kiosk.test_golden_receipts
	@READ=all $(PYTHON) -m pytest -q tests/kiosk/test_printing.py
	@$(SCREEN) $(PYTHON) -m tests.face.golden

shots: setup-test ## take the pictures in docs/pictures again
	@rm -rf out/shots && mkdir -p docs/pictures
	@$(SCREEN) $(PYTHON) -m tests.face.shots
	@$(SCREEN) $(PYTHON) main.py --data out/shots/data tour remote-care-filing --out out/shots >/dev/null
	@cp out/shots/*-receipt.png docs/pictures/receipt.png

texts: setup-run ## bring the list of texts to translate up to date (assets/locale), say what has no translation
	@$(PYTHON) packaging/texts.py

voice-list: setup-run ## list what staff can record in the local speech: file name and sentence
	@PYTHONPATH=. $(PYTHON) packaging/voice.py --list

devices-list: setup-run ## bring the list of supported devices up to date (docs/devices.md)
	@PYTHONPATH=. $(PYTHON) packaging/device_list.py

lock: ## make the lock files from pyproject.toml; UPGRADE="name…" or UPGRADE=--all moves versions
	@packaging/lock.sh $(UPGRADE)

clean: ## remove what running and testing made; .venv stays
	@rm -rf out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# ---- What they are made of -------------------------------------------------------------------------------------------

setup-run:
	@packaging/setup.sh run

setup-test:
	@packaging/setup.sh test

setup-bench:
	@packaging/setup.sh bench

setup-faults:
	@packaging/setup.sh faults

CODE := main.py kiosk screens devices central tests $(wildcard packaging/*.py)
WITHIN = timeout --foreground --kill-after=15

lint-ruff: setup-test
	@$(WITHIN) $(BUDGET_lint) .venv/bin/ruff check --quiet $(CODE)

lint-types: setup-test
	@$(WITHIN) $(BUDGET_lint) .venv/bin/mypy $(CODE)

lint-contracts: setup-test
	@$(WITHIN) $(BUDGET_lint) .venv/bin/lint-imports --no-logo

lint-dead-code: setup-test
	@found=$$($(WITHIN) $(BUDGET_lint) .venv/bin/vulture $(CODE)); status=$$?; \
	if [ $$status -ne 0 -a $$status -ne 3 ]; then echo "$$found"; exit $$status; fi; \
	! grep -vE "unused (variable|attribute)|^$$" <<<"$$found"

lint-catalog: setup-run
	@$(PYTHON) main.py catalog >/dev/null

# A part is one run of pytest within its budget; a part without tests fails. Ended by the budget, pytest says where it stood.
define part
	@echo "---- tests: $(1) (at most $(BUDGET_$(1)) s)"; \
	$(3) $(WITHIN) $(BUDGET_$(1)) $(PYTHON) -m pytest $(2) $(ARGS); status=$$?; \
	if [ $$status -eq 124 -o $$status -eq 137 ]; then echo "$(1): took longer than its $(BUDGET_$(1)) s (Makefile)"; fi; \
	exit $$status
endef

test-house: setup-test
	$(call part,house,$(wildcard tests/test_*.py))

test-kiosk: setup-test
	$(call part,kiosk,tests/kiosk)

test-devices: setup-test
	$(call part,devices,tests/devices)

test-central: setup-test
	$(call part,central,tests/central)

test-postgresql: setup-test ## central's tests, each of them on PostgreSQL too (`make test` takes those that lock or whose SQL differs)
	@POSTGRESQL=all $(PYTHON) -m pytest tests/central $(ARGS)

FACE_TESTS := $(patsubst %,tests/screens/test_%.py,face focus golden listening modes pixels)

test-screens: setup-test
	$(call part,screens,tests/screens $(patsubst %,--ignore=%,$(FACE_TESTS)),$(SCREEN))

test-face: setup-test
	$(call part,face,$(FACE_TESTS),$(subst --auto-servernum,--auto-servernum --server-num=300,$(SCREEN)))

test-acceptance: setup-test
	$(call part,acceptance,tests/acceptance,$(subst --auto-servernum,--auto-servernum --server-num=500,$(SCREEN)))

test-faults: setup-test
	$(call part,faults,tests/faults)
