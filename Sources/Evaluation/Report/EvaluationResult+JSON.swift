import DLNC

extension EvaluationResult: JSONConvertible {
  var json: JSON {
    .object(
      task.members, variant.members,
      [
        "split": split.rawValue, "seeds": seeds, "rows": rows, "labels": classNames,
        "paper": paperAccuracy, task.measure.key: score, "macroF1": macroF1,
        "anyMatch": anyLabelAccuracy, "strictLimit": maxAccuracy,
        "calibrationError": calibration.expectedError, "calibrationErrorBefore": errorBefore,
        "calibration": calibration.bins, "coverage": coverage.steps.map(members),
        "answered": CoverageCurve.accuracies.map(members), "classes": classes,
      ], confusionMembers, task.isMultiLabel ? ["subsetAccuracy": subsetAccuracy] : [:])
  }

  private func members(_ point: CoverageCurve.Point) -> JSON {
    .object([
      "confidence": point.confidence, "answered": coverage.fraction(point),
      "accuracy": point.accuracy,
    ])
  }

  /// The most rows that can be answered with an accuracy.
  private func members(_ accuracy: Double) -> JSON {
    let point = coverage.point(accuracy: accuracy)
    return .object([
      "accuracy": accuracy, "confidence": point?.confidence,
      "answered": point.map(coverage.fraction),
    ])
  }

  private var confusionMembers: JSON.Members {
    let rows = confusion.classCount > 25 ? 0..<0 : 0..<confusion.classCount
    let matrix = rows.map { actual in rows.map { confusion[actual: actual, predicted: $0] } }
    let largest = confusion.confusions.prefix(1000)
    return [
      "confusion": rows.isEmpty ? JSON.null : matrix.json,
      "confusions": largest.map { [$0.actual, $0.predicted, $0.rows] },
    ]
  }
}

extension EvaluationResult.ClassMetrics: JSONConvertible {
  var json: JSON {
    .object(
      [
        "label": className, "rows": rows, "precision": precision, "recall": recall, "f1": f1,
      ], threshold.map { ["predicted": predicted, "threshold": $0] } ?? [:])
  }
}

extension Calibration.Bin: JSONConvertible {
  var json: JSON {
    .object([
      "low": low, "high": high, "rows": rows, "accuracy": accuracy, "confidence": confidence,
    ])
  }
}
