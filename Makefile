# gzcrawl: `make run` and `make test` do everything, set-up included. See README.md.

.PHONY: run test check bench clean

run: .venv/ready
	.venv/bin/gzcrawl patrol --sandbox

test: .venv/ready
	.venv/bin/pytest -q

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

bench: .venv/ready
	for script in bench/*.py; do .venv/bin/python "$$script" || exit 1; done

# Made anew only when the dependencies change.
.venv/ready: pyproject.toml deploy/setup.sh
	@sh deploy/setup.sh

clean:
	rm -rf .venv .data build *.egg-info
