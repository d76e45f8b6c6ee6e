"""How many generated codes are read, and what each view of a picture adds: `python -m bench.qr [COUNT]`.

300 codes as sites show them: 60 to 160 px, centre logo, JPEG quality 40, rotated, low contrast, over a photo, noisy.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from fixtures.qr.codes import generated
from gzcrawl.qr.decode import _frames, _views, decode, read


def main(count: int) -> None:
    first: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    tricks: Counter[str] = Counter()
    started = time.perf_counter()
    for case in generated(count):
        tricks[case.trick] += 1
        if case.payload not in {code.payload for code in decode(case.picture)}:
            missed[case.trick] += 1
    seconds = time.perf_counter() - started
    for case in generated(count):
        for frame, _shrunk in _frames(case.picture):
            for number, (view, scale) in enumerate(_views(frame)):
                if any(code.payload == case.payload for code in read(view, scale)):
                    first[f"{number}"] += 1
                    break
    read_all = count - sum(missed.values())
    print(f"{read_all} of {count} read ({read_all / count:.1%}), {count / seconds:.0f} pictures a second")
    print("missed by trick:", {trick: f"{missed[trick]}/{tricks[trick]}" for trick in tricks})
    print("read first by view:", dict(sorted(first.items(), key=lambda item: int(item[0]))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
