"""A patrol killed at random moments ends with the same database and exactly one digest.

    python bench/kills.py [--kills 20] [--seed 1]

Runs the sandbox patrol once undisturbed, then another one that is killed (SIGKILL) again and again before it may
finish, and compares the two databases document by document. Exit code 1 when they differ.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.city.test_patrol import COMMAND, contents, environment, patrol


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, killed = Path(folder) / "undisturbed", Path(folder) / "killed"
        patrol(undisturbed)
        kills = 0
        for _ in range(args.kills):
            process = subprocess.Popen(
                COMMAND, env=environment(killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                process.wait(chance.uniform(0.3, 6.0))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        last = patrol(killed).stdout.splitlines()[-1]
        mails = len(list((killed / "inbox").glob("*.eml")))
        expected, found = contents(undisturbed), contents(killed)
        different = [name for name in expected if expected[name] != found.get(name)]
    documents = sum(map(len, expected.values()))
    print(f"{kills} kills: {documents} documents, different collections {different or 'none'}, digests {mails}; {last}")
    return 1 if different or mails != 1 else 0


if __name__ == "__main__":
    sys.exit(main())
