import Safetensors
import Support

/// What a model says of one text.
struct Answer {
  /// The name of the input that the text came from.
  var file: String
  /// The number of its line, from 1.
  var line: Int
  /// The cleaned text.
  var text: [UInt8]
  /// The probability of each class.
  var probabilities: ArraySlice<Float>

  /// The most probable class, the first of equals: an index into the task's labels.
  var choice: Int {
    let start = probabilities.startIndex
    return probabilities.indices.dropFirst().reduce(start) {
      probabilities[$1] > probabilities[$0] ? $1 : $0
    } - start
  }
}

/// How answers are written, one line each. A probability is written with the digits that tell it
/// from every other number of its precision.
public struct OutputFormat: Sendable {
  /// JSON lines rather than TSV with a line of names first.
  public var isJSON: Bool
  /// Whether the name of the input stands before the number of the line.
  public var namesFile: Bool
  /// Whether the cleaned text stands behind the probabilities.
  public var quotesText: Bool

  /// A format.
  public init(isJSON: Bool = false, namesFile: Bool = false, quotesText: Bool = false) {
    (self.isJSON, self.namesFile, self.quotesText) = (isJSON, namesFile, quotesText)
  }

  /// What stands before the first answer.
  func heading(_ classNames: [String]) -> String {
    guard !isJSON else { return "" }
    let names =
      (namesFile ? ["file"] : []) + ["line", "label"] + classNames.map(escapingControlCharacters)
      + (quotesText ? ["text"] : [])
    return names.joined(separator: "\t") + "\n"
  }

  /// One answer, with the line's end.
  func line(_ answer: Answer, _ classNames: [String]) -> String {
    let text = quotesText ? String(decoding: answer.text, as: UTF8.self) : ""
    guard isJSON else {
      let cells =
        (namesFile ? [escapingControlCharacters(answer.file)] : [])
        + ["\(answer.line)", escapingControlCharacters(classNames[answer.choice])]
        + answer.probabilities.map { "\($0)" } + (quotesText ? [text] : [])
      return cells.joined(separator: "\t") + "\n"
    }
    let shares = zip(classNames, answer.probabilities).map { "\(quotedAsJSON($0)):\($1)" }
    let members =
      (namesFile ? ["\"file\":\(quotedAsJSON(answer.file))"] : [])
      + ["\"line\":\(answer.line)", "\"label\":\(quotedAsJSON(classNames[answer.choice]))"]
      + ["\"probabilities\":{\(shares.joined(separator: ","))}"]
      + (quotesText ? ["\"text\":\(quotedAsJSON(text))"] : [])
    return "{\(members.joined(separator: ","))}\n"
  }
}
