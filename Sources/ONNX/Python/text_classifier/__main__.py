"""Classifies the lines of files with the model in the folder of this package."""

import fileinput
import json
import sys

from . import TextClassifier


def main():
    """Classifies the lines of the files that the command line names, or of standard input."""
    classifier = TextClassifier()
    key = "label" if classifier.thresholds is None else "labels"
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    with fileinput.input(openhook=fileinput.hook_encoded("utf-8", "replace")) as lines:
        texts = [line.rstrip("\r\n") for line in lines]
    for number, answer in enumerate(classifier.predict(texts), 1):
        print(json.dumps(
            {"line": number, key: getattr(answer, key), "known": int(answer.known * 1000 + 0.5) / 1000,
             "probabilities": answer.probabilities}, ensure_ascii=False))


if __name__ == "__main__":
    main()
