import Tensors

/// The columns of a table, or the keys of JSON objects, that are read.
struct ColumnNames: Equatable {
  /// Where the text stands.
  var text: String
  /// Where the label stands.
  var label: String
  /// Where the split stands, if it is read.
  var split: String?

  /// All of them.
  var all: [String] { [text, label] + (split.map { [$0] } ?? []) }

  /// Where each stands among `names`, in the order of ``all``; nothing unless each is there once.
  func places(in names: [String]) -> [Int]? {
    let places = all.compactMap { wanted in
      let found = names.indices.filter { names[$0].utf8.elementsEqual(wanted.utf8) }
      return found.count == 1 ? found.first : nil
    }
    return places.count == all.count ? places : nil
  }

  /// What is said of a table that has not each of them once.
  func refusal(of names: [String], at place: String) -> Refusal {
    let twins = all.filter { wanted in names.count { $0.utf8.elementsEqual(wanted.utf8) } > 1 }
    let list = names.prefix(12).map { "“\($0)”" }.joined(separator: ", ")
    let more = names.count > 12 ? " and \(names.count - 12) more" : ""
    let saw =
      switch (names.count, twins.first) {
      case (0, _): "no line of names"
      case (_, let twin?): "several columns “\(twin)”"
      default: "the columns \(list)\(more)"
      }
    return Refusal(
      .data, at: place, saw: saw,
      expected: "one column each: \(all.map { "“\($0)”" }.joined(separator: ", "))",
      advice: "name the columns with --text-column and --label-column; for a file without a line "
        + "of names give the names with --header")
  }
}

/// How a table is cut into fields, and which of them are read.
struct TableLayout {
  private let delimiter: UInt8
  private let isQuoting: Bool
  /// The names of all columns.
  let names: [String]
  /// The places of ``ColumnNames/all``.
  let places: [Int]

  /// What cuts the table into rows.
  var splitter: RecordSplitter { RecordSplitter(delimiter: delimiter, isQuoting: isQuoting) }

  /// Looks at the beginning of a table. The delimiter of a CSV is the one of comma, semicolon and
  /// tab that finds the columns.
  /// - Parameters:
  ///   - head: the first bytes of the file.
  ///   - header: the names of the columns, if the file has no line of them.
  /// - Throws: ``Refusal`` of kind `data` if the columns are not there.
  init(
    _ head: [UInt8], _ format: LabelledFormat, _ columns: ColumnNames, header: [String]?,
    at place: @autoclosure () -> String
  ) throws {
    isQuoting = format == .csv
    let delimiters = (format == .csv ? ",;\t" : "\t").utf8.map { $0 }
    let rows = delimiters.map { Self.firstRow(head, delimiter: $0, isQuoting: format == .csv) }
    for (delimiter, row) in zip(delimiters, rows) where header == nil || header?.count == row.count {
      guard let places = columns.places(in: header ?? row) else { continue }
      (self.delimiter, names, self.places) = (delimiter, header ?? row, places)
      return
    }
    if let header {
      throw Refusal(
        .data, at: "\(place()): line 1", saw: "\(rows[0].count) fields",
        expected: "\(header.count), as --header names")
    }
    throw columns.refusal(
      of: rows.max { $0.count < $1.count } ?? [], at: "\(place()): line 1")
  }

  /// The fields of the first row as far as they lie in `head`.
  private static func firstRow(_ head: [UInt8], delimiter: UInt8, isQuoting: Bool) -> [String] {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = head.starts(with: mark) ? head.dropFirst(3) : head[...]
    var splitter = RecordSplitter(delimiter: delimiter, isQuoting: isQuoting)
    var first: [String]?
    func take(_ record: Record) { first = first ?? record.names }
    text.withUnsafeBytes { splitter.split($0, take) }
    if first == nil { splitter.finish(take) }
    return first ?? []
  }
}
