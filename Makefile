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

# The longer measurements; docs/performance.md keeps their results.
bench: .venv/ready
	.venv/bin/python bench/crawl.py
	.venv/bin/python bench/qr.py
	.venv/bin/python bench/kills.py
	.venv/bin/python bench/chaos.py --polls 3000

# Made anew only when the dependencies change.
.venv/ready: pyproject.toml deploy/setup.sh
	@sh deploy/setup.sh

clean:
	rm -rf .venv .data build *.egg-info
