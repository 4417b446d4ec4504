#!/usr/bin/env python3
"""Runs other classifiers on the same rows as pipelines/benchmarks.yaml.

    python3 benchmarks.py RUNS OUTPUT
    python3 benchmarks.py RUNS OUTPUT --models tfidf-lr nb-svm --stages "fdu-*" --pool fdu
    python3 benchmarks.py RUNS OUTPUT --table

RUNS is the folder with the outputs of the manifest, such as `runs/benchmarks`. Every output of `ingest`
in it whose path matches --stages is a data set with its own training, validation and test rows. With
--pool NAME, these are pooled as one data set, and each is tested alone. OUTPUT is a file to which one
line is added for each data set and model; what is there is not run again. A model may learn from
training and validation rows, and sees no test label.

Requires `pip install numpy safetensors scikit-learn fasttext-wheel spacy`. One thread is used for everything.
"""

import argparse
import fnmatch
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import compare
import numpy as np
from rivals import RIVALS, add_arguments
from safetensors.numpy import load_file

SPLITS = ["train", "validation", "test"]


def main():
    options = arguments()
    if options.table:
        return table(compare.read_results(options.output), options)
    done = {(r["data"], r["model"]) for r in compare.read_results(options.output)}
    sets = datasets(options)
    if options.pool:
        sets = {options.pool: sets}
    else:
        sets = {name: {name: splits} for name, splits in sets.items()}
    for data, members in sets.items():
        for model in options.models:
            if (data, model) not in done:
                result = {"data": data, "model": model} | measure(RIVALS[model], members, options)
                with open(options.output, "a") as file:
                    file.write(json.dumps(result) + "\n")
                print(json.dumps(result), flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("runs", type=Path, help="the folder with the outputs of the stages")
    parser.add_argument("output", type=Path, help="the file with the results")
    parser.add_argument("--stages", nargs="+", default=["*"], help="patterns of paths below RUNS")
    parser.add_argument("--pool", help="pool the data sets under this name")
    add_arguments(parser)
    parser.add_argument("--table", action="store_true", help="print the results and stop")
    return parser.parse_args()


def datasets(options):
    """The rows of each output of `ingest`, by its path: for each split pairs of text and class."""
    result = {}
    for path in sorted(options.runs.rglob("test*.safetensors")):
        name = str(path.parent.relative_to(options.runs))
        if any(fnmatch.fnmatch(name, pattern) for pattern in options.stages):
            splits = {split: read(path.parent, split) for split in SPLITS}
            if splits["test"]:
                result[name] = splits
    if not result:
        sys.exit(f"no examples of ingest below {options.runs} match {' '.join(options.stages)}")
    return result


def read(folder, split):
    """The rows of a split, which may have several files. Tokens are no texts, and give no rows."""
    rows = []
    for path in sorted(folder.glob(f"{split}*.safetensors")):
        tensors = load_file(path)
        if "text" not in tensors:
            return []
        text, offsets = tensors["text"].tobytes(), tensors["offset"]
        rows += [(text[a:b].decode(), int(label))
                 for a, b, label in zip(offsets, offsets[1:], tensors["label"])]
    return rows


def measure(run, members, options):
    """Trains a model on the rows of all members, and tests it on those of each."""
    train, validation, test = (
        [row for splits in members.values() for row in splits[name]] for name in SPLITS)
    before, start = compare.cpu_seconds(), time.monotonic()
    predicted, size = run(train, validation, [text for text, _ in test], options)
    seconds, wall = compare.cpu_seconds() - before, time.monotonic() - start
    accuracies, scores, first = {}, {}, 0
    for name, splits in members.items():
        labels = [label for _, label in splits["test"]]
        own = predicted[first:first + len(labels)]
        first += len(labels)
        accuracies[name] = float(np.mean(np.array(own) == np.array(labels)))
        scores[name] = compare.macro_f1(labels, own)
    return {
        "rows": len(train) + len(validation), "test_rows": len(test),
        "accuracy": round(np.mean(list(accuracies.values())), 5),
        "macro_f1": round(np.mean(list(scores.values())), 5),
        "accuracies": accuracies, "cpu_seconds": round(seconds, 2), "seconds": round(wall, 2),
        "bytes": size}


def table(results, options):
    """Prints accuracy, macro-F1, CPU seconds and size by data set and model."""
    cells = defaultdict(dict)
    for result in results:
        cells[result["data"]][result["model"]] = result
    for data, models in cells.items():
        print(f"\n{data}")
        for model, r in models.items():
            print(f"  {model:20}{100 * r['accuracy']:8.2f}{100 * r['macro_f1']:8.2f}"
                  f"{r['cpu_seconds']:10.1f} s{r['bytes'] / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
