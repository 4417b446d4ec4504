/// A line in fastText's format: `__label__NAME` and the words of a text. As in fastText, a label may
/// also follow the text.
struct FastTextLine {
  /// The text before, between and after the labels.
  private(set) var text: [UnsafeRawBufferPointer] = []
  /// The labels without their prefix.
  private(set) var labels: [UnsafeRawBufferPointer] = []

  private static let prefix = Array("__label__".utf8)

  init(_ line: UnsafeRawBufferPointer) {
    var start = 0
    for word in line.split(whereSeparator: { $0 <= 0x20 }) where word.starts(with: Self.prefix) {
      labels.append(UnsafeRawBufferPointer(rebasing: word.dropFirst(Self.prefix.count)))
      text.append(UnsafeRawBufferPointer(rebasing: line[start..<word.startIndex]))
      start = word.endIndex
    }
    text.append(UnsafeRawBufferPointer(rebasing: line[start...]))
  }

  /// Checks the labels.
  /// - Parameter isMultiLabel: whether a line can have several.
  /// - Throws: ``RowError`` if there is none or there are more than there can be.
  func checkLabels(isMultiLabel: Bool) throws {
    let expected =
      isMultiLabel
      ? "labels and the text, as in “__label__good __label__short a lovely film”"
      : "one label and the text, as in “__label__good a lovely film”"
    guard !labels.isEmpty else { throw RowError(problem: "no label", expected: expected) }
    guard isMultiLabel || labels.count == 1 else {
      let names = labels.prefix(5).map { "“\(String(decoding: $0, as: UTF8.self))”" }
      throw RowError(
        problem: "\(labels.count) labels: \(names.joined(separator: ", "))", expected: expected,
        hint: "read all of them with --multi-label, keep one of them")
    }
    for label in labels {
      let joined = label.split(separator: UInt8(ascii: ",")).filter { $0.starts(with: Self.prefix) }
      guard joined.isEmpty else {
        throw RowError(
          problem: "\(joined.count + 1) labels joined by commas: "
            + "“__label__\(String(decoding: label, as: UTF8.self))”",
          expected: expected)
      }
    }
  }

  /// Whether a file begins with a label.
  static func begins(_ head: some Collection<UInt8>) -> Bool {
    head.drop { $0 <= 0x20 }.starts(with: prefix)
  }
}
