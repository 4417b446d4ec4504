import Datasets
import Foundation

/// How texts are chosen that are worth labelling, and for which labelling tool they are written.
public struct PickOptions: Sendable {
  /// The measure of how uncertain a prediction is.
  public enum Criterion: String, CaseIterable, Sendable {
    /// The difference of the two highest probabilities or, in a multi-label task, the least distance of a
    /// probability from the threshold of its label; a small one is uncertain.
    case margin
    /// The entropy of the probabilities, in a multi-label task the sum of those of the labels; a large one
    /// is uncertain.
    case entropy
  }

  /// The number of texts, at most.
  public var count: Int
  /// The measure.
  public var criterion: Criterion
  /// The format of the output.
  public var format: PickFormat

  /// Options of a choice.
  public init(count: Int, criterion: Criterion = .margin, format: PickFormat = .doccano) {
    (self.count, self.criterion, self.format) = (count, criterion, format)
  }
}

/// Picks the texts whose predictions are the most uncertain. Of equal and near-equal texts only the
/// most uncertain one is picked, of equally uncertain ones the first. Memory holds twice as many texts
/// as are picked.
struct Picker {
  private struct Candidate {
    let certainty: Double
    /// The number of the text.
    let number: Int
    /// The same for near-equal texts.
    let key: [UInt8]
    let prediction: Prediction

    func isPicked(before other: Candidate) -> Bool {
      (certainty, number) < (other.certainty, other.number)
    }
  }

  let options: PickOptions
  private var candidates: [Candidate] = []
  /// The least uncertain of the texts that would be picked so far; nil while there are too few.
  private var last: Candidate?
  private var count = 0

  init(_ options: PickOptions) { self.options = options }

  /// Offers the prediction for the next text; an empty text is not picked.
  mutating func add(_ prediction: Prediction) {
    count += 1
    guard !prediction.text.isEmpty else { return }
    var prediction = prediction
    let certainty = options.criterion.certainty(prediction.probabilities, prediction.thresholds)
    if let last, certainty >= last.certainty { return }
    // A copy, so that it does not keep the probabilities of its batch.
    prediction.probabilities = Array(prediction.probabilities)[...]
    candidates.append(
      Candidate(
        certainty: certainty, number: count, key: nearDuplicateKey(prediction.text),
        prediction: prediction))
    if candidates.count >= 2 * options.count + 64 { select() }
  }

  /// The picked texts so far, the most uncertain first.
  mutating func picked() -> [Prediction] {
    select()
    return candidates.map(\.prediction)
  }

  /// Keeps those that would be picked.
  private mutating func select() {
    candidates.sort { $0.isPicked(before: $1) }
    var keys: Set<[UInt8]> = []
    candidates = Array(
      candidates.filter { keys.insert($0.key).inserted }.prefix(options.count))
    last = candidates.count == options.count ? candidates.last : nil
  }
}

extension PickOptions.Criterion {
  /// How certain a prediction is: its margin, or its negative entropy.
  /// - Parameter thresholds: those of the labels of a multi-label task; nil for any other.
  func certainty(_ probabilities: ArraySlice<Float>, _ thresholds: [Double]? = nil) -> Double {
    switch self {
    case .margin:
      if let thresholds {
        return zip(probabilities, thresholds).map { abs(Double($0) - $1) }.min() ?? 1
      }
      let top = probabilities.sorted(by: >).prefix(2).map { Double($0) }
      return top.count == 2 ? top[0] - top[1] : 1
    case .entropy:
      let all = thresholds == nil ? Array(probabilities) : probabilities.flatMap { [$0, 1 - $0] }
      return all.reduce(0) { $1 > 0 ? $0 + Double($1) * log(Double($1)) : $0 }
    }
  }
}
