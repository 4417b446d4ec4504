import Support

/// Reads the labels of a row: one or, in a multi-label task, any number.
struct LabelReader {
  /// A label.
  struct Label {
    /// As it is written in the data.
    var written: [UInt8]
    /// The normalized name.
    var name: [UInt8]
  }

  /// Whether a row can have any number of labels.
  var isMultiLabel: Bool
  /// The text between the labels of a field; nil if a field is one label.
  var separator: [UInt8]?
  /// The names of the classes whose numbers are the labels, if they are known.
  var classLabels: ClassLabels?

  /// Reads the labels of a row; nil if its label is kept secret.
  /// - Parameters:
  ///   - field: the field of the label.
  ///   - list: the labels in place of the field, if the format has a list of them.
  /// - Returns: of a multi-label task the labels, perhaps none; else one label, empty if it is missing.
  /// - Throws: ``RowError`` if a label has no name, or if no class has its number.
  func labels(_ field: UnsafeRawBufferPointer, list: [[UInt8]]?) throws -> [Label]? {
    let written = list ?? [Array(field)]
    guard isMultiLabel else { return try named(written) }
    guard let parts = try named(written.flatMap(divided)) else { return nil }
    if list == nil, parts.count == 1, parts[0].name.isEmpty { return [] }
    guard parts.allSatisfy({ !$0.name.isEmpty }) else {
      let cell = String(decoding: Array(written.joined(separator: ", ".utf8)), as: UTF8.self)
      throw RowError(
        problem: "an empty label in “\(escapingControlCharacters(String(cell.prefix(60))))”",
        expected: "a name for each label of a row, or no label at all")
    }
    return parts
  }

  /// The labels that a field holds.
  private func divided(_ field: [UInt8]) -> [[UInt8]] {
    guard let separator else { return [field] }
    return field.split(separator: separator, omittingEmptySubsequences: false).map { Array($0) }
  }

  private func named(_ labels: [[UInt8]]) throws -> [Label]? {
    var result: [Label] = []
    for label in labels {
      var name = normalizeText(label)
      if let classLabels, !name.isEmpty {
        guard let found = try classLabels.label(name) else { return nil }
        name = normalizeText(found)
      }
      result.append(Label(written: label, name: name))
    }
    return result
  }

  /// The labels in a JSON array of a row.
  /// - Parameter key: the key of the array.
  /// - Throws: ``RowError`` unless its elements are strings, numbers or truth values.
  static func elements(of array: UnsafeRawBufferPointer, key: String) throws -> [[UInt8]] {
    try (JSONValue(array).elements ?? []).map { element in
      guard let label = element.scalar else {
        let kind = element.elements == nil ? element.keys.isEmpty ? "null" : "an object" : "a list"
        throw RowError(
          problem: "\(kind) among the labels under “\(key)”",
          expected: "names of labels, as in [\"a\", \"b\"]")
      }
      return label
    }
  }
}
