import DLNC
import Datasets
import Shards
import Support

/// The prediction for one text.
struct Prediction {
  /// A value of the input that is copied to the output.
  struct KeptField: Equatable {
    /// A text, or JSON on one line; empty for `null`.
    var text: String
    /// Whether it is JSON: a number, `true`, an array, an object or `null`.
    var isJSON = false
  }

  /// The name of the input.
  var file: String
  /// The line number of the text, from 1.
  var line: Int
  /// The copied values.
  var kept: [KeptField] = []
  /// The normalized text.
  var text: [UInt8]
  /// The fraction of the tokens that the model knows.
  var known: Double
  /// The probability of each class.
  var probabilities: ArraySlice<Float>
  /// The probability from which on the text gets each label of a multi-label task; nil if it gets one
  /// class.
  var thresholds: [Double]?
  /// The words that moved the prediction most, the strongest first.
  var because: [WordContribution] = []

  /// The index of the most probable class; the first one of a tie.
  var predictedClass: Int {
    let start = probabilities.startIndex
    return probabilities.indices.dropFirst().reduce(start) {
      probabilities[$1] > probabilities[$0] ? $1 : $0
    } - start
  }
}

extension Prediction.KeptField {
  init(_ value: KeptValue) {
    switch value {
    case .text(let bytes): self.init(text: String(decoding: bytes, as: UTF8.self))
    case .json(let bytes):
      // A string of JSON has no line ending, so these separate its parts.
      let line = bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
      self.init(text: String(decoding: line, as: UTF8.self), isJSON: true)
    }
  }

  /// The value as JSON.
  var json: String {
    guard isJSON else { return quotedAsJSON(text) }
    return text.isEmpty ? "null" : text
  }
}

extension Prediction {
  /// The probability of the predicted class or, in a multi-label task, of the least certain one of its
  /// decisions about the labels.
  var confidence: Float {
    guard let thresholds else { return probabilities[probabilities.startIndex + predictedClass] }
    return zip(probabilities, thresholds).map { Double($0) >= $1 ? $0 : 1 - $0 }.min() ?? 1
  }

  /// The classes that the text gets: the most probable one if the rule allows an answer or, in a
  /// multi-label task, any number.
  func labels(_ rule: AnswerRule?) -> [Int] {
    guard let thresholds else {
      return Double(confidence) >= rule?.threshold ?? 0 ? [predictedClass] : []
    }
    return zip(probabilities, thresholds).enumerated().compactMap { label, value in
      Double(value.0) >= rule?.threshold ?? value.1 ? label : nil
    }
  }

  /// The indices of the most probable classes, the most probable first; the first ones of ties.
  func best(_ count: Int) -> [Int] {
    let values = Array(probabilities)
    return Array(
      values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
        .prefix(count))
  }
}

/// When a model answers, and what is written otherwise.
public struct AnswerRule: Sendable {
  /// The lowest probability of the predicted class with which it is the answer, or of each label of a
  /// multi-label task; nil for the thresholds of the model.
  public var threshold: Double?
  /// The label in place of other answers; nil for none.
  public var otherwise: String?

  /// Creates a rule.
  public init(threshold: Double?, otherwise: String?) {
    (self.threshold, self.otherwise) = (threshold, otherwise)
  }
}

/// The format of predictions, one line each. Probabilities have as many digits as are needed to read
/// them back exactly.
public struct OutputFormat: Sendable {
  /// Whether the output is JSON lines; otherwise it is TSV with a header.
  public var isJSON: Bool
  /// Whether the name of the input precedes the line number.
  public var includesFile: Bool
  /// The columns of the input that follow the line number.
  public var kept: [String]
  /// Whether the normalized text follows the probabilities.
  public var includesText: Bool
  /// The number of the most probable classes that are written with their probabilities; nil for the
  /// probabilities of all classes in their order.
  public var top: Int?
  /// When a class is the answer; nil for always.
  public var rule: AnswerRule?
  /// Whether a text can have several labels.
  var isMultiLabel = false
  /// The number of words, at most, that follow the probabilities because they moved the prediction
  /// most; nil for none.
  public var explained: Int?

  /// Creates a format.
  public init(
    isJSON: Bool = false, includesFile: Bool = false, kept: [String] = [],
    includesText: Bool = false, top: Int? = nil, rule: AnswerRule? = nil, explained: Int? = nil
  ) {
    (self.isJSON, self.includesFile, self.includesText) = (isJSON, includesFile, includesText)
    (self.kept, self.top, self.rule, self.explained) = (kept, top, rule, explained)
  }

  /// The names of the copied columns in the output, which differ from those of the other columns.
  private var keptNames: [String] {
    namesOfKept(
      kept,
      avoiding: ["file", "line", labelName, "known", "probabilities", "top", "because", "text"])
  }

  /// The name of the column of labels.
  private var labelName: String { isMultiLabel ? "labels" : "label" }

  /// The header with its line ending; empty for JSON lines. If a class has the name of another column,
  /// all columns of classes get a prefix.
  func header(_ classNames: [String]) -> String {
    guard !isJSON else { return "" }
    let first =
      (includesFile ? ["file"] : []) + ["line"] + keptNames.map(tsvCell) + [labelName, "known"]
    let last = (explained == nil ? [] : ["because"]) + (includesText ? ["text"] : [])
    if let top {
      let ranks = (1...max(1, min(top, classNames.count))).flatMap { ["top \($0)", "p \($0)"] }
      return (first + ranks + last).joined(separator: "\t") + "\n"
    }
    let prefix = classNames.contains(where: (first + last).contains) ? "p:" : ""
    let names = first + classNames.map { prefix + tsvCell($0) } + last
    return names.joined(separator: "\t") + "\n"
  }

  /// A prediction with its line ending.
  func line(_ prediction: Prediction, _ classNames: [String]) -> String {
    let text = includesText ? String(decoding: prediction.text, as: UTF8.self) : ""
    let classes = prediction.labels(rule).map { classNames[$0] }
    let labels = classes.isEmpty ? [rule?.otherwise].compactMap { $0 } : classes
    let known = NumberFormat.fixed(prediction.known, 3)
    let because = because(prediction)
    let best = top.map { count in
      prediction.best(count).map {
        (classNames[$0], prediction.probabilities[prediction.probabilities.startIndex + $0])
      }
    }
    guard isJSON else {
      let cells =
        (includesFile ? [tsvCell(prediction.file)] : [])
        + ["\(prediction.line)"] + prediction.kept.map { tsvCell($0.text) }
        + [isMultiLabel ? joinedLabels(labels.map(tsvCell)) : tsvCell(labels.first ?? ""), known]
        + (best?.flatMap { [tsvCell($0), "\($1)"] } ?? prediction.probabilities.map { "\($0)" })
        + because
        + (includesText ? [text] : [])
      return cells.joined(separator: "\t") + "\n"
    }
    let probabilities =
      best.map { best in
        let items = best.map { "{\"label\":\(quotedAsJSON($0)),\"probability\":\($1)}" }
        return "\"top\":[\(items.joined(separator: ","))]"
      }
      ?? "\"probabilities\":{"
      + zip(classNames, prediction.probabilities).map { "\(quotedAsJSON($0)):\($1)" }
      .joined(separator: ",") + "}"
    let members =
      (includesFile ? ["\"file\":\(quotedAsJSON(prediction.file))"] : [])
      + ["\"line\":\(prediction.line)"]
      + zip(keptNames, prediction.kept).map { "\(quotedAsJSON($0)):\($1.json)" }
      + ["\"\(labelName)\":\(labelJSON(labels))", "\"known\":\(known)", probabilities]
      + because
      + (includesText ? ["\"text\":\(quotedAsJSON(text))"] : [])
    return "{\(members.joined(separator: ","))}\n"
  }

  /// The cell or the member of an object with the words that moved a prediction; none if they are not
  /// asked for.
  private func because(_ prediction: Prediction) -> [String] {
    guard let explained else { return [] }
    let words = prediction.because.prefix(explained).map { word in
      (word.word, NumberFormat.fixed(word.by, 4))
    }
    guard isJSON else {
      return [tsvCell(words.map { word, by in "\(word)=\(by)" }.joined(separator: " "))]
    }
    let items = words.map { word, by in "{\"word\":\(quotedAsJSON(word)),\"by\":\(by)}" }
    return ["\"because\":[\(items.joined(separator: ","))]"]
  }

  private func labelJSON(_ labels: [String]) -> String {
    guard isMultiLabel else { return quotedAsJSON(labels.first ?? "") }
    return "[\(labels.map(quotedAsJSON).joined(separator: ","))]"
  }
}

/// The names of copied columns in an output with columns of its names, which get a prefix.
func namesOfKept(_ kept: [String], avoiding own: [String]) -> [String] {
  kept.map { own.contains($0) ? "input:\($0)" : $0 }
}

/// Returns `text` with each control character written as `\u{…}`, so that it is one cell of a TSV.
/// All other characters are kept, except a backslash before `u{`, which is written as `\u{5c}`. The
/// text can therefore be restored.
private func tsvCell(_ text: String) -> String {
  let scalars = text.unicodeScalars
  var result = ""
  for index in scalars.indices {
    let scalar = scalars[index]
    if scalar.properties.generalCategory == .control
      || scalars[index...].starts(with: "\\u{".unicodeScalars)
    {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
