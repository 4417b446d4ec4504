import DLNC

extension Report {
  /// The version of the schema of ``json()``; raised when a key is removed or changes its meaning.
  static let schemaVersion = 1

  /// The report for programs.
  ///
  /// Keys are sorted and numbers rounded to six decimals. Proportions are fractions of 1, missing
  /// numbers are null. There are no times and no quoted texts. Schema version 1:
  ///
  ///     schema       "domain-layer-norm/report"
  ///     version      1
  ///     title, reference, notes[], recipe (the digest of all settings and inputs),
  ///     judged (the split that models are compared on)
  ///     headline[]   the best model of each task: task, setup, model, training, detail, split, rows,
  ///                  accuracy, models (their number), text, chosen {model, training, detail,
  ///                  split} (the model for new texts, the best on that split),
  ///                  margins[]  {than, second {model, training, detail}, difference, pValue,
  ///                             adjusted (Holm, over all margins)}; than is "next best",
  ///                             "bag of words" or "most frequent class"
  ///     words[]      task, setup, source ("weights" or "training rows"), weightsOf {model, training,
  ///                  detail} or null, classes[] {label, words[] {text, weight}}
  ///     sources[]    what the examples were read from: task, name, files, bytes, sha256 or null
  ///     findings[]   question, text, answers[] {task, setup, answer, second {model, training, detail},
  ///                  difference, pValue, adjusted}
  ///     models[]     model, training, detail, seed, columns[], stage, sha256, bytes (of the file),
  ///                  parameters (with the word vectors), words
  ///     results[]    task, setup, model, training, detail, split, seeds[], rows, labels[], paper,
  ///                  accuracy, macroF1, anyMatch   {mean, standardDeviation, low, high, method,
  ///                                                values[]} or null
  ///                  strictLimit, calibrationError, calibrationErrorBefore (without the
  ///                  temperatures; null for models that are not calibrated),
  ///                  calibration[]  {low, high, rows, accuracy, confidence}
  ///                  coverage[]     {confidence, answered, accuracy} of the answers with at least
  ///                                 this confidence, in steps of 5 % of the rows
  ///                  answered[]     {accuracy, confidence, answered}: the most rows that can be
  ///                                 answered with this accuracy; nulls if none can
  ///                  classes[]      {label, rows, precision, recall, f1}
  ///                  confusion[[]]  rows by actual class, then by predicted class, over all seeds;
  ///                                 null for more than 25 classes
  ///                  confusions[[]] the 1,000 largest cells off the diagonal: actual class,
  ///                                 predicted class (both counted from 0), rows
  ///     means[]      only for four tasks or more: model, training, detail, seeds[], accuracy, macroF1, of
  ///                  models that have results on all tasks
  ///     comparisons[]  task, setup, rows, first, second {model, training, detail}, difference, low, high,
  ///                    test, pValue, adjusted (Holm), mcNemar {onlyFirst, onlySecond, exact} or null
  ///     sharing[]    only if models share parameters in several ways:
  ///                  task, setup, recommendation, ways[] {model, training, detail, sharing, seeds[],
  ///                  rows, accuracy, difference (from training alone), low, high, test, pValue,
  ///                  adjusted}; each {model, training, detail} then has the key sharing, too
  ///     crossValidation[]  only with folds: task, setup, model, training, detail, folds, split, rows,
  ///                  accuracy, deviation, accuracies[] {fold, accuracy}, use[] (the models to use)
  ///     curves[]     task, setup, model, training, detail, seed, fold (only with folds), bestEpoch,
  ///                  points[] {epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy}
  ///     mistakes[]   task, setup, model, training, detail, seed, row, id, text, gold, predicted,
  ///                  confidence, because[] {word, by}; id and text null if they are unknown
  ///     data[]       task, setup, split, labels[], rows[], tokens, duplicates, tokenCoverage,
  ///                  typeCoverage, lengths[] {from, to, rows}
  ///     suspects[]   only with --check-labels: task, setup, checked (rows), found (rows with a more probable
  ///                  class), rows[] {split, id, text, label, suggestion, score}, the first 20
  ///     sizes[]      only with --size-curve: task, setup, rows, text, measured[] {rows, accuracy},
  ///                  expected[] {rows, accuracy, gain, margin (half of the 95 % interval of the gain)}
  ///     provenance[] stage, settings[], digests[] {label, value}
  ///
  /// An object about a multi-label task has also measure ("micro-F1"), and microF1 and microF1s in place of
  /// accuracy and accuracies. Differences are of micro-F1. A result has subsetAccuracy (the fraction of
  /// rows with exactly the right labels), its classes predicted (rows) and threshold; in calibration[],
  /// rows are labels of rows, confidence is their probability and accuracy the fraction of them that
  /// the rows have; confusion is null, and confusions and coverage are empty. In mistakes[], gold and
  /// predicted are arrays, and confidence is the greatest distance of the probability of a wrong label
  /// from the truth. data[] has count (rows), withoutLabel (rows) and labelsPerRow.
  public func json() -> String {
    let folds: JSON.Members =
      crossValidations.isEmpty ? [:] : ["crossValidation": crossValidations]
    let means = Measure.allCases.flatMap(taskMeans)
    return JSON.object(
      [
        "schema": "domain-layer-norm/report", "version": Self.schemaVersion, "title": title,
        "reference": reference, "notes": notes, "recipe": configurationDigest,
        "judged": evaluationSplit.rawValue, "findings": claimTests, "models": models,
        "headline": headlines, "words": words, "sources": sources, "results": results,
        "comparisons": comparisons, "curves": curves,
        "mistakes": misclassifications, "data": datasets, "provenance": provenance,
      ], sharing.isEmpty ? [:] : ["sharing": sharing], folds,
      means.isEmpty ? [:] : ["means": means],
      labelChecks.isEmpty ? [:] : ["suspects": labelChecks],
      sizeCurves.isEmpty ? [:] : ["sizes": sizeCurves]
    ).text
  }
}

extension EvaluationTask {
  var members: JSON.Members {
    let members: JSON.Members = ["task": name, "setup": splitScheme]
    return isMultiLabel ? members.merging(["measure": measure.rawValue]) { $1 } : members
  }
}

extension ModelVariant: JSONConvertible {
  var members: JSON.Members {
    let members: JSON.Members = ["model": name, "training": training.rawValue, "detail": detail]
    return sharing.map { members.merging(["sharing": $0.rawValue]) { $1 } } ?? members
  }

  var json: JSON { .object(members) }
}

extension SeedStatistics: JSONConvertible {
  var json: JSON {
    .object([
      "mean": mean, "standardDeviation": standardDeviation, "low": interval?.low,
      "high": interval?.high, "method": interval?.method.rawValue, "values": values,
    ])
  }
}

extension TaskMean: JSONConvertible {
  var json: JSON {
    .object(variant.members, ["seeds": seeds, measure.key: score, "macroF1": macroF1])
  }
}

extension Headline: JSONConvertible {
  var json: JSON {
    .object(
      result.task.members, result.variant.members,
      [
        "split": result.split.rawValue, "rows": result.rows,
        result.task.measure.key: result.score,
        "models": ranking.count, "text": text,
        "chosen": JSON.object(chosen.variant.members, ["split": chosen.split.rawValue]),
        "margins": margins.map { margin in
          JSON.object([
            "than": margin.rival.rawValue, "second": margin.comparison.second,
            "difference": margin.comparison.difference, "pValue": margin.comparison.pValue,
            "adjusted": margin.comparison.adjustedPValue,
          ])
        },
      ])
  }
}

extension ClassWords: JSONConvertible {
  var json: JSON {
    let (source, model): (String, ModelVariant?) =
      switch source {
      case .weights(let variant): ("weights", variant)
      case .trainingRows: ("training rows", nil)
      }
    return .object(
      task.members,
      [
        "source": source, "weightsOf": model,
        "classes": zip(classNames, entries).map { name, entries in
          JSON.object([
            "label": name,
            "words": entries.map { JSON.object(["text": $0.text, "weight": $0.weight]) },
          ])
        },
      ])
  }
}

extension SourceFile: JSONConvertible {
  var json: JSON {
    .object(["task": task, "name": name, "files": files, "bytes": bytes, "sha256": sha256])
  }
}

extension Comparison: JSONConvertible {
  var json: JSON {
    .object(
      task.members,
      [
        "rows": rows, "first": first, "second": second, "difference": difference,
        "low": interval?.low, "high": interval?.high, "test": test.rawValue, "pValue": pValue,
        "adjusted": adjustedPValue, "mcNemar": mcNemar,
      ])
  }
}

extension McNemar: JSONConvertible {
  var json: JSON { .object(["onlyFirst": onlyFirst, "onlySecond": onlySecond, "exact": exact]) }
}

extension ClaimTest: JSONConvertible {
  var json: JSON {
    let answers = comparisons.map { comparison in
      JSON.object(
        comparison.task.members,
        [
          "answer": Verdict(comparison).rawValue, "second": comparison.second,
          "difference": comparison.difference, "pValue": comparison.pValue,
          "adjusted": comparison.adjustedPValue,
        ])
    }
    return .object(["question": question, "text": text, "answers": answers])
  }
}

extension ModelFile: JSONConvertible {
  var json: JSON {
    .object(
      variant.members,
      [
        "seed": seed, "columns": tasks.map(\.title), "stage": origin.stage,
        "sha256": origin.sha256, "bytes": size.bytes, "parameters": size.parameters,
        "words": size.words,
      ])
  }
}

extension RunCurve: JSONConvertible {
  var json: JSON {
    .object(
      task.members, variant.members,
      ["seed": seed, "bestEpoch": curve.bestEpoch, "points": points],
      fold.map { ["fold": $0] } ?? [:])
  }
}

extension LearningCurve.Point: JSONConvertible {
  var json: JSON {
    .object([
      "epoch": epoch, "trainLoss": trainLoss, "trainAccuracy": trainAccuracy,
      "validationLoss": validationLoss, "validationAccuracy": validationAccuracy,
    ])
  }
}

extension DatasetSummary: JSONConvertible {
  var json: JSON {
    .object(
      task.members,
      [
        "split": split.rawValue, "labels": classNames, "rows": rows, "tokens": tokens,
        "duplicates": duplicates, "tokenCoverage": tokenCoverage, "typeCoverage": typeCoverage,
        "lengths": lengths,
      ],
      labelSets.map {
        ["count": $0.rows, "withoutLabel": $0.unlabelled, "labelsPerRow": $0.labelsPerRow]
      } ?? [:])
  }
}

extension DatasetSummary.LengthBin: JSONConvertible {
  var json: JSON { .object(["from": from, "to": to, "rows": rows]) }
}

extension Provenance: JSONConvertible {
  var json: JSON { .object(["stage": stage, "settings": settings, "digests": digests]) }
}

extension NamedValue: JSONConvertible {
  var json: JSON { .object(["label": name, "value": value]) }
}
