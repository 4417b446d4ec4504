import Support

/// Collects the labels of the data and their classes: those of a map or, without one, the labels.
struct LabelIndex {
  /// Without a map, more classes indicate that the column does not hold labels.
  static let maxClasses = 1000
  /// A longer label, in bytes, indicates a column of texts.
  static let maxLabelLength = 200
  /// The number of labels missing from the map that are reported individually.
  static let reportedUnmappedLabels = 20

  private let map: LabelMap?
  private let isMultiLabel: Bool
  /// The labels in order of first occurrence or, with a map, its classes.
  private var names: [[UInt8]]
  private var numbers: [TextKey: Int] = [:]
  /// The number of rows of each label of the map.
  private var mapped: [TextKey: Int] = [:]
  /// The number of rows of each label that is missing from the map; under the empty key those of
  /// further labels.
  private var unmapped: [TextKey: Int] = [:]
  /// The rows of each label or class.
  private var counts: RowCounts
  /// Each number as a list, which the rows with one label share to save memory.
  private var lists: [[Int]]

  /// - Parameter isMultiLabel: whether a row can have any number of labels.
  init(_ map: LabelMap?, isMultiLabel: Bool) {
    (self.map, self.isMultiLabel) = (map, isMultiLabel)
    names = map?.classNames.map { Array($0.utf8) } ?? []
    counts = RowCounts(classCount: names.count, isMultiLabel: isMultiLabel)
    lists = names.indices.map { [$0] }
  }

  /// Adds the labels of a row; equal ones count once.
  /// - Returns: a provisional number of each class; see ``classes``. Nil if the row is dropped because
  ///   the map lacks its only label. A row of a multi-label task is kept without such labels.
  /// - Throws: ``UserError`` with exit status `data` if this cannot be a column of labels.
  mutating func numbers(of labels: [[UInt8]], at location: RowLocation) throws -> [Int]? {
    let distinct = labels.count == 1 ? labels : labels.unique
    let found = try distinct.compactMap { try number(of: $0, at: location) }.unique
    let numbers = found.count == 1 ? lists[found[0]] : found
    guard isMultiLabel || !numbers.isEmpty else { return nil }
    counts.add(numbers)
    return numbers
  }

  private mutating func number(of label: [UInt8], at location: RowLocation) throws -> Int? {
    let key = TextKey(label)
    if let map {
      guard let number = map[label] else {
        let isCounted = unmapped[key] != nil || unmapped.count < Self.maxClasses
        unmapped[isCounted ? key : TextKey([]), default: 0] += 1
        return nil
      }
      mapped[key, default: 0] += 1
      return number
    }
    guard label.count <= Self.maxLabelLength else {
      throw error("a label of \(label.count) bytes", at: location)
    }
    let number = numbers[key] ?? names.count
    if number == names.count {
      guard number < Self.maxClasses else {
        throw error("more than \(Self.maxClasses) different labels", at: location)
      }
      numbers[key] = number
      names.append(label)
      counts.addClass()
      lists.append([number])
    }
    return number
  }

  private func error(_ problem: String, at location: RowLocation) -> UserError {
    let examples = names.prefix(3).map { "“\(String(decoding: $0.prefix(40), as: UTF8.self))”" }
    return UserError(
      .data, at: location.description, problem: problem,
      expected: "the name of a class"
        + (examples.isEmpty ? "" : ", such as \(examples.joined(separator: ", ")) before"),
      hint: "name the right column with --label-column, or say with --labels what is a class")
  }

  /// The names of the classes in their final order, the rows of each, and the final index of each
  /// provisional number. Classes of a map keep its order; labels that are all whole numbers
  /// are sorted by value, other labels by their bytes.
  var classes: (names: [String], counts: RowCounts, indices: [Int]) {
    var order = Array(names.indices)
    if map == nil {
      let values = names.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
      let keys = values.count == names.count ? values : names.map { _ in 0 }
      order.sort { left, right in
        keys[left] != keys[right]
          ? keys[left] < keys[right] : names[left].lexicographicallyPrecedes(names[right])
      }
    }
    var indices = Array(names.indices)
    for (index, number) in order.enumerated() { indices[number] = index }
    return (
      order.map { String(decoding: names[$0], as: UTF8.self) }, counts.reordered(order), indices
    )
  }

  /// The labels of the data, sorted by their bytes.
  var labels: [DataLabel] {
    let found =
      map.map { map in
        mapped.map { DataLabel($0.bytes, rows: $1, classIndex: map[$0.bytes]) }
          + unmapped.filter { !$0.key.bytes.isEmpty }.map { DataLabel($0.bytes, rows: $1) }
      } ?? classLabels
    return found.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// The classes that have rows.
  private var classLabels: [DataLabel] {
    names.indices.filter { counts.classes[$0] > 0 }
      .map { DataLabel(names[$0], rows: counts.classes[$0], classIndex: $0) }
  }

  /// The error about a column with almost as many labels as rows; nil if there are fewer, or if the
  /// user has listed them.
  func identifierError(at path: String) -> UserError? {
    let rows = counts.rows
    guard map == nil, names.count >= 10, names.count > rows / 10 * 9 else { return nil }
    return UserError(
      .data, at: path,
      problem: "\(names.count) classes in \(rows) rows: "
        + quotedList(names.map { String(decoding: $0, as: UTF8.self) }),
      expected: "several rows of each class",
      hint: "is this the column of the label? Name the right one with --label-column; if these are "
        + "the classes, list them with --labels")
  }

  /// How to write a label that is missing from the map because it needs quotes; empty if none does.
  var quotingExample: String {
    let names = unmapped.keys.map { String(decoding: $0.bytes, as: UTF8.self) }
    let example = names.filter { LabelMap.quoted($0) != $0 }.min()
    return example.map { ", where this label needs quotes: \(LabelMap.quoted($0))=…" } ?? ""
  }

  /// Reports rows whose labels are missing from the map, and labels of the map without rows.
  func report(to report: inout IngestReport) {
    func drop(_ reason: String, _ rows: Int) {
      if isMultiLabel { report.dropLabel(reason, rows) } else { report.drop(reason, rows) }
    }
    let sorted = unmapped.filter { !$0.key.bytes.isEmpty }
      .sorted {
        $0.value != $1.value
          ? $0.value > $1.value : $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
      }
    for (key, rows) in sorted.prefix(Self.reportedUnmappedLabels) {
      let label = String(decoding: key.bytes.prefix(60), as: UTF8.self)
      drop("the label “\(label)” is not in --labels", rows)
    }
    let others = sorted.dropFirst(Self.reportedUnmappedLabels).reduce(0) { $0 + $1.value }
    drop(
      "another label that is not in --labels", others + (unmapped[TextKey([])] ?? 0))
    for label in map?.labels ?? [] where mapped[TextKey(label)] == nil {
      report.warn("no row has the label “\(String(decoding: label, as: UTF8.self))” of --labels")
    }
    LabelWarnings.about(labels, classes: classLabels, isMapped: map != nil)
      .forEach { report.warn($0) }
  }
}
