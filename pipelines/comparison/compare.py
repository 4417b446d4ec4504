#!/usr/bin/env python3
"""Compares this package with other text classifiers on small training sets.

    python3 compare.py DATA OUTPUT
    python3 compare.py DATA OUTPUT --sizes 100 500 --draws 1 --models tfidf-lr nb-svm
    python3 compare.py DATA OUTPUT --ours bag=.build/release --vectors glove.6B.zip \\
        --train-flags="--model bag-of-words --recipe best --fit-validation-rows"
    python3 compare.py DATA OUTPUT --table

DATA is the folder with the archives that draws.py lists or, with --kept-back, the repositories of
kept_back.py. OUTPUT gets the draws, and `results.jsonl`
with one line for each data set, size, draw and model: accuracy, macro-F1, CPU seconds of training and
prediction, and bytes of the model. What is there already is not run again. A size is the number of
labelled rows that a model may use; a fifth of them are validation rows. A data set with fewer rows
gives all of them; every draw of it has then the same rows, but not the same validation rows. The
test rows are not shown to a model. Without any, the recipe `best` would keep the validation rows for
testing; `--fit-validation-rows` lets it learn from them, as the rivals do.

Rivals: `pip install scikit-learn fasttext-wheel spacy`. One thread is used for everything.
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = "1"

import numpy as np

import draws
import kept_back
from rivals import RIVALS, add_arguments


def main():
    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    results = options.output / "results.jsonl"
    if options.table:
        return table(read_results(results), options)
    write_draws(options)
    models = {name: RIVALS[name] for name in options.models}
    if options.ours:
        name, _, folder = options.ours.partition("=")
        models = {name: stages(Path(folder))}
    done = {(r["data"], r["size"], r["draw"], r["model"]) for r in read_results(results)}
    for size in options.sizes:
        for seed in range(1, options.draws + 1):
            for path in sorted((options.output / "draws").glob(f"*.{size}.{seed}.jsonl")):
                data = path.name.split(".")[0]
                for model, run in models.items():
                    if (data, size, seed, model) in done or not chosen(data, options):
                        continue
                    result = {"data": data, "size": size, "draw": seed, "model": model}
                    result |= measure(run, path, options)
                    with open(results, "a") as file:
                        file.write(json.dumps(result) + "\n")
                    print(json.dumps(result), flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder with the archives")
    parser.add_argument("output", type=Path, help="the folder for draws and results")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 200, 500, 1000, 2000])
    parser.add_argument("--draws", type=int, default=5, help="number of draws of each size")
    parser.add_argument("--kept-back", action="store_true",
                        help="the data sets that no setting was chosen on")
    parser.add_argument("--datasets", nargs="+", default=[], help="only these data sets")
    add_arguments(parser)
    parser.add_argument("--ours", metavar="NAME=FOLDER",
                        help="run this package's programs in FOLDER instead of the rivals")
    parser.add_argument("--vectors", type=Path, help="the vectors for --ours")
    parser.add_argument("--vocab-flags", type=shlex.split, default=[], help="more flags of vocab")
    parser.add_argument("--train-flags", type=shlex.split, default=[], help="more flags of train")
    parser.add_argument("--table", action="store_true", help="print the results as tables and stop")
    return parser.parse_args()


def chosen(data, options):
    return not options.datasets or data in options.datasets


def read_results(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def write_draws(options):
    """Writes the draws that are missing."""
    folder = options.output / "draws"
    folder.mkdir(exist_ok=True)
    written = folder / "written.json"
    wanted = {f"{size}.{seed}" for size in options.sizes for seed in range(1, options.draws + 1)}
    present = set(json.loads(written.read_text())) if written.exists() else set()
    if wanted <= present:
        return
    readers = kept_back.READERS if options.kept_back else draws.READERS
    for name, train, test in draws.datasets(options.data, readers):
        for seed in range(1, options.draws + 1):
            rows = draws.order(name, train, seed)
            for size in options.sizes:
                if size >= 3 * len({label for _, label in rows}):
                    draws.write(
                        folder / f"{name}.{size}.{seed}.jsonl", *draws.draw(rows, size), test)
    written.write_text(json.dumps(sorted(wanted | present)))


def measure(run, path, options):
    """Runs a model on a draw."""
    train, validation, test = draws.read(path)
    before, start = cpu_seconds(), time.monotonic()
    predicted, size = run(train, validation, [text for text, _ in test], options)
    seconds = cpu_seconds() - before
    labels = [label for _, label in test]
    return {
        "rows": len(train) + len(validation), "test_rows": len(test),
        "accuracy": round(float(np.mean(np.array(predicted) == np.array(labels))), 5),
        "macro_f1": round(macro_f1(labels, predicted), 5), "cpu_seconds": round(seconds, 2),
        "seconds": round(time.monotonic() - start, 2), "bytes": size}


def cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def macro_f1(labels, predicted):
    """The mean F1 of the classes of the test rows."""
    scores = []
    for name in sorted(set(labels)):
        both = sum(a == b == name for a, b in zip(labels, predicted))
        total = labels.count(name) + predicted.count(name)
        scores.append(2 * both / total)
    return float(np.mean(scores))


def stages(folder):
    """This package: ingest, vocab, train and predict, as a user runs them."""
    def ours(train, validation, texts, options):
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            draws.write(work / "rows.jsonl", train, validation, [])
            (work / "test.txt").write_text("".join(f"{text}\n" for text in texts))

            def stage(program, *flags):
                command = [str(folder / program), *map(str, flags)]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(f"{shlex.join(command)}\n{done.stderr}")
                return done.stdout

            stage("ingest", "--archive", work / "rows.jsonl", "--name", "task", "--split-column",
                  "split", "--test", 0, "--output", work / "examples")
            vectors = ["--vectors", options.vectors] if options.vectors else []
            stage("vocab", "--examples", work / "examples", *vectors, *options.vocab_flags,
                  "--output", work / "vocab")
            stage("train", "--vocab", work / "vocab", *options.train_flags,
                  "--output", work / "model")
            output = stage("predict", "--checkpoint", work / "model", "--task", "task", "--json",
                           "--quiet", work / "test.txt")
            predicted = [json.loads(line)["label"] for line in output.splitlines()]
            size = sum(p.stat().st_size for p in (work / "model").rglob("*.safetensors"))
            return predicted, size
    return ours


def table(results, options):
    """Prints, for each size, mean accuracies and the distances to the best rivals."""
    for size in sorted({r["size"] for r in results}):
        cells = defaultdict(list)
        for r in results:
            if r["size"] == size and r["draw"] <= options.draws and chosen(r["data"], options):
                cells[r["model"], r["data"]].append(r)
        data = sorted({name for _, name in cells})
        models = sorted({model for model, _ in cells
                         if model in options.models or model not in RIVALS},
                        key=lambda model: (model not in RIVALS, model))
        for model in list(models):
            missing = sum((model, name) not in cells for name in data)
            if missing:
                print(f"\n{size} rows: {model} is left out, since {missing} data sets are missing")
                models.remove(model)

        def mean(model, name, key="accuracy"):
            return np.mean([r[key] for r in cells[model, name]]) * (
                100 if key in ["accuracy", "macro_f1"] else 1)

        numbers = sorted({len(cells[model, name]) for model in models for name in data})
        print(f"\n{size} rows, {len(data)} data sets, {' or '.join(map(str, numbers))} draws")
        print(f"{'':22}" + "".join(f"{model[:17]:>18}" for model in models))
        for name in data:
            print(f"{name:22}" + "".join(f"{mean(model, name):18.1f}" for model in models))
        for key, title in [("accuracy", "mean accuracy"), ("macro_f1", "mean macro-F1"),
                           ("cpu_seconds", "mean CPU seconds"), ("bytes", "mean bytes")]:
            print(f"{title:22}" + "".join(
                f"{np.mean([mean(model, name, key) for name in data]):18.1f}" for model in models))
        rivals = [model for model in models if model in RIVALS]
        if not rivals:
            continue
        best = {name: max(mean(model, name) for model in rivals) for name in data}
        leader = max(rivals, key=lambda model: sum(mean(model, name) for name in data))
        print(f"best rival of each data set: {np.mean(list(best.values())):.1f}; best single rival: "
              f"{leader}, {np.mean([mean(leader, name) for name in data]):.1f}")
        for model in models:
            if model not in RIVALS:
                ahead = {name: mean(model, name) - best[name] for name in data}
                worst = min(ahead, key=ahead.get)
                print(f"{model}: {interval(list(ahead.values()))} to the best of each, "
                      f"{interval([mean(model, name) - mean(leader, name) for name in data])} to "
                      f"{leader}, worst {worst} {ahead[worst]:+.1f}")


def interval(differences):
    """The mean, and its 95 % interval by the bootstrap over the data sets."""
    means = np.random.RandomState(1).choice(differences, (10_000, len(differences))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{np.mean(differences):+.1f} [{low:+.1f}, {high:+.1f}]"


if __name__ == "__main__":
    main()
