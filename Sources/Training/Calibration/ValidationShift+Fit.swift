import DLNC
import Shards

extension ValidationShift {
  /// The difference that makes calibration harmful, and the number of its standard errors from which
  /// on it is no chance.
  private static let (difference, standardErrors) = (0.1, 4.0)
  /// The number of rows held out from larger tasks, for which four times as many are fitted.
  private static let heldOutRows = 500

  /// The accuracies of a task; nil if its validation rows are like its training rows, or too few to tell.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `usage` if the fit does not converge.
  init?(_ data: TaskDataset, threads: Int) throws {
    guard let all = data.validation, all.count >= TemperatureScaling.fewestRows else { return nil }
    let validation = all.distinctTexts
    let parts = max(CrossFit.folds, data.train.count / Self.heldOutRows)
    let folds = CrossFit.folds(data.train, count: parts, seed: 1)
    func part(_ parts: ClosedRange<Int>) -> TokenShard {
      data.train.rows(folds.indices.filter { parts.contains(folds[$0]) })
    }
    let (heldOut, fitted) = (part(0...0).distinctTexts, part(1...CrossFit.folds - 1))
    guard heldOut.count > 0, fitted.count > 0 else { return nil }
    let classifier = try LinearClassifier(
      TfidfDataset(TaskDataset(train: fitted, validation: nil)),
      penalty: NgramWeights.tfidf.defaultPenalty, threads: threads)
    func accuracy(_ shard: TokenShard) -> Double {
      classifier.predict(shard, threads: threads).metrics.accuracy
    }
    self.init(
      heldOutAccuracy: accuracy(heldOut), validationAccuracy: accuracy(validation))
    let difference = abs(heldOutAccuracy - validationAccuracy)
    guard difference > Self.difference,
      difference > Self.standardErrors * standardError(heldOut.count, validation.count)
    else { return nil }
  }

  /// The standard error of the difference of two accuracies under the hypothesis that they are the same.
  private func standardError(_ heldOut: Int, _ validation: Int) -> Double {
    let (a, b) = (Double(heldOut), Double(validation))
    let mean = (heldOutAccuracy * a + validationAccuracy * b) / (a + b)
    return (mean * (1 - mean) * (1 / a + 1 / b)).squareRoot()
  }
}

extension TokenShard {
  /// The first row of each text: rows with the same text are right or wrong together.
  fileprivate var distinctTexts: TokenShard {
    var seen: Set<Int32> = []
    return rows(textIDs.indices.filter { seen.insert(textIDs[$0]).inserted })
  }
}
