import Foundation

/// Replaces logits by their softmax.
/// - Returns: the cross-entropy with class `target`, - log softmax(logits)[target].
@discardableResult
package func softmax<R: Real>(_ values: UnsafeMutableBufferPointer<R>, target: Int) -> Double {
  let peak = values.max() ?? 0
  let logit = Double(values[target] - peak)
  var total = 0.0
  for k in values.indices {
    let e = exp(Double(values[k] - peak))
    values[k] = R(e)
    total += e
  }
  for k in values.indices { values[k] = R(Double(values[k]) / total) }
  return log(total) - logit
}

/// Replaces the logits in `range` by their softmax.
/// - Returns: the cross-entropy with class `target`.
@discardableResult
package func softmax(_ values: inout [Double], _ range: Range<Int>, target: Int) -> Double {
  values[range].withUnsafeMutableBufferPointer { softmax($0, target: target) }
}

/// How the logits of a row become probabilities.
package enum OutputFunction {
  /// A row has one class: the probabilities of all classes add up to 1.
  case softmax
  /// A row has any number of classes: the classes have separate probabilities.
  case sigmoid

  /// The function of a task.
  package init(isMultiLabel: Bool) { self = isMultiLabel ? .sigmoid : .softmax }

  /// Replaces the logits of a row by its probabilities.
  /// - Parameter classes: the classes of the row.
  /// - Returns: the cross-entropy: with the class of the row or, of a sigmoid, the sum of the binary
  ///   cross-entropies of all classes.
  @discardableResult
  func apply<R: Real>(
    _ values: UnsafeMutableBufferPointer<R>, classes: some Collection<Int32>
  ) -> Double {
    guard self == .sigmoid else {
      return DLNC.softmax(values, target: classes.first.map { Int($0) } ?? 0)
    }
    var loss = 0.0
    for k in values.indices {
      let logit = Double(values[k])
      let e = exp(-abs(logit))
      loss += max(logit, 0) + log1p(e) - (classes.contains(Int32(k)) ? logit : 0)
      values[k] = R(logit >= 0 ? 1 / (1 + e) : e / (1 + e))
    }
    return loss
  }

  /// The weight of a row in the gradient of one of its logits.
  /// - Parameter weights: see ``ClassWeights/weights(of:)``.
  package func weight(ofLogit k: Int, in weights: [Double], classes: some Collection<Int32>)
    -> Double
  {
    switch self {
    case .softmax: weights[classes.first.map { Int($0) } ?? 0]
    case .sigmoid: weights[classes.contains(Int32(k)) ? k : weights.count / 2 + k]
    }
  }

  /// Replaces the logits in `range` by the probabilities of a row.
  /// - Returns: the cross-entropy.
  @discardableResult
  package func apply(
    _ values: inout [Double], _ range: Range<Int>, classes: some Collection<Int32>
  ) -> Double {
    values[range].withUnsafeMutableBufferPointer { apply($0, classes: classes) }
  }
}

/// The index of the largest of `count` values; the first of equal ones.
package func argmax<R: Real>(_ values: UnsafePointer<R>, count: Int) -> Int {
  (1..<max(1, count)).reduce(0) { values[$1] > values[$0] ? $1 : $0 }
}

/// Loss and accuracy of some rows.
///
/// The accuracy of a multi-label task is its micro-F1, with the labels whose probability is ½ or more:
/// if each row has one label and gets one, they are the same.
package struct BatchMetrics: BitwiseCopyable, Codable, Equatable {
  /// The sum of the cross-entropies.
  package var loss = 0.0
  /// The number of correctly classified rows; of a multi-label task, twice the number of labels that
  /// rows rightly get.
  package var correct = 0
  /// The number of rows.
  package var rows = 0
  /// Of a multi-label task, the number of labels that rows have plus that of labels that they get,
  /// minus the number of rows; nil for 0.
  package var surplus: Int?

  /// The metrics of no rows.
  package init() {}

  /// The mean cross-entropy.
  package var meanLoss: Double { loss / Double(max(1, rows)) }
  /// The number of decisions of which `correct` are right.
  package var decisions: Int { rows + (surplus ?? 0) }
  /// The fraction of correctly classified rows, or micro-F1.
  package var accuracy: Double { Double(correct) / Double(max(1, decisions)) }

  /// The metrics as numbers, for a message.
  var numbers: [Double] {
    [loss, Double(correct), Double(rows), Double(surplus ?? 0)]
  }
  /// The number of ``numbers``.
  static let numberCount = 4

  package static func + (left: BatchMetrics, right: BatchMetrics) -> BatchMetrics {
    let surplus = (left.surplus ?? 0) + (right.surplus ?? 0)
    return BatchMetrics(
      loss: left.loss + right.loss, correct: left.correct + right.correct,
      rows: left.rows + right.rows, surplus: surplus == 0 ? nil : surplus)
  }

  init(loss: Double, correct: Int, rows: Int, surplus: Int? = nil) {
    (self.loss, self.correct, self.rows, self.surplus) = (loss, correct, rows, surplus)
  }
}

extension BatchMetrics {
  /// Metrics from their ``numbers``.
  init(_ numbers: [Double]) {
    loss = numbers[0]
    (correct, rows) = (Int(numbers[1]), Int(numbers[2]))
    surplus = numbers[3] == 0 ? nil : Int(numbers[3])
  }

  /// The metrics of a row.
  /// - Parameters:
  ///   - values: its logits or its probabilities, [classes].
  ///   - half: the logit or the probability from which on a row of a multi-label task gets a label.
  ///   - classes: the classes of the row.
  ///   - loss: its cross-entropy.
  init<R: Real>(
    _ values: UnsafeBufferPointer<R>, half: R, _ output: OutputFunction,
    classes: some Collection<Int32>, loss: Double
  ) {
    switch output {
    case .softmax:
      let predicted = values.baseAddress.map { argmax($0, count: values.count) } ?? 0
      self.init(loss: loss, correct: classes.first == Int32(predicted) ? 1 : 0, rows: 1)
    case .sigmoid:
      self.init(labels: values.indices.filter { values[$0] >= half }, classes: classes, loss: loss)
    }
  }

  /// The metrics of a row of a multi-label task that gets some labels.
  package init(labels: [Int], classes: some Collection<Int32>, loss: Double = 0) {
    let surplus = labels.count + classes.count - 1
    self.init(
      loss: loss, correct: 2 * labels.count { classes.contains(Int32($0)) }, rows: 1,
      surplus: surplus == 0 ? nil : surplus)
  }
}
