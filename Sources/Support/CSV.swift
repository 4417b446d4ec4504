/// Writes tables as in RFC 4180: UTF-8, fields separated by commas, rows ended by CR LF.
package enum CSV {
  /// A row with its line ending. A field with a comma, a quotation mark or a line ending is in quotes.
  package static func row(_ fields: some Sequence<String>) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  /// Any text as one field.
  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
