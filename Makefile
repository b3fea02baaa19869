# make run    sets everything up and starts the bot at http://127.0.0.1:8000/
# make test   sets everything up and runs every test

.PHONY: run test lint check lock docs safety

run:
	@sh scripts/setup.sh run
	@exec .venv/bin/tochimado serve

test:
	@sh scripts/setup.sh dev
	@exec sh scripts/test.sh $(ARGS)

lint:
	@sh scripts/setup.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

check:
	@sh scripts/setup.sh run
	@exec .venv/bin/tochimado check

docs:
	@sh scripts/setup.sh dev
	.venv/bin/tochimado schema
	.venv/bin/tochimado settings > docs/settings.md

# Pin everything anew: needs pip-tools in the environment that runs it.
LOCK = pip-compile --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
lock:
	$(LOCK) --output-file requirements/run.lock pyproject.toml
	$(LOCK) --extra dev --constraint requirements/run.lock --output-file requirements/dev.lock pyproject.toml

safety:
	@sh scripts/setup.sh dev
	@exec .venv/bin/python -m bench.safety
