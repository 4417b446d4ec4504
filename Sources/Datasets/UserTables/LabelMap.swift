import Safetensors
import Support

/// Which class a label of the data means, such as `1=negative,2=negative,3=neutral`. A label without
/// `=` is a class of its own name. Classes are numbered in the order in which they are first named.
struct LabelMap: Equatable {
  /// The names of the classes.
  private(set) var classes: [String] = []
  private var numbers: [ExampleKey: Int] = [:]

  /// Reads pairs between commas; a pair that holds a comma stands in quotes, as in a CSV.
  /// - Throws: ``UserError`` of kind `usage`.
  init(_ text: String) throws {
    for pair in try Self.pairs(of: text) {
      let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
      let name = parts.count > 1 ? String(parts[parts.count - 1]) : pair
      let label = parts.count > 1 ? parts.dropLast().joined(separator: "=") : pair
      let clean = (label: normalizeText(Array(label.utf8)), name: normalizeText(Array(name.utf8)))
      guard !clean.label.isEmpty, !clean.name.isEmpty else {
        throw Self.refusal(problem: "the pair “\(pair)”")
      }
      let title = String(decoding: clean.name, as: UTF8.self)
      let number = classes.firstIndex { $0.utf8.elementsEqual(clean.name) } ?? classes.count
      if number == classes.count { classes.append(title) }
      guard numbers.updateValue(number, forKey: ExampleKey(clean.label)) == nil else {
        throw Self.refusal(problem: "the label “\(label)” twice")
      }
    }
    guard classes.count > 1 else {
      throw Self.refusal(problem: "\(classes.count) class in “\(text)”")
    }
  }

  /// The class that a label means; nothing if the map does not have it.
  subscript(label: [UInt8]) -> Int? { numbers[ExampleKey(label)] }

  /// The labels, sorted by their bytes.
  var labels: [[UInt8]] {
    numbers.keys.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func pairs(of text: String) throws -> [String] {
    var pairs: [String] = []
    var splitter = CSVParser(delimiter: UInt8(ascii: ","), isQuoting: true)
    func take(_ record: CSVRecord) throws {
      guard record.defect == nil, record.line == 1 else { throw refusal(problem: "“\(text)”") }
      pairs = (0..<record.count).map { String(decoding: record[$0], as: UTF8.self) }
    }
    try Array(text.utf8).withUnsafeBytes { try splitter.split($0, take) }
    try splitter.finish(take)
    return pairs
  }

  private static func refusal(problem: String) -> UserError {
    UserError(
      .usage, at: "--labels", problem: problem,
      expected: "labels and the two or more classes that they mean, such as "
        + "“1=negative,2=negative,3=neutral,4=positive,5=positive”")
  }
}
