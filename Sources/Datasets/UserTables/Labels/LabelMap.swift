import Support

/// A label and the class that it means.
public struct LabelPair: Equatable, Sendable {
  /// The label as it is written in the data.
  public var label: String
  /// The name of the class.
  public var name: String

  /// Creates a pair.
  public init(label: String, name: String) { (self.label, self.name) = (label, name) }
}

/// A map from labels to classes, such as `1=negative,2=negative,3=neutral`. A label without `=` is a
/// class of the same name. Classes are numbered in order of first occurrence.
struct LabelMap: Equatable {
  /// The names of the classes.
  private(set) var classNames: [String] = []
  private var classes: [TextKey: Int] = [:]

  /// Parses pairs separated by commas; the last `=` of a pair separates label and class. Names with
  /// commas or equal signs are quoted as in a CSV, alone or together as a pair.
  /// - Parameter isMultiLabel: whether a row can have any number of classes, so that one is enough.
  /// - Throws: ``UserError`` with exit status `usage`.
  init(_ text: String, isMultiLabel: Bool = false) throws {
    try add(Self.pairs(of: text), isMultiLabel) { Self.error($0) }
  }

  /// Takes the pairs of a file.
  /// - Parameter isMultiLabel: whether a row can have any number of classes, so that one is enough.
  /// - Throws: ``UserError`` with exit status `data`.
  init(_ pairs: [LabelPair], isMultiLabel: Bool = false) throws {
    try add(pairs.map { (Array($0.label.utf8), Array($0.name.utf8)) }, isMultiLabel) {
      UserError(
        .data, at: "--label-file", problem: $0,
        expected: "each label once, with the class that it means, and two or more classes")
    }
  }

  private mutating func add(
    _ pairs: [(label: [UInt8], name: [UInt8])], _ isMultiLabel: Bool,
    _ error: (String) -> UserError
  ) throws {
    for pair in pairs {
      let (key, name) = (TextKey(normalizeText(pair.label)), normalizeText(pair.name))
      guard !key.bytes.isEmpty, !name.isEmpty else {
        throw error("a label or a class without a name: \(Self.described(pair))")
      }
      let index = classNames.firstIndex { $0.utf8.elementsEqual(name) } ?? classNames.count
      if index == classNames.count { classNames.append(String(decoding: name, as: UTF8.self)) }
      guard classes.updateValue(index, forKey: key) == nil else {
        throw error("the label “\(String(decoding: key.bytes, as: UTF8.self))” twice")
      }
    }
    guard classNames.count >= (isMultiLabel ? 1 : 2) else {
      throw error(
        classNames.first.map { "one class only, “\($0)”" } ?? "no labels")
    }
  }

  private static func described(_ pair: (label: [UInt8], name: [UInt8])) -> String {
    [pair.label, pair.name].map { "“\(String(decoding: $0, as: UTF8.self))”" }
      .joined(separator: " = ")
  }

  /// The class of a label; nil if the map does not contain it.
  subscript(label: [UInt8]) -> Int? { classes[TextKey(label)] }

  /// The labels, sorted by their bytes.
  var labels: [[UInt8]] {
    classes.keys.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// A label or class as ``init(_:)`` reads it.
  static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",=\"".contains($0) }) else { return name }
    return "\"\(name.replacing("\"", with: "\"\""))\""
  }

  private static func pairs(of text: String) throws -> [(label: [UInt8], name: [UInt8])] {
    var pairs: [[(byte: UInt8, isQuoted: Bool)]] = [[]]
    var (isQuoted, isAfterQuote) = (false, false)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""):
        // A doubled quote closes the quotes and opens them again.
        if isAfterQuote { pairs[pairs.count - 1].append((byte, true)) }
        isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: pairs.append([])
      case UInt8(ascii: "\n"): throw error("a line break")
      default: pairs[pairs.count - 1].append((byte, isQuoted))
      }
      isAfterQuote = byte == UInt8(ascii: "\"") && !isQuoted
    }
    guard !isQuoted else { throw error("a quote that is not closed") }
    return pairs.map { pair in
      // Within quotes only if they enclose the whole pair.
      let isSeparable = pair.allSatisfy(\.isQuoted)
      let separator = pair.lastIndex {
        $0.byte == UInt8(ascii: "=") && (isSeparable || !$0.isQuoted)
      }
      let bytes = pair.map(\.byte)
      return separator.map { (Array(bytes[..<$0]), Array(bytes[($0 + 1)...])) } ?? (bytes, bytes)
    }
  }

  private static func error(_ problem: String) -> UserError {
    UserError(
      .usage, at: "--labels", problem: problem,
      expected: "labels and the two or more classes that they mean, such as "
        + "“1=negative,2=negative,3=neutral,4=positive,5=positive”; a name with a comma or = in "
        + "quotes, such as “\"food, drink\"=leisure”")
  }
}
