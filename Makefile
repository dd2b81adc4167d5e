# The commands of this project; `make` alone lists them.
# Each does its own set-up, in .cache/, and goes on where an earlier try ended.

PYTHON ?= python3
DEVENV := $(PYTHON) bin/devenv

.PHONY: help run test lint format bench i18n db setup clean

help:
	@echo "make run               Odoo with our addons and demo data on http://127.0.0.1:8069 (PORT=8070)"
	@echo "make test              every test (ONLY=addon, ONLY=/addon:Class.test or ONLY=tests/file.py;"
	@echo "                       KEEP=1 keeps the databases for the next call)"
	@echo "make lint              style, Odoo's conventions, translations"
	@echo "make format            let the linters put right what they can"
	@echo "make bench             speed beside core and OCA (N=\"1 10 100 500\": sizes;"
	@echo "                       LARGE=1: also among 200,000 leads)"
	@echo "make i18n              write the translation templates anew and merge them"
	@echo "make db DB=name        a database with all our addons (DEMO=1: with demo data)"
	@echo "make setup             the environment only"
	@echo "make clean             delete all that was generated, databases too"
	@echo "bin/odoo ARGS          Odoo's own command line"

run:
	@PORT="$(PORT)" $(DEVENV) run

test:
	@$(DEVENV) test "$(ONLY)"

lint:
	@$(DEVENV) lint

format:
	@$(DEVENV) format

bench:
	@$(DEVENV) bench $(if $(N),--batch $(N)) $(if $(LARGE),--large) $(if $(MEMORY),--memory) $(if $(READS),--reads) $(if $(PRICES),--prices) $(ARGS)

i18n:
	@$(DEVENV) i18n

db:
	@$(DEVENV) db "$(DB)" "$(DEMO)"

setup:
	@$(DEVENV) setup

clean:
	@$(DEVENV) clean
