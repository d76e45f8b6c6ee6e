"""How many generated codes are read, and what each view of a picture adds: `python -m bench.qr [COUNT]`.

Codes as sites show them: 60 to 160 px, centre logo, JPEG quality 40, rotated, low contrast, over a photo, noisy; then the
same as posters and phone photos have them, eight times as large, with noise and a little blur. A view adds what is read
by no other.
"""

from __future__ import annotations

import io
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable

from PIL import Image, ImageFilter

from fixtures.qr.codes import Case, generated
from gzcrawl.qr.decode import _frames, _views, decode, read

LARGER = 8


def poster(picture: bytes, seed: int) -> bytes:
    """The picture enlarged, with the noise of a phone's camera."""
    small = Image.open(io.BytesIO(picture)).convert("RGB")
    large = small.resize((small.width * LARGER, small.height * LARGER), Image.Resampling.BICUBIC)
    coarse = random.Random(seed).randbytes(large.width * large.height // 4)
    noise = Image.frombytes("L", (large.width // 2, large.height // 2), coarse).resize(large.size).convert("RGB")
    buffer = io.BytesIO()
    Image.blend(large, noise, 0.3).filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def report(name: str, cases: Iterable[tuple[Case, bytes]]) -> None:
    readers = Counter[str]()
    only = Counter[str]()
    missed, tricks = Counter[str](), Counter[str]()
    seconds = 0.0
    for case, picture in cases:
        tricks[case.trick] += 1
        started = time.process_time()
        missed[case.trick] += case.payload not in {code.payload for code in decode(picture)}
        seconds += time.process_time() - started
        reading = [
            f"{number}: x{scale:g}"
            for frame, _shrunk in _frames(picture)
            for number, (view, scale) in enumerate(_views(frame))
            if any(code.payload == case.payload for code in read(view, scale))
        ]
        readers.update(reading)
        only.update(reading if len(reading) == 1 else [])
    count = tricks.total()
    print(f"{name}: {count - missed.total()} of {count} read, {count / seconds:.0f} pictures a processor second")
    print("  missed by trick:", {trick: f"{missed[trick]}/{tricks[trick]}" for trick in tricks if missed[trick]})
    print("  read by view:", dict(sorted(readers.items())), "by no other:", dict(sorted(only.items())))


def main(count: int) -> None:
    report("as sites show them", ((case, case.picture) for case in generated(count)))
    report("large", ((case, poster(case.picture, n)) for n, case in enumerate(generated(count // 4))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
