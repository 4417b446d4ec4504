import Datasets
import Support

/// Finds the text in each line of one input.
struct TextRowReader {
  /// Why a line holds no text.
  typealias Defect = RowError

  private let format: InputFormat
  private let column: String
  private let place: String
  /// The place of the text among the fields, and how many fields there are.
  private var header: (text: Int, count: Int)?
  private let fields: JSONFieldReader

  /// - Parameters:
  ///   - format: any but `auto` and `csv`.
  ///   - column: the column or key of the text.
  ///   - place: the input, for messages.
  init(_ format: InputFormat, column: String, place: String) {
    (self.format, self.column, self.place) = (format, column, place)
    fields = JSONFieldReader([column])
  }

  /// Hands over the text of a line, if the line is to hold one, valid during the call.
  /// - Throws: ``Defect`` if the line is bad, ``UserError`` of kind `data` if the whole input is, and
  ///   what `body` throws.
  mutating func read(_ line: Line, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard !line.isTooLong else {
      throw Defect(
        problem: "a line of over \(Line.maxLength >> 20) MiB", expected: "one text a line")
    }
    let bytes =
      line.number == 1
      ? try withoutByteOrderMark(line.bytes, at: place, hint: "save it again as UTF-8")
      : line.bytes
    switch format {
    case .auto, .csv, .text: try body(bytes)
    case .tsv:
      let fields = bytes.split(
        separator: UInt8(ascii: "\t"), maxSplits: header?.count ?? 10_000,
        omittingEmptySubsequences: false)
      if let header {
        guard fields.count == header.count else {
          let more = fields.count > header.count ? "more than \(header.count)" : "\(fields.count)"
          throw Defect(problem: "\(more) fields", expected: "\(header.count)")
        }
        try body(UnsafeRawBufferPointer(rebasing: fields[header.text]))
      } else {
        header = try read(header: fields.map { String(decoding: $0, as: UTF8.self) })
      }
    case .jsonLines:
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
      try body(try value(in: bytes))
    }
  }

  private func read(header names: [String]) throws -> (text: Int, count: Int) {
    let places = names.indices.filter { names[$0].utf8.elementsEqual(column.utf8) }
    guard let first = places.first, places.count == 1 else {
      let list = names.prefix(12).joined(separator: ", ")
      throw UserError(
        .data, at: "\(place): line 1",
        problem: places.isEmpty ? "the columns \(list)" : "\(places.count) columns “\(column)”",
        expected: "a line of names with one column “\(column)”",
        hint: "name the column of the text with --column")
    }
    return (first, names.count)
  }

  /// The text under the key of a JSON object.
  private func value(in line: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    switch try fields.read(line).first {
    case .string(let text): return text
    case .literal, .null, .composite:
      throw Defect(problem: "“\(column)” that is no string", expected: "a text")
    case .missing, nil: throw Defect(problem: "no “\(column)”", expected: "a text under that key")
    }
  }
}
