# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# Tests start the program hundreds of times; without compiled files each start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .demo
WINDOW ?= 1
PO := $(wildcard resources/locale/*/LC_MESSAGES/antin.po)
MO := $(PO:.po=.mo)
SOURCES := app pkcs11_bridge ui

# Debian packages: what Qt's window needs, what the demo needs beside it, what the tests need beside that.
DEBIAN_WINDOW := libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 \
	libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
DEBIAN_DEMO := $(DEBIAN_WINDOW) softhsm2
DEBIAN_TEST := $(DEBIAN_DEMO) dbus gcc libc6-dev msitools openssl wixl poppler-utils libnss3-tools python3-uno xvfb postgresql \
	libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui libreoffice-draw-nogui

# What the packages are built with, and what the tests of the packages need beside it.
DEBIAN_BUILD := $(DEBIAN_WINDOW) binutils gcc icu-devtools libc6-dev msitools patchelf wixl
DEBIAN_PACKAGE := $(DEBIAN_BUILD) appstream debootstrap desktop-file-utils man-db softhsm2 xvfb
BUILD := build/venv

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: debian-demo setup ## Make the demo office in .demo/, sign, verify and file its documents; WINDOW=0: no window
	WINDOW=$(WINDOW) $(BIN)/python -m tests.demo $(DEMO)

.PHONY: run
run: setup ## Open the window on your own settings
	$(BIN)/antin

.PHONY: test
test: debian-test setup lint ## Lint, types, architecture, tests: everything CI runs
	$(BIN)/python -m pytest -n 2

.PHONY: coverage
coverage: debian-test setup ## The tests once more, with the lines that none of them reaches
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term

.PHONY: lint
lint: setup ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: setup ## Format the code and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: debian-test setup ## Measure speed and memory against peers, print the table, keep it in docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks docs/benchmarks.md

.PHONY: bench-records
bench-records: debian-test setup ## The same for the records: archive, custody, ledger
	$(BIN)/python -m tests.benchmarks --records docs/benchmarks.md

.PHONY: screenshots
screenshots: debian-demo setup ## Write PNGs of the real window with real results into .screenshots/
	$(BIN)/python -m tests.ui.screenshots .screenshots

.PHONY: guide
guide: debian-demo setup ## Draw the pictures of the user guide anew: real pages, signed by a demo office
	$(BIN)/python -m tests.guide_pictures docs/images

.PHONY: attacks
attacks: debian-demo setup ## Make every forgery and genuine file, print what the verifier says of each; fails on a wrong verdict
	$(BIN)/python -m tests.attacks

MINUTES ?= 10

.PHONY: fuzz
fuzz: debian-demo setup ## Search for inputs that break a parser, MINUTES=10 in all; what is found becomes a test
	$(BIN)/python -m tests.fuzz $(MINUTES)

.PHONY: deb
deb: debian-build setup $(BUILD)/.complete ## Build the Debian package into dist/
	QT_QPA_PLATFORM=offscreen $(BUILD)/bin/python -m installer deb

.PHONY: msi
msi: debian-build setup $(BUILD)/.complete ## Build the source of the Windows installer into dist/, and an MSI of it to look at
	QT_QPA_PLATFORM=offscreen $(BUILD)/bin/python -m installer msi

.PHONY: release
release: debian-build setup $(BUILD)/.complete ## Build all files of a release from the last commit into dist/, twice, and compare
	QT_QPA_PLATFORM=offscreen $(BUILD)/bin/python -m installer release

SUITES ?= bookworm

.PHONY: test-package
test-package: debian-package deb ## Install, use, upgrade and remove the package in bare systems (root; SUITES="bookworm …")
	QT_QPA_PLATFORM=offscreen $(BUILD)/bin/python -m tests.package.older
	SUITES="$(SUITES)" $(BIN)/python -m pytest -n0 tests/package

.PHONY: catalogue
catalogue: setup ## Extract sentences of the code (and click's own) into the catalogues and compile them
	$(BIN)/pybabel -q extract --no-location --sort-output --no-wrap -k N_ -k pgettext:1c,2 -k ngettext:1,2 \
		-o $(VENV)/antin.pot $(SOURCES) $(VENV)/lib/python*/site-packages/click
	for po in $(PO); do
		$(BIN)/pybabel -q update --no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date \
			-D antin -l vi -i $(VENV)/antin.pot -o $$po
	done
	$(MAKE) --no-print-directory $(MO)

.PHONY: lock
lock: ## Write the hash-locked requirements anew (needs uv)
	cd requirements
	for name in run dev build; do
		uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
			--upgrade -q $$name.in -o $$name.lock
	done

.PHONY: clean
clean: ## Remove the demo office and what was built
	rm -rf $(DEMO) .screenshots build dist

.PHONY: setup
setup: $(VENV)/.complete $(MO) ## Make .venv from the hash-locked file

$(VENV)/.complete: requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tests/demo/debian.sh python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(BUILD)/.complete: requirements/build.lock
	$(PYTHON) -m venv $(BUILD)
	$(BUILD)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.lock
	touch $@

%.mo: %.po $(VENV)/.complete
	$(BIN)/pybabel -q compile -i $< -o $@.new
	mv $@.new $@

.PHONY: debian-demo debian-test debian-build debian-package
debian-demo:
	tests/demo/debian.sh $(DEBIAN_DEMO)

debian-test:
	tests/demo/debian.sh $(DEBIAN_TEST)

debian-build:
	tests/demo/debian.sh $(DEBIAN_BUILD)

debian-package:
	tests/demo/debian.sh $(DEBIAN_PACKAGE)
