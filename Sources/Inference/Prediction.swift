import Support

/// The prediction for one text.
struct Prediction {
  /// The name of the input.
  var file: String
  /// The line number of the text, from 1.
  var line: Int
  /// The normalized text.
  var text: [UInt8]
  /// The probability of each class.
  var probabilities: ArraySlice<Float>

  /// The index of the most probable class; the first one of a tie.
  var predictedClass: Int {
    let start = probabilities.startIndex
    return probabilities.indices.dropFirst().reduce(start) {
      probabilities[$1] > probabilities[$0] ? $1 : $0
    } - start
  }
}

/// The format of predictions, one line each. Probabilities have as many digits as are needed to read
/// them back exactly.
public struct OutputFormat: Sendable {
  /// Whether the output is JSON lines; otherwise it is TSV with a header.
  public var isJSON: Bool
  /// Whether the name of the input precedes the line number.
  public var includesFile: Bool
  /// Whether the normalized text follows the probabilities.
  public var includesText: Bool

  /// Creates a format.
  public init(isJSON: Bool = false, includesFile: Bool = false, includesText: Bool = false) {
    (self.isJSON, self.includesFile, self.includesText) = (isJSON, includesFile, includesText)
  }

  /// The header with its line ending; empty for JSON lines.
  func header(_ classNames: [String]) -> String {
    guard !isJSON else { return "" }
    let names =
      (includesFile ? ["file"] : []) + ["line", "label"]
      + classNames.map(escapingControlCharacters) + (includesText ? ["text"] : [])
    return names.joined(separator: "\t") + "\n"
  }

  /// A prediction with its line ending.
  func line(_ prediction: Prediction, _ classNames: [String]) -> String {
    let text = includesText ? String(decoding: prediction.text, as: UTF8.self) : ""
    let className = classNames[prediction.predictedClass]
    guard isJSON else {
      let cells =
        (includesFile ? [escapingControlCharacters(prediction.file)] : [])
        + ["\(prediction.line)", escapingControlCharacters(className)]
        + prediction.probabilities.map { "\($0)" } + (includesText ? [text] : [])
      return cells.joined(separator: "\t") + "\n"
    }
    let probabilities = zip(classNames, prediction.probabilities).map {
      "\(quotedAsJSON($0)):\($1)"
    }
    let members =
      (includesFile ? ["\"file\":\(quotedAsJSON(prediction.file))"] : [])
      + ["\"line\":\(prediction.line)", "\"label\":\(quotedAsJSON(className))"]
      + ["\"probabilities\":{\(probabilities.joined(separator: ","))}"]
      + (includesText ? ["\"text\":\(quotedAsJSON(text))"] : [])
    return "{\(members.joined(separator: ","))}\n"
  }
}
