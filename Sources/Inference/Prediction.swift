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

  /// The header with its line ending; empty for JSON lines. If a class has the name of another column,
  /// all columns of classes get a prefix.
  func header(_ classNames: [String]) -> String {
    guard !isJSON else { return "" }
    let first = (includesFile ? ["file"] : []) + ["line", "label"]
    let last = includesText ? ["text"] : []
    let prefix = classNames.contains(where: (first + last).contains) ? "p:" : ""
    let names = first + classNames.map { prefix + tsvCell($0) } + last
    return names.joined(separator: "\t") + "\n"
  }

  /// A prediction with its line ending.
  func line(_ prediction: Prediction, _ classNames: [String]) -> String {
    let text = includesText ? String(decoding: prediction.text, as: UTF8.self) : ""
    let className = classNames[prediction.predictedClass]
    guard isJSON else {
      let cells =
        (includesFile ? [tsvCell(prediction.file)] : [])
        + ["\(prediction.line)", tsvCell(className)]
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
