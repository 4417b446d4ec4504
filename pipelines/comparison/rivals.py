"""The rivals: text classifiers that a user would otherwise take, with their usual settings.

Each is a function of the training rows, the validation rows, the test texts and the options. It
returns the predicted labels and the size of the model in bytes. Where the validation rows only
choose a setting, the model is fitted again to the training and the validation rows.
"""

import pickle
import re
import tempfile
from pathlib import Path

import numpy as np

COSTS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]


def linear(make_features, make_classifier):
    """A rival that chooses the cost of a linear classifier on the validation rows."""
    def rival(train, validation, texts, options):
        def prepare(rows):
            features = make_features()
            return features, features.fit_transform(*zip(*rows)), [label for _, label in rows]

        features, rows, labels = prepare(train)
        held, expected = features.transform([t for t, _ in validation]), [l for _, l in validation]

        def accuracy(cost):
            predicted = make_classifier(cost).fit(rows, labels).predict(held)
            return np.mean(np.array(predicted) == np.array(expected))

        # max returns the first: the strongest penalty of the best.
        cost = max(COSTS, key=accuracy)
        features, rows, labels = prepare(train + validation)
        classifier = make_classifier(cost).fit(rows, labels)
        predicted = classifier.predict(features.transform(texts))
        return list(predicted), len(pickle.dumps((features, classifier)))
    return rival


def tfidf():
    from sklearn.feature_extraction.text import TfidfVectorizer
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)


def logistic_regression(cost):
    from sklearn.linear_model import LogisticRegression
    return LogisticRegression(C=cost, max_iter=1000)


def binary_ngrams():
    from sklearn.feature_extraction.text import CountVectorizer
    return CountVectorizer(ngram_range=(1, 3), binary=True, token_pattern=r"\w+|[^\w\s]")


class NBSVM:
    """Wang and Manning (2012): the features are scaled by the log-count ratio of each class against
    the others; the weights of a linear SVM are interpolated with their mean magnitude."""

    def __init__(self, cost, beta=0.25):
        self.cost, self.beta = cost, beta

    def fit(self, features, labels):
        from sklearn.svm import LinearSVC
        labels = np.array(labels)
        self.classes = sorted(set(labels))
        weights, self.intercepts = [], []
        for name in self.classes if len(self.classes) > 2 else self.classes[1:]:
            member = labels == name
            p = 1 + np.asarray(features[member].sum(axis=0)).ravel()
            q = 1 + np.asarray(features[~member].sum(axis=0)).ravel()
            ratio = np.log(p / p.sum()) - np.log(q / q.sum())
            svm = LinearSVC(C=self.cost).fit(features.multiply(ratio).tocsr(), member)
            mean = np.abs(svm.coef_[0]).mean()
            weights.append(ratio * ((1 - self.beta) * mean + self.beta * svm.coef_[0]))
            self.intercepts.append(self.beta * svm.intercept_[0])
        self.weights = np.array(weights)
        return self

    def predict(self, features):
        scores = features @ self.weights.T + self.intercepts
        if len(self.classes) == 2:
            return [self.classes[int(score > 0)] for score in scores[:, 0]]
        return [self.classes[index] for index in scores.argmax(axis=1)]


def fasttext_line(text):
    """The preparation of fastText's tutorial: lower case, punctuation apart."""
    return " ".join(re.sub(r"([.!?,'/()])", r" \1 ", text).lower().split())


def train_fasttext(folder, rows, **settings):
    import fasttext

    labels = sorted({label for _, label in rows})
    path = Path(folder, "train.txt")
    write_fasttext(path, rows, labels)
    model = fasttext.train_supervised(str(path), thread=1, verbose=0, **settings)
    return model, labels


def write_fasttext(path, rows, labels):
    path.write_text("".join(
        f"__label__{labels.index(label)} {fasttext_line(text)}\n" for text, label in rows))


def apply_fasttext(folder, model, labels, texts):
    path = Path(folder, "model.bin")
    model.save_model(str(path))
    predicted = []
    for text in texts:
        # The plain interface of the extension: the wrapper's `predict` fails with NumPy 2.
        best = model.f.predict(fasttext_line(text) + "\n", 1, 0.0, "strict")
        predicted.append(labels[int(best[0][1].removeprefix("__label__"))] if best else labels[0])
    return predicted, path.stat().st_size


def fasttext_default(train, validation, texts, options):
    """The default settings; nothing is chosen, so all rows are for training."""
    with tempfile.TemporaryDirectory() as folder:
        model, labels = train_fasttext(folder, train + validation)
        return apply_fasttext(folder, model, labels, texts)


def fasttext_autotune(train, validation, texts, options):
    """Settings chosen on the validation rows for `autotune_seconds`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "validation.txt")
        write_fasttext(path, validation, sorted({label for _, label in train}))
        model, labels = train_fasttext(
            folder, train, autotuneValidationFile=str(path),
            autotuneDuration=options.autotune_seconds)
        return apply_fasttext(folder, model, labels, texts)


def spacy_textcat(architecture):
    """spaCy's textcat, the best of its evaluations on the validation rows, as `spacy train` does."""
    def rival(train, validation, texts, options):
        import spacy
        from spacy.training import Example
        from spacy.util import compounding, minibatch

        spacy.util.fix_random_seed(1)
        nlp = spacy.blank("en")
        nlp.add_pipe("textcat", config={"model": architecture} if architecture else {})
        # Labels are strings in spaCy.
        labels = {str(label): label for label in sorted({label for _, label in train})}

        def examples(rows):
            return [Example.from_dict(nlp.make_doc(text), {"cats": {
                name: float(known == label) for name, known in labels.items()}})
                for text, label in rows]

        train, held = examples(train), examples(validation)
        optimizer = nlp.initialize(lambda: train)
        best, since = (-1, None), 0
        random = np.random.RandomState(1)
        for _ in range(options.spacy_epochs):
            random.shuffle(train)
            for batch in minibatch(train, compounding(4.0, 32.0, 1.001)):
                nlp.update(batch, sgd=optimizer, drop=0.2)
            with nlp.use_params(optimizer.averages):
                accuracy = np.mean([
                    e.reference.cats[max(doc.cats, key=doc.cats.get)] == 1
                    for doc, e in zip(nlp.pipe(e.reference.text for e in held), held)])
                if accuracy > best[0]:
                    best, since = (accuracy, nlp.to_bytes()), 0
                else:
                    since += 1
            if since == options.spacy_patience:
                break
        nlp.from_bytes(best[1])
        predicted = [labels[max(doc.cats, key=doc.cats.get)] for doc in nlp.pipe(texts)]
        return predicted, len(best[1])
    return rival


def add_arguments(parser):
    """The choice of rivals, and their budgets."""
    parser.add_argument("--models", nargs="+", choices=RIVALS, default=list(RIVALS), help="rivals")
    parser.add_argument("--autotune-seconds", type=int, default=30, help="budget of autotune")
    parser.add_argument("--spacy-epochs", type=int, default=50, help="maximum number of epochs")
    parser.add_argument("--spacy-patience", type=int, default=10,
                        help="epochs without a better validation accuracy before spaCy stops")


RIVALS = {
    "tfidf-lr": linear(tfidf, logistic_regression),
    "nb-svm": linear(binary_ngrams, NBSVM),
    "fasttext": fasttext_default,
    "fasttext-autotune": fasttext_autotune,
    "spacy-bow": spacy_textcat({
        "@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 1,
        "no_output_layer": False, "length": 262144}),
    "spacy-ensemble": spacy_textcat(None),
}
