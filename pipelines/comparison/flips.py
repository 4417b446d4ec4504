#!/usr/bin/env python3
"""Measures how many wrong labels `evaluate --check-labels` finds.

    python3 flips.py draw DATA OUTPUT --seeds 1 2 3
    for data in OUTPUT/*.jsonl; do
      ingest --archive $data --name reviews --id-column id --test 0 --output $data.rows
      vocab --examples $data.rows --vectors VECTORS --minimum-count 2 --output $data.words
      train --vocab $data.words --model majority --output $data.model
      evaluate --models $data.model --vocab $data.words --check-labels --output $data.report
    done
    python3 flips.py count OUTPUT/*.report

`draw` writes training rows of Yelp and IMDB, of which 5 % get another label, drawn at random; their IDs begin
with `flipped`. `count` prints which fraction of the most suspicious 5 % of the rows is flipped, and
which fraction of the flipped rows is listed at all.
"""

import argparse
import csv
import json
import random
from pathlib import Path

import draws

SIZES = {"yelp": [8000], "imdb": [2000, 20000]}
FLIPPED = 0.05


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    draw = commands.add_parser("draw", help="write rows with wrong labels")
    draw.add_argument("data", type=Path, help="the folder with the archives")
    draw.add_argument("output", type=Path, help="the folder for the rows")
    draw.add_argument("--seeds", type=int, nargs="+", default=[1], help="a draw for each seed")
    count = commands.add_parser("count", help="count the wrong labels that were found")
    count.add_argument("reports", type=Path, nargs="+", help="outputs of evaluate")
    options = parser.parse_args()
    if options.command == "draw":
        return write(options)
    for report in options.reports:
        print(report.name, *count_flipped(report))


def write(options):
    options.output.mkdir(parents=True, exist_ok=True)
    for reader in [draws.read_yelp, draws.read_imdb]:
        for name, train, _ in reader(options.data):
            train = [(draws.plain(text), label) for text, label in train]
            for seed in options.seeds:
                rows = draws.order(name, train, seed)
                for size in SIZES[name]:
                    flip(rows[:size], options.output / f"{name}-{size}-{seed}.jsonl", name, seed)


def flip(rows, path, name, seed):
    """Writes rows, with wrong labels for some of them."""
    classes = sorted({label for _, label in rows})
    generator = random.Random(f"{name} {seed} flips")
    flipped = set(generator.sample(range(len(rows)), round(FLIPPED * len(rows))))
    with open(path, "w", encoding="utf-8") as file:
        for index, (text, label) in enumerate(rows):
            kind = "row"
            if index in flipped:
                kind = "flipped"
                label = generator.choice([other for other in classes if other != label])
            row = {"id": f"{kind}-{index}", "text": text, "label": label}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def count_flipped(report):
    """The fraction of flipped rows among the first 5 %, and the fraction of them that is listed."""
    [check] = json.loads((report / "report.json").read_text())["suspects"]
    with open(report / "suspects.csv", encoding="utf-8", newline="") as file:
        found = [row["id"].startswith("flipped") for row in csv.DictReader(file)]
    flipped = round(FLIPPED * check["checked"])
    first = found[:flipped]
    return f"{sum(first) / flipped:.3f} of the first {flipped}", f"{sum(found) / flipped:.3f} listed"


if __name__ == "__main__":
    main()
