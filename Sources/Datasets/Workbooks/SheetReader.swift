import Support

/// Reads the rows of a sheet.
struct SheetReader {
  /// A row with cells.
  struct Cells {
    /// The number of the row, from 1.
    var number: Int
    /// The texts of the cells from the first column on; empty where there is no cell.
    var texts: [[UInt8]]
  }

  private let reader: XMLReader
  private let strings: [[UInt8]]
  private let formats: CellFormats
  private var row = 0

  /// The greatest number of columns of a sheet.
  private static let maxColumns = 16_384

  init(_ reader: XMLReader, _ strings: [[UInt8]], _ formats: CellFormats) {
    (self.reader, self.strings, self.formats) = (reader, strings, formats)
  }

  /// The next row that has a cell with text, or nil at the end.
  /// - Throws: ``UserError`` with exit status `data` if the sheet is damaged.
  mutating func next() throws -> Cells? {
    while let event = try reader.next() {
      guard event == .start("row") else { continue }
      row = reader.attribute("r").flatMap { Int($0) }.flatMap { $0 > row ? $0 : nil } ?? row &+ 1
      var cells = Cells(number: row, texts: [])
      while let event = try reader.next(), event != .end("row") {
        if event == .start("c") { try addCell(to: &cells) }
      }
      if cells.texts.contains(where: { $0.contains { $0 > 0x20 } }) { return cells }
    }
    return nil
  }

  private func addCell(to cells: inout Cells) throws {
    let column = reader.attribute("r").flatMap(Self.column) ?? cells.texts.count
    let (type, style) = (reader.attribute("t"), reader.attribute("s").flatMap { Int($0) })
    var value = ""
    var text: [UInt8]?
    var isInValue = false
    while let event = try reader.next(), event != .end("c") {
      switch event {
      case .start("v"): isInValue = true
      case .end("v"): isInValue = false
      case .start("is"): text = try SharedStrings.richText(reader, until: "is")
      case .text where isInValue: value += reader.text
      default: break
      }
    }
    guard column < Self.maxColumns else { return }
    while cells.texts.count <= column { cells.texts.append([]) }
    cells.texts[column] = text ?? self.text(of: value, type: type, style: style)
  }

  private func text(of value: String, type: String?, style: Int?) -> [UInt8] {
    switch type {
    case "s": Int(value).flatMap { strings.indices.contains($0) ? strings[$0] : nil } ?? []
    case "b": Array((value == "1" ? "TRUE" : value == "0" ? "FALSE" : value).utf8)
    case "str": SharedStrings.unescaped(value)
    case nil, "n": Array(formats.text(of: value, style: style).utf8)
    default: Array(value.utf8)
    }
  }

  /// The column of a reference such as `AB12`, from 0; nil if it has no letters.
  static func column(of reference: String) -> Int? {
    var column = 0
    for letter in reference.utf8.prefix(while: { 0x41...0x5A ~= $0 & 0xDF }).prefix(4) {
      column = column * 26 + Int(letter & 0xDF) - 0x40
    }
    return column > 0 ? column - 1 : nil
  }
}
