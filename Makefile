# gzcrawl: `make run` and `make test` do everything, set-up included. See README.md.

.PHONY: run test check bench setup clean

run: setup
	.venv/bin/gzcrawl patrol --sandbox

test: setup
	.venv/bin/pytest -q -n 2 --dist loadscope --no-loadscope-reorder

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# The longer measurements; docs/performance.md keeps their results.
bench: setup
	.venv/bin/python bench/crawl.py
	.venv/bin/python bench/qr.py
	.venv/bin/python bench/kills.py
	.venv/bin/python bench/chaos.py --polls 3000
	.venv/bin/python bench/cities.py --cities 10

# At once when the dependencies have not changed.
setup:
	@sh deploy/setup.sh

clean:
	rm -rf .venv .data build *.egg-info
