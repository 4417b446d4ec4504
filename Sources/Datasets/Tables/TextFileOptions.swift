import Support

/// How files with text are read.
public struct TextFileOptions: Equatable, Sendable {
  /// The encoding; if nil, UTF-8, UTF-16 or UTF-32 by the first bytes of a file.
  public var encoding: TextEncoding?
  /// The character between the fields of tables; if nil, the one with which the columns are found.
  var delimiter: UInt8?
  /// The character that encloses fields of CSV.
  var quote = UInt8(ascii: "\"")
  /// The number of lines before the line of names, or the first row, of tables.
  var skippedLines = 0
  /// The sheet of a workbook; if nil, the only one with the columns.
  package var sheet: String?

  /// Options as they are given on the command line; nil means the default.
  /// - Parameters:
  ///   - encoding: a name that iconv knows.
  ///   - delimiter: an ASCII character; a tab also as `tab` or `\t`.
  ///   - quote: an ASCII character.
  ///   - sheet: the name of the sheet of a workbook.
  /// - Throws: ``UserError`` with exit status `usage`.
  public init(
    encoding: String? = nil, delimiter: String? = nil, quote: String? = nil, skipLines: Int? = nil,
    sheet: String? = nil
  ) throws {
    self.sheet = sheet
    self.encoding = try encoding.map { try TextEncoding($0) }
    self.delimiter = try delimiter.map { text in
      if text == "tab" || text == "\\t" { return UInt8(ascii: "\t") }
      return try Self.character(text, "--delimiter", expected: "one ASCII character, or tab")
    }
    if let quote {
      self.quote = try Self.character(
        quote, "--quote", expected: "the ASCII character that encloses fields, such as \"'\"")
    }
    guard self.delimiter != self.quote else {
      throw UserError(
        .usage, at: "--delimiter", problem: "“\(delimiter ?? "")”, which encloses fields",
        expected: "another character than --quote")
    }
    skippedLines = skipLines ?? 0
    guard 0...1000 ~= skippedLines else {
      throw UserError(
        .usage, at: "--skip-lines", problem: "\(skippedLines)", expected: "from 0 to 1000 lines")
    }
  }

  /// The defaults.
  public init() {}

  /// A flag that affects tables only and was given; nil if there is none.
  var tableFlag: String? {
    if delimiter != nil { return "--delimiter" }
    if skippedLines > 0 { return "--skip-lines" }
    return quote == TextFileOptions().quote ? nil : "--quote"
  }

  private static func character(
    _ text: String, _ flag: String, expected: String
  ) throws -> UInt8 {
    guard let byte = text.utf8.first, text.utf8.count == 1, byte != 0, byte != UInt8(ascii: "\n"),
      byte != UInt8(ascii: "\r")
    else { throw UserError(.usage, at: flag, problem: "“\(text)”", expected: expected) }
    return byte
  }
}
