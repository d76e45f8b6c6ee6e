"""Make the model of scheduler/matching, and say how good it is.

    D=../shared/repost
    python bench/train_matcher.py background $D/dev.jsonl $D/dev-natural.jsonl          # -> common.json, pairs.json
    python bench/repost_kinds.py $D/dev.jsonl $D/dev-natural.jsonl > /tmp/made.jsonl    # further kinds of pairs
    python bench/train_matcher.py measure $D/dev.jsonl $D/dev-natural.jsonl /tmp/made.jsonl    # -> matcher.csv
    python bench/train_matcher.py fit         # matcher.csv -> scheduler/matching/model.json
    OMP_NUM_THREADS=1 python bench/train_matcher.py evaluate    # cross-validated, by transfer, and with one kind left out

`matcher.csv` holds the measured features and labels of the pairs, no text of theirs. Needs the extra `bench`
(scikit-learn), which the product itself does not.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scheduler.cli.match import announcement_of, post_of
from scheduler.matching.decide import DOUBTFUL, SURE, is_another, settled
from scheduler.matching.features import NAMES, features
from scheduler.matching.text import grams, normalise

CSV = Path(__file__).with_name("matcher.csv")
COMMON = Path(__file__).parents[1] / "scheduler/matching/common.json"
PAIRS = COMMON.with_name("pairs.json")
MODEL = Path(__file__).parents[1] / "scheduler/matching/model.json"

FOLDS = 5
MADE_WEIGHT = 0.5
"""Of a pair made by repost_kinds.py, against one of the development sets."""

RISING = {
    "cf",
    "run",
    "restc",
    "acov",
    "lead",
    "mseg",
    "titled",
    "tline",
    "tsim",
    "same",
    "document",
    "c1",
    "c2",
    "w2",
    "bsame",
    "day",
    "quoted",
    "seg",
}
"""More of it never makes a repost less likely."""
FALLING = {
    "rate",
    "sf2",
    "foreign",
    "cited",
    "status",
    "conf",
    "crate",
    "dates",
    "drate",
    "tconf",
    "places",
    "swap",
    "gap",
    "bconf",
    "bcrate",
    "bdrate",
}


def measure(files: list[Path]) -> None:
    with CSV.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["set", "group", "kind", "label", "settled", *NAMES])
        for file in files:
            for line in file.read_text(encoding="utf-8").splitlines():
                pair = json.loads(line)
                announcement, post = announcement_of(pair["announcement"]), post_of(pair["post"])
                found = features(announcement, post)
                plain = settled(announcement, post)
                group = hashlib.sha256(f"{announcement.title}{announcement.body[:80]}".encode()).hexdigest()[:12]
                values = [f"{found[name]:.4g}" for name in NAMES]
                writer.writerow(
                    [file.stem, group, pair["kind"], pair["label"], plain.decision if plain else "", *values]
                )


COMMON_FROM, PAIRS_FROM = 6, 20
"""So many announcements."""


def background(files: list[Path]) -> None:
    """Runs of four characters that stand in so many announcements that they prove no repost; what common pairs weigh."""
    texts = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)["announcement"]
            texts[one["title"], one["body"][:100]] = f"{one['title']}\n{one['body']}"
    said = [normalise(text) for text in texts.values()]
    count = Counter(gram for text in said for gram in grams(text))
    common = sorted(gram for gram, texts_with in count.items() if texts_with >= COMMON_FROM)
    pairs = Counter(pair for text in said for pair in grams(text, 2))
    weights = {
        pair: round(math.log(len(said) / count), 1) for pair, count in sorted(pairs.items()) if count >= PAIRS_FROM
    }
    for file, written in ((COMMON, common), (PAIRS, weights)):
        file.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(common)} common runs of {len(texts)} announcements")


def load() -> tuple[list[dict[str, str]], Any, Any]:
    import numpy

    with CSV.open() as file:
        rows = list(csv.DictReader(file))
    values = numpy.array([[float(row[name]) for name in NAMES] for row in rows])
    return rows, values, numpy.array([int(row["label"]) for row in rows])


def model() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    monotonic = [1 if name in RISING else -1 if name in FALLING else 0 for name in NAMES]
    return HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=20, l2_regularization=1.0,
        monotonic_cst=monotonic, random_state=0,
    )  # fmt: skip


def fit() -> None:
    rows, values, labels = load()
    made = fitted(rows, labels >= 0, values, labels)
    trees = []
    for (predictor,) in made._predictors:
        nodes = []
        for node in predictor.nodes:
            leaf = [round(float(node["value"]), 5)]
            split = [
                int(node["feature_idx"]),
                round(float(node["num_threshold"]), 5),
                int(node["left"]),
                int(node["right"]),
            ]
            nodes.append(leaf if node["is_leaf"] else split)
        trees.append(nodes)
    written = {"features": list(NAMES), "baseline": round(float(made._baseline_prediction[0, 0]), 5), "trees": trees}
    MODEL.write_text(json.dumps(written, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(trees)} trees, {sum(map(len, trees))} nodes, {MODEL.stat().st_size // 1024} KiB")


def fitted(rows: list[dict[str, str]], chosen: Any, values: Any, labels: Any) -> Any:
    """The model made of the chosen rows that are not settled before the texts are compared."""
    import numpy

    weights = numpy.array([MADE_WEIGHT if row["set"] == "made" else 1.0 for row in rows])
    asked = chosen & numpy.array([not row["settled"] for row in rows])
    return model().fit(values[asked], labels[asked], sample_weight=weights[asked])


def likelihoods(rows: list[dict[str, str]], folds: Iterable[tuple[Any, Any]], values: Any, labels: Any) -> Any:
    """What `match` says with models that have not seen the tested rows."""
    import numpy

    likely = numpy.array([1.0 if row["settled"] == "repost" else 0.0 for row in rows])
    asked = numpy.array(
        [
            not row["settled"] and not is_another(dict(zip(NAMES, measured, strict=True)))
            for row, measured in zip(rows, values, strict=True)
        ]
    )
    for train, test in folds:
        if (test & asked).any():
            likely[test & asked] = fitted(rows, train, values, labels).predict_proba(values[test & asked])[:, 1]
    return likely


def evaluate() -> None:
    """By announcement, by set and by kind: each time the tested rows' own are left out of the training."""
    import numpy

    rows, values, labels = load()
    column = {name: numpy.array([row[name] for row in rows]) for name in ("group", "set", "kind")}
    fold = numpy.array([int(group, 16) % FOLDS for group in column["group"]])
    sets = sorted(set(column["set"]))
    others = {one: numpy.isin(column["group"], column["group"][column["set"] == one], invert=True) for one in sets}
    half = fold % 2
    ways = {
        "cross-validated by announcement": [(fold != one, fold == one) for one in range(FOLDS)],
        "transfer: trained on other sets and other announcements": [
            (others[one], column["set"] == one) for one in sets if one != "made"
        ],
        "leave one kind out, and the announcements of the tested half": [
            ((column["kind"] != kind) & (half != one), (column["kind"] == kind) & (half == one))
            for kind in sorted(set(column["kind"]))
            for one in (0, 1)
        ],
    }
    for way, folds in ways.items():
        print(f"\n{way}")
        likely = likelihoods(rows, folds, values, labels)
        tested = sum(test for _, test in folds) > 0
        for name in sorted(set(column["set"][tested])):
            report(name, [(r, p) for r, p in zip(rows, likely, strict=True) if r["set"] == name])


def report(name: str, judged: list[tuple[dict[str, str], float]]) -> None:
    """Precision, recall and share of uncertain; for each kind the share that is right (uncertain counts as wrong)."""
    decided = [(row, 1 if p >= SURE else -1 if p >= DOUBTFUL else 0) for row, p in judged]
    said = [int(row["label"]) for row, d in decided if d == 1]
    reposts = sum(int(row["label"]) for row, _ in decided)
    uncertain = sum(d == -1 for _, d in decided) / len(decided)
    print(f"{name}: precision {sum(said) / len(said):.4f}, recall {sum(said) / reposts:.4f}, uncertain {uncertain:.2%}")
    right, total = Counter[str](), Counter[str]()
    for row, d in decided:
        total[row["kind"]] += 1
        right[row["kind"]] += d == int(row["label"])
    for kind, count in sorted(total.items()):
        print(f"    {kind:24} {right[kind] / count:.3f}  of {count}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("background", "measure", "fit", "evaluate"))
    parser.add_argument("files", nargs="*", type=Path)
    args = parser.parse_args()
    if args.step in ("background", "measure"):
        {"background": background, "measure": measure}[args.step](args.files)
    else:
        {"fit": fit, "evaluate": evaluate}[args.step]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
