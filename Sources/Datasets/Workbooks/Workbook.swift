import Support

/// A workbook in the format of Excel (ECMA-376, .xlsx), read into memory: a zip of XML files.
struct Workbook {
  /// A sheet with cells.
  struct Sheet {
    var name: String
    /// The location for messages.
    var location: String
    fileprivate var content: [UInt8]
  }

  /// The sheets with cells, hidden ones excepted, in the order of the workbook.
  private(set) var sheets: [Sheet] = []
  private let strings: [[UInt8]]
  private let formats: CellFormats

  /// The size up to which the parts of a workbook are read: 512 MiB.
  private static let maxSize = 512 << 20
  /// The way out if a workbook cannot be read.
  static let hint = "open it in a spreadsheet program and save the sheet as CSV (UTF-8)"

  /// - Throws: ``UserError`` with exit status `data` if the workbook is damaged, encrypted or too large.
  init(_ entry: ArchiveEntry) throws {
    var parts: [String: [UInt8]] = [:]
    var size = 0
    try entry.forEachWorkbookMember { path, bytes in
      let path = path.lowercased()
      guard path.hasPrefix("xl/"), path.hasSuffix(".xml") || path.hasSuffix(".rels") else { return }
      var content: [UInt8] = []
      while let block = try bytes.nextBlock() {
        size += block.count
        guard size <= Self.maxSize else {
          throw UserError(
            .data, at: entry.location, problem: "a workbook of over \(Self.maxSize >> 20) MiB",
            expected: "a smaller one", hint: Self.hint)
        }
        content.append(contentsOf: block)
      }
      parts[path] = content
    }
    try self.init(parts: parts, at: entry.location)
  }

  /// - Parameter parts: the XML files by their paths in lower case.
  /// - Throws: ``UserError`` with exit status `data`.
  init(parts: [String: [UInt8]], at location: String) throws {
    guard let book = parts["xl/workbook.xml"] else {
      throw UserError(
        .data, at: location, problem: "a workbook without xl/workbook.xml",
        expected: "a workbook in the format .xlsx", hint: Self.hint)
    }
    let targets = try Self.targets(parts["xl/_rels/workbook.xml.rels"] ?? [], at: location)
    let (listed, uses1904) = try Self.list(book, at: location)
    strings = try SharedStrings.read(parts["xl/sharedstrings.xml"] ?? [], at: location)
    formats = try CellFormats(parts["xl/styles.xml"] ?? [], uses1904: uses1904, at: location)
    for (name, id) in listed {
      guard let target = targets[id], let content = parts[target] else { continue }
      let sheet = Sheet(
        name: name, location: "\(location): sheet “\(escapingControlCharacters(name))”",
        content: content)
      var cells = SheetReader(try XMLReader(content, at: sheet.location), strings, formats)
      if try cells.next() != nil { sheets.append(sheet) }
    }
  }

  /// A reader of the cells of a sheet.
  /// - Throws: ``UserError`` with exit status `data`.
  func cells(of sheet: Sheet) throws -> SheetReader {
    SheetReader(try XMLReader(sheet.content, at: sheet.location), strings, formats)
  }

  /// The names and relationships of the visible sheets, and whether days are counted from 1904.
  private static func list(
    _ book: [UInt8], at location: String
  ) throws -> (sheets: [(name: String, id: String)], uses1904: Bool) {
    let namespaces = [
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
      "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ]
    var (sheets, uses1904): ([(String, String)], Bool) = ([], false)
    let reader = try XMLReader(book, at: location)
    while let event = try reader.next() {
      switch event {
      case .start("workbookPr"):
        uses1904 = ["1", "true"].contains(reader.attribute("date1904") ?? "")
      case .start("sheet"):
        let state = reader.attribute("state") ?? "visible"
        let id = namespaces.lazy.compactMap { reader.attribute("id", namespace: $0) }.first
        if state == "visible", let name = reader.attribute("name"), let id {
          sheets.append((name, id))
        }
      default: break
      }
    }
    return (sheets, uses1904)
  }

  /// The paths of the worksheets, in lower case, by their relationships.
  private static func targets(_ content: [UInt8], at location: String) throws -> [String: String] {
    var targets: [String: String] = [:]
    guard !content.isEmpty else { return [:] }
    let reader = try XMLReader(content, at: location)
    while let event = try reader.next() {
      guard event == .start("Relationship"), let id = reader.attribute("Id"),
        let target = reader.attribute("Target"),
        reader.attribute("Type")?.hasSuffix("/worksheet") == true
      else { continue }
      targets[id] =
        (target.hasPrefix("/") ? String(target.dropFirst()) : "xl/\(target)").lowercased()
    }
    return targets
  }
}

/// The texts of the cells, which a workbook keeps once each.
enum SharedStrings {
  /// - Throws: ``UserError`` with exit status `data`.
  static func read(_ content: [UInt8], at location: String) throws -> [[UInt8]] {
    guard !content.isEmpty else { return [] }
    var strings: [[UInt8]] = []
    let reader = try XMLReader(content, at: location)
    while let event = try reader.next() {
      if event == .start("si") { strings.append(try richText(reader, until: "si")) }
    }
    return strings
  }

  /// The text of an element: all runs of equally formatted characters, without their pronunciation.
  static func richText(_ reader: XMLReader, until name: String) throws -> [UInt8] {
    var text = ""
    var (isInText, isPhonetic) = (false, false)
    while let event = try reader.next(), event != .end(name) {
      switch event {
      case .start("t"): isInText = true
      case .end("t"): isInText = false
      case .start("rPh"): isPhonetic = true
      case .end("rPh"): isPhonetic = false
      case .text where isInText && !isPhonetic: text += reader.text
      default: break
      }
    }
    return unescaped(text)
  }

  /// Replaces escapes such as `_x000D_`, in which workbooks write characters that XML cannot.
  static func unescaped(_ text: String) -> [UInt8] {
    guard text.contains("_x") else { return Array(text.utf8) }
    let replaced = text.replacing(/_x([0-9A-Fa-f]{4})_/) { match in
      UInt32(match.output.1, radix: 16).flatMap(Unicode.Scalar.init).map { String($0) }
        ?? "\u{FFFD}"
    }
    return Array(replaced.utf8)
  }
}
