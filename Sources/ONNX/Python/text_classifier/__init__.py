"""Classifies texts with a model that `export --format onnx` wrote. Needs onnxruntime and numpy.

    from text_classifier import TextClassifier

    classifier = TextClassifier("model.onnx")
    answer = classifier.predict(["A wonderful film."])[0]
    print(answer.label, answer.probabilities[answer.label], answer.known)

As a program it classifies each line of some files, or of standard input, and writes JSON lines:

    python3 -m text_classifier reviews.txt
"""

import dataclasses
import json
import os

import numpy
import onnxruntime

from .penn_treebank import PennTreebankTokenizer
from .tokenizer import Characters, normalize
from .twitter import TwitterTokenizer

# Texts of similar length are computed together. More at a time take more memory.
_BATCH = 32


def tokenizer_with(settings, characters):
    """A tokenizer with the settings of a model, for one thread."""
    if settings["tokenizer"] == "twitter":
        return TwitterTokenizer(characters)
    return PennTreebankTokenizer(characters, settings)


@dataclasses.dataclass(frozen=True)
class Answer:
    """The answer to a text."""

    # The most probable class; the first one of a tie.
    label: str
    # The classes that the text gets: the label or, in a multi-label task, each class from its
    # threshold on, possibly none.
    labels: list
    # The probability of each class by its name.
    probabilities: dict
    # The fraction of the words of the text that the model knows.
    known: float


class TextClassifier:
    """A task of a trained model. Many threads can use one classifier at the same time."""

    def __init__(self, path=None, threads=0):
        """Reads a model, by default model.onnx in the folder of this package.

        ``threads`` is the number of threads of onnxruntime; 0 leaves it to onnxruntime.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = path or os.path.join(os.path.dirname(__file__), os.pardir, "model.onnx")
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"])
        data = self._session.get_modelmeta().custom_metadata_map
        if (data.get("format"), data.get("version")) != ("text-classifier", "1"):
            raise ValueError(f"{path}: not a model that this version of export wrote")
        data = {key: json.loads(value) for key, value in data.items() if key != "format"}
        self.task, self.classes = data["task"], data["classes"]
        self.thresholds = data.get("thresholds")
        self._settings, self._characters = data["tokenizer"], Characters(data["unicode"])
        self._words = {word: number for number, word in enumerate(data["vocabulary"])}
        characters = data.get("characters")
        self._lengths = characters and characters["lengths"]
        self._ngrams = characters and {
            ngram: number for number, ngram in enumerate(characters["ngrams"])}

    def predict(self, texts):
        """The answers to some texts, in their order. An answer does not depend on the others."""
        words = self.tokenize(texts)
        rows = [[self._words.get(word, 0) for word in row] or [0] for row in words]
        probabilities = self.run("probabilities", rows, words)
        return [self._answer(row, values) for row, values in zip(rows, probabilities)]

    def tokenize(self, texts):
        """The words of each text."""
        tokenizer = tokenizer_with(self._settings, self._characters)
        return [tokenizer.tokenize(normalize(text)) for text in texts]

    def run(self, output, rows, words):
        """An output of the graph, `logits` or `probabilities`, for texts given as words and as
        their IDs, 0 for an unknown word. The shape is [texts, classes]."""
        results = numpy.empty((len(rows), len(self.classes)), numpy.float32)
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        for first in range(0, len(order), _BATCH):
            batch = order[first:first + _BATCH]
            inputs = {"tokens": _padded([rows[row] for row in batch])}
            if self._ngrams:
                inputs["characters"] = _padded(
                    [self._character_ngrams(words[row]) for row in batch])
            results[batch] = self._session.run([output], inputs)[0]
        return results

    def _answer(self, row, values):
        probabilities = dict(zip(self.classes, map(float, values)))
        label = self.classes[int(values.argmax())]
        labels = [label] if self.thresholds is None else [
            name for (name, value), threshold in zip(probabilities.items(), self.thresholds)
            if value >= threshold]
        known = sum(token != 0 for token in row) / len(row)
        return Answer(label, labels, probabilities, known)

    def _character_ngrams(self, words):
        """The numbers of the character n-grams of some words. A space before and after a word
        marks its ends; a word that is shorter than an n-gram counts as one."""
        numbers = []
        for word in words:
            text = f" {word} "
            for length in range(self._lengths[0], self._lengths[1] + 1):
                for first in range(max(len(text) - length, 0) + 1):
                    number = self._ngrams.get(text[first:first + length])
                    if number is not None:
                        numbers.append(number)
                if len(text) <= length:
                    break
        return numbers


def _padded(rows):
    """Rows of numbers as a matrix, with -1 after the end of a row."""
    result = numpy.full((len(rows), max(1, *map(len, rows))), -1, numpy.int64)
    for matrix_row, row in zip(result, rows):
        matrix_row[:len(row)] = row
    return result
