"""Reads the public data sets in their publishers' layouts and draws small training sets from them.

A draw is a JSON-lines file with the keys `id`, `text`, `label` and `split`. The test rows of a data
set are the same in every draw; of its training rows, a draw takes `size`, of which a fifth are for
validation. The draws of a seed are nested: the rows of a smaller one are part of a larger one.
"""

import html
import json
import random
import re
import tarfile
import zipfile
from collections import defaultdict

TEST_ROWS = 2000


def read_fdu_mtl(folder):
    """16 tasks with a published test split: `fdu-mtl/TASK/{train,test}.tsv`."""
    with zipfile.ZipFile(folder / "fdu-mtl.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.endswith("/train.tsv"):
                task = name.split("/")[1]
                test = name.replace("train.tsv", "test.tsv")
                yield f"fdu-{task.lower()}", tsv(archive, name), tsv(archive, test)


def read_sentences(folder):
    """Questions (TREC), sentences of film reviews (MR) and opinions (MPQA)."""
    with zipfile.ZipFile(folder / "sentences.zip") as archive:
        yield "trec", *(tsv(archive, f"sentences/trec/{split}.tsv") for split in ["train", "test"])
        for name in ["mr", "mpqa"]:
            yield name, tsv(archive, f"sentences/{name}/all.tsv"), None


def read_tweeteval(folder):
    """The tasks hate and offensive, with a published test split."""
    with zipfile.ZipFile(folder / "tweeteval-small.zip") as archive:
        for task in ["hate", "offensive"]:
            train, test = (
                [(row["text"], row["label"]) for row in json_lines(archive.open(name))]
                for name in [f"tweeteval/{task}/train.jsonl", f"tweeteval/{task}/test.jsonl"])
            yield f"tweeteval-{task}", train, test


def read_ei_reg(folder):
    """The emotion of a tweet of at least intensity 0.5; official training and gold test files."""
    with zipfile.ZipFile(folder / "SemEval2018-Task1-all-data.zip") as archive:
        splits = {"-train.txt": [], "-test-gold.txt": []}
        for name in sorted(archive.namelist()):
            for ending, rows in splits.items():
                if "/EI-reg/" in name and name.endswith(ending) and "__MACOSX" not in name:
                    for line in lines(archive.open(name)):
                        identifier, text, emotion, intensity = line.split("\t")
                        real = not identifier.startswith("2018-En-mystery") and identifier != "ID"
                        if real and float(intensity) >= 0.5:
                            rows.append((text.replace("\\n", " "), emotion))
        yield "ei-reg", *splits.values()


def read_yelp(folder):
    """1-2 stars are negative, 3 neutral, 4-5 positive."""
    names = {1: "negative", 2: "negative", 3: "neutral", 4: "positive", 5: "positive"}
    with zipfile.ZipFile(folder / "Yelp-JSON.zip") as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/yelp_dataset.tar")
                  and "__MACOSX" not in name]
        with archive.open(name) as file, tarfile.open(fileobj=file, mode="r|gz") as tar:
            for member in tar:
                if member.name.endswith("review.json"):
                    rows = [(row["text"], names[int(row["stars"])])
                            for row in json_lines(tar.extractfile(member))]
    yield "yelp", rows, None


def read_imdb(folder):
    """Long reviews of films, with a published test split."""
    splits = {"train": [], "test": []}
    with tarfile.open(folder / "aclImdb_v1.tar.gz", mode="r|gz") as tar:
        for member in tar:
            match = re.fullmatch(r"aclImdb/(train|test)/(pos|neg)/.*\.txt", member.name)
            if match:
                splits[match[1]].append((tar.extractfile(member).read().decode(), match[2]))
    yield "imdb", *(sorted(rows) for rows in splits.values())


READERS = [read_fdu_mtl, read_tweeteval, read_sentences, read_yelp, read_ei_reg, read_imdb]


def lines(file):
    return file.read().decode().split("\n")[:-1]


def json_lines(file):
    return [json.loads(line) for line in lines(file)]


def tsv(archive, name):
    return [line.split("\t", 1)[::-1] for line in lines(archive.open(name))]


def held_out(name, rows):
    random.Random(name).shuffle(rows)
    return rows[len(rows) // 5:], rows[:len(rows) // 5]


def plain(text):
    """The text on one line, without entities and line breaks of HTML."""
    return " ".join(html.unescape(re.sub(r"<br\s*/?>", " ", text)).split())


def datasets(folder, readers):
    """Yields the name, the training rows and the test rows of each data set. Rows are (text, label).

    A fifth of the rows is held out from data without a test split, which has None for it. There are at
    most TEST_ROWS test rows. Training rows whose text is that of a published test row are left out.
    """
    for reader in readers:
        for name, train, test in reader(folder):
            if test is None:
                train, test = held_out(name, train)
            train, test = ([(plain(text), label) for text, label in rows] for rows in (train, test))
            tested = {text for text, _ in test}
            random.Random(f"{name} test").shuffle(test)
            yield name, [row for row in train if row[0] not in tested], test[:TEST_ROWS]


def order(name, train, seed):
    """The training rows in random order, of equal texts only one. The first two rows of each class
    come first, so that no draw lacks a class."""
    rows = list(train)
    random.Random(f"{name} {seed}").shuffle(rows)
    first, others, seen, counts = [], [], set(), defaultdict(int)
    for text, label in rows:
        if text not in seen:
            seen.add(text)
            counts[label] += 1
            (first if counts[label] <= 2 else others).append((text, label))
    return first + others


def draw(rows, size):
    """The first `size` of the rows, or all, as training and validation rows.

    The validation rows are a fifth, stratified by class; each class keeps a training row.
    """
    rows = rows[:size]
    by_class = defaultdict(list)
    for row in rows:
        by_class[row[1]].append(row)
    quota = {label: len(members) // 5 for label, members in by_class.items()}
    by_remainder = sorted(by_class, key=lambda label: (-(len(by_class[label]) % 5), label))
    for label in by_remainder[:len(rows) // 5 - sum(quota.values())]:
        quota[label] += 1
    train, validation = [], []
    for text, label in rows:
        taken = quota[label] > 0
        quota[label] -= taken
        (validation if taken else train).append((text, label))
    return train, validation


def write(path, train, validation, test):
    """Writes a draw; the identifiers number the rows of each split."""
    with open(path, "w", encoding="utf-8") as file:
        for split, rows in [("train", train), ("validation", validation), ("test", test)]:
            for index, (text, label) in enumerate(rows):
                row = {"id": f"{split}-{index}", "text": text, "label": label, "split": split}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read(path):
    """The rows of a draw, by split."""
    splits = {"train": [], "validation": [], "test": []}
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            splits[row["split"]].append((row["text"], row["label"]))
    return splits["train"], splits["validation"], splits["test"]
