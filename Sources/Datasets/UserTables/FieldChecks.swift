import Support

/// Checks of the fields of all rows, each with a warning at the end.
struct FieldChecks {
  var encoding = EncodingCheck()
  var quotes = QuoteCheck()
  var ids = IDCheck()
  /// The first label with other white space inside than single spaces, and the number of its like.
  private var unevenLabels: (first: String, count: Int)?
  /// The first tag or character reference and the number of texts with some.
  private var unreadMarkup: (first: String, count: Int)?

  /// Adds a label as written and normalized.
  mutating func add(_ label: LabelReader.Label) {
    let (label, name) = (label.written, label.name)
    guard !label.trimmingBlanks.elementsEqual(name), String(validating: label, as: UTF8.self) != nil
    else { return }
    unevenLabels = (
      unevenLabels?.first ?? String(decoding: name, as: UTF8.self), (unevenLabels?.count ?? 0) + 1
    )
  }

  /// Adds a text that should have no markup.
  mutating func add(plainText text: [UInt8]) {
    guard let markup = HTMLText.firstMarkup(in: text) else { return }
    unreadMarkup = (
      unreadMarkup?.first ?? String(decoding: markup.prefix(40), as: UTF8.self),
      (unreadMarkup?.count ?? 0) + 1
    )
  }

  /// The warnings about this number of rows.
  func warnings(rows: Int) -> [String] {
    var warnings = [encoding.warning].compactMap { $0 } + quotes.warnings
    if let warning = ids.warning { warnings.append(warning) }
    if let unevenLabels {
      warnings.append(
        "\(NumberFormat.count(unevenLabels.count, "label")) had other white space than single spaces, "
          + "which it became, as in “\(unevenLabels.first)”")
    }
    if let unreadMarkup, unreadMarkup.count >= max(2, rows / 100) {
      warnings.append(
        "\(NumberFormat.grouped(unreadMarkup.count)) texts contain HTML such as “\(unreadMarkup.first)”; "
          + "--markup html converts it to text, --markup none keeps it without this warning")
    }
    return warnings
  }
}

/// Counts fields that are not UTF-8, and rejects labels that differ in such bytes only.
struct EncodingCheck {
  private var texts = 0
  private var labels = 0
  private var first: String?
  /// The bytes of each label that contains U+FFFD once it is normalized.
  private var labelBytes: [TextKey: [UInt8]] = [:]

  /// Adds the text of a row.
  mutating func add(text: UnsafeRawBufferPointer, at location: RowLocation) {
    guard isInvalid(text) else { return }
    texts += 1
    first = first ?? location.description
  }

  /// Adds a label of a row.
  /// - Throws: ``UserError`` with exit status `data` if another label became the same by replacement.
  mutating func add(_ label: LabelReader.Label, at location: RowLocation) throws {
    let (label, name) = (label.written, label.name)
    if isInvalid(label) {
      labels += 1
      first = first ?? location.description
    }
    guard label.contains(where: { $0 >= 0x80 }), name.contains("\u{FFFD}".utf8) else { return }
    let bytes = label.filter { $0 > 0x20 }
    let known = labelBytes[TextKey(name)] ?? bytes
    labelBytes[TextKey(name)] = known
    guard known != bytes else { return }
    let both = [known, bytes].map { bytes in
      bytes.prefix(40).map { String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }
    throw UserError(
      .data, at: location.description,
      problem: "the labels of the bytes \(both[0]) and \(both[1]), which are not UTF-8, would both "
        + "become “\(String(decoding: name.prefix(40), as: UTF8.self))”",
      expected: "labels in UTF-8, or the encoding of the file",
      hint: "name the encoding, as in --encoding windows-1252; “iconv -l” lists all of them")
  }

  /// The warning about replaced bytes; nil if there were none.
  var warning: String? {
    guard let first else { return nil }
    let counts = [(texts, "text"), (labels, "label")].filter { $0.0 > 0 }
      .map { NumberFormat.count($0.0, $0.1) }
    return counts.joined(separator: " and ")
      + " had bytes that are not UTF-8, the first at \(first); "
      + "each became U+FFFD. Name the encoding, as in --encoding windows-1252"
  }

  private func isInvalid(_ field: some Sequence<UInt8>) -> Bool {
    field.contains { $0 >= 0x80 } && String(validating: field, as: UTF8.self) == nil
  }
}

/// Counts texts in quotes that the format of the file takes for characters of the text.
struct QuoteCheck {
  private var rows = 0
  private var doubleQuoted = 0
  private var singleQuoted = 0

  /// Adds a text of a table.
  mutating func add(_ text: UnsafeRawBufferPointer, _ format: TableFormat, quote: UInt8) {
    guard format == .csv || format == .tsv else { return }
    rows += 1
    guard text.count > 1, text.first == text.last else { return }
    switch text.first {
    case UInt8(ascii: "\"") where format == .tsv: doubleQuoted += 1
    case UInt8(ascii: "'") where format == .csv && quote != UInt8(ascii: "'"): singleQuoted += 1
    default: break
    }
  }

  /// The warnings about quotes that were kept.
  var warnings: [String] {
    var warnings: [String] = []
    if doubleQuoted > 0 {
      warnings.append(
        "double quotes enclose \(doubleQuoted) of \(NumberFormat.count(rows, "text")) and are kept by "
          + "tsv; if they enclose fields, read the file with --format csv")
    }
    // A few texts may well be quotations.
    if singleQuoted * 2 > rows {
      warnings.append(
        "single quotes enclose \(singleQuoted) of \(NumberFormat.count(rows, "text")) and are kept by "
          + "csv; if they enclose fields, read the file with --quote \"'\"")
    }
    return warnings
  }
}

/// Counts rows that repeat the ID of an earlier row.
struct IDCheck {
  /// The first location of each ID, by its hash.
  private var locations: [UInt64: (file: Int, number: Int)] = [:]
  private let hash = TextHash(seed: 0)
  private var files: [String] = []
  private var repeated: (id: String, first: String, second: String)?
  private var count = 0

  /// Adds the ID of a row.
  mutating func add(_ id: String, at location: RowLocation) {
    if files.last != location.file { files.append(location.file) }
    let place = (file: files.count - 1, number: location.number ?? 0)
    guard let first = locations.updateValue(place, forKey: hash(Array(id.utf8))) else { return }
    count += 1
    guard repeated == nil else { return }
    var firstLocation = location
    (firstLocation.file, firstLocation.number) = (files[first.file], first.number)
    repeated = (id, firstLocation.description, location.description)
  }

  /// The warning about repeated IDs; nil if there are none.
  var warning: String? {
    repeated.map {
      NumberFormat.count(count, "row repeats", "rows repeat")
        + " the ID of an earlier row, the first “\(escapingControlCharacters($0.id))” at "
        + "\($0.second) and at \($0.first); they can be found by the ID and the text only"
    }
  }
}
