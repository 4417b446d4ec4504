import Foundation

extension JSONEncoder {
  /// An encoder for files that people read: indented, with sorted keys and dates of ISO 8601. Equal
  /// values give equal text.
  public static var pretty: JSONEncoder {
    let encoder = canonical
    encoder.outputFormatting.insert(.prettyPrinted)
    return encoder
  }

  /// An encoder for one line with sorted keys. Equal values give equal bytes.
  public static var canonical: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return encoder
  }

  /// Returns a value as text.
  public func text(of value: some Encodable) throws -> String {
    String(decoding: try encode(value), as: UTF8.self)
  }
}

/// Returns `text` as a JSON string in which only the necessary characters are escaped.
public func quotedAsJSON(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    // Control characters as JSON demands; the line separators because older JavaScript rejects them.
    case _ where scalar.value < 0x20 || [0x7F, 0x2028, 0x2029].contains(scalar.value):
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

extension Sequence<UInt8> {
  /// The bytes in lower-case hexadecimal, as digests are written.
  public var hexadecimal: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
