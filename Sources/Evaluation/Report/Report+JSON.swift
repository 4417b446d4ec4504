extension Report {
  /// The version of the schema of ``json()``; raised when a key changes its meaning or goes.
  public static let schemaVersion = 1

  /// The report for programs.
  ///
  /// Keys are sorted, numbers rounded to six decimals, shares are fractions of 1, absent numbers are
  /// null. There are no times and no quoted texts. Schema version 1:
  ///
  ///     schema       "domain-layer-norm/report"
  ///     version      1
  ///     title, reference, notes[], recipe, judged (the split that models are compared on)
  ///     findings[]   question, text, answers[] {task, setup, answer, second {model, training, detail},
  ///                  difference, pValue, adjusted}
  ///     models[]     model, training, detail, seed, columns[], stage, sha256
  ///     results[]    task, setup, model, training, detail, split, seeds[], rows, labels[], paper,
  ///                  accuracy, macroF1, anyMatch   {mean, standardDeviation, low, high, method,
  ///                                                values[]} or null
  ///                  strictLimit, calibrationError,
  ///                  calibration[]  {low, high, rows, accuracy, confidence}
  ///                  classes[]      {label, rows, precision, recall, f1}
  ///                  confusion[[]]  rows by true class, then by predicted class, over all seeds
  ///     comparisons[]  task, setup, rows, first, second {model, training, detail}, difference, low, high,
  ///                    test, pValue, adjusted (after Holm), mcNemar {onlyFirst, onlySecond, exact} or null
  ///     curves[]     task, setup, model, training, detail, seed, bestEpoch,
  ///                  points[] {epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy}
  ///     mistakes[]   task, setup, model, training, detail, seed, row, gold, predicted, confidence
  ///     data[]       task, setup, split, labels[], rows[], tokens, duplicates, tokenCoverage,
  ///                  typeCoverage, lengths[] {from, to, rows}
  ///     provenance[] stage, settings[], digests[] {label, value}
  public func json() -> String {
    JSON.object([
      "schema": .string("domain-layer-norm/report"), "version": .integer(Self.schemaVersion),
      "title": .string(title), "reference": .string(reference), "notes": .strings(notes),
      "recipe": recipe.map(JSON.string) ?? .null, "judged": .string(judged.rawValue),
      "findings": .array(findings.map(\.json)), "models": .array(models.map(\.json)),
      "results": .array(outcomes.map(\.json)), "comparisons": .array(comparisons.map(\.json)),
      "curves": .array(curves.map(\.json)), "mistakes": .array(mistakes.map(\.json)),
      "data": .array(data.map(\.json)), "provenance": .array(provenance.map(\.json)),
    ]).text
  }
}

/// The object of `keys` and the more special `others`.
private func object(_ keys: [String: JSON], _ others: [String: JSON]) -> JSON {
  .object(keys.merging(others) { $1 })
}

extension EvaluationTask {
  fileprivate var keys: [String: JSON] { ["task": .string(task), "setup": .string(splitScheme)] }
}

extension Model {
  fileprivate var keys: [String: JSON] {
    [
      "model": .string(name), "training": .string(training.rawValue), "detail": .string(detail),
    ]
  }
}

extension SeedStatistics {
  fileprivate var json: JSON {
    .object([
      "mean": .number(mean), "standardDeviation": .optional(standardDeviation),
      "low": .optional(interval?.low), "high": .optional(interval?.high),
      "method": interval.map { .string($0.method.rawValue) } ?? .null,
      "values": .array(values.map(JSON.number)),
    ])
  }
}

extension EvaluationResult {
  fileprivate var json: JSON {
    let size = classNames.count
    return object(
      column.keys.merging(model.keys) { $1 },
      [
        "split": .string(split.rawValue), "seeds": .integers(seeds), "rows": .integer(rows),
        "labels": .strings(classNames), "paper": .optional(paper),
        "accuracy": accuracy?.json ?? .null, "macroF1": macroF1?.json ?? .null,
        "anyMatch": anyMatch?.json ?? .null, "strictLimit": .optional(strictLimit),
        "calibrationError": .optional(calibration.expectedError),
        "calibration": .array(calibration.bins.map(\.json)),
        "classes": .array(classes.map(\.json)),
        "confusion": .array(
          classNames.indices.map { gold in
            .integers((0..<size).map { confusion[gold: gold, predicted: $0] })
          }),
      ])
  }
}

extension EvaluationResult.Class {
  fileprivate var json: JSON {
    .object([
      "label": .string(label), "rows": .integer(rows), "precision": .optional(precision),
      "recall": .optional(recall), "f1": .optional(f1),
    ])
  }
}

extension Calibration.Bin {
  fileprivate var json: JSON {
    .object([
      "low": .number(low), "high": .number(high), "rows": .integer(rows),
      "accuracy": .optional(accuracy), "confidence": .optional(confidence),
    ])
  }
}

extension Comparison {
  fileprivate var json: JSON {
    object(
      column.keys,
      [
        "rows": .integer(rows), "first": .object(first.keys), "second": .object(second.keys),
        "difference": .number(difference), "low": .optional(interval?.low),
        "high": .optional(interval?.high), "test": .string(test.rawValue),
        "pValue": .number(pValue), "adjusted": .number(adjusted),
        "mcNemar": mcNemar.map {
          .object([
            "onlyFirst": .integer($0.onlyFirst), "onlySecond": .integer($0.onlySecond),
            "exact": .number($0.exact),
          ])
        } ?? .null,
      ])
  }
}

extension ClaimTest {
  fileprivate var json: JSON {
    .object([
      "question": .string(question), "text": .string(text),
      "answers": .array(
        comparisons.map { comparison in
          object(
            comparison.column.keys,
            [
              "answer": .string(Answer(comparison).rawValue),
              "second": .object(comparison.second.keys),
              "difference": .number(comparison.difference),
              "pValue": .number(comparison.pValue), "adjusted": .number(comparison.adjusted),
            ])
        }),
    ])
  }
}

extension ModelFile {
  fileprivate var json: JSON {
    object(
      model.keys,
      [
        "seed": .integer(seed), "columns": .strings(columns.map(\.title)),
        "stage": .string(stage), "sha256": .string(sha256),
      ])
  }
}

extension LearningCurve {
  fileprivate var json: JSON {
    object(
      column.keys.merging(model.keys) { $1 },
      [
        "seed": .integer(seed), "bestEpoch": bestEpoch.map(JSON.integer) ?? .null,
        "points": .array(
          points.map { point in
            .object([
              "epoch": .integer(point.epoch), "trainLoss": .optional(point.trainLoss),
              "trainAccuracy": .optional(point.trainAccuracy),
              "validationLoss": .optional(point.validationLoss),
              "validationAccuracy": .optional(point.validationAccuracy),
            ])
          }),
      ])
  }
}

extension Misclassification {
  fileprivate var json: JSON {
    object(
      column.keys.merging(model.keys) { $1 },
      [
        "seed": .integer(seed), "row": .integer(row), "gold": .string(gold),
        "predicted": .string(predicted), "confidence": .number(confidence),
      ])
  }
}

extension DataSummary {
  fileprivate var json: JSON {
    object(
      column.keys,
      [
        "split": .string(split.rawValue), "labels": .strings(classNames), "rows": .integers(rows),
        "tokens": .integer(tokens), "duplicates": .integer(duplicates),
        "tokenCoverage": .optional(tokenCoverage), "typeCoverage": .optional(typeCoverage),
        "lengths": .array(
          lengths.map {
            .object(["from": .integer($0.from), "to": .integer($0.to), "rows": .integer($0.rows)])
          }),
      ])
  }
}

extension Provenance {
  fileprivate var json: JSON {
    let list = { (entries: [Entry]) in
      JSON.array(
        entries.map { .object(["label": .string($0.label), "value": .string($0.value)]) })
    }
    return .object([
      "stage": .string(stage), "settings": list(settings), "digests": list(digests),
    ])
  }
}
