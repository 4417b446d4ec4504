import Support

/// A JSON value in memory, for objects whose structure has to be explored. ``JSONFieldReader`` reads
/// known keys without a copy.
enum JSONValue {
  case null
  /// A number, `true` or `false`, as written.
  case literal([UInt8])
  /// A string without its escapes.
  case string([UInt8])
  case array([JSONValue])
  /// The members of an object in their order; no key occurs twice.
  case object([Member])

  /// A member of an object.
  struct Member {
    var key: String
    var value: JSONValue
  }

  private static let maxDepth = 100

  /// Parses a value.
  /// - Throws: ``RowError`` if it is not valid JSON.
  init(_ text: UnsafeRawBufferPointer) throws {
    var cursor = JSONCursor(text)
    guard let value = cursor.value(depth: Self.maxDepth), cursor.isAtEnd else {
      throw RowError(cursor, in: text)
    }
    self = try Self.value(value, JSONUnescaper())
  }

  /// Builds a value whose syntax has been checked.
  private static func value(
    _ text: UnsafeRawBufferPointer, _ unescaper: JSONUnescaper
  ) throws -> JSONValue {
    var cursor = JSONCursor(text)
    switch cursor.next {
    case UInt8(ascii: "{"):
      var members: [Member] = []
      var keys: Set<String> = []
      _ = try cursor.forEachMember(depth: maxDepth) { key, text in
        let key = String(decoding: try string(key, unescaper), as: UTF8.self)
        guard keys.insert(key).inserted else {
          throw RowError(problem: "“\(key)” twice", expected: "it once")
        }
        members.append(Member(key: key, value: try value(text, unescaper)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      _ = try cursor.forEachElement(depth: maxDepth) { elements.append(try value($0, unescaper)) }
      return .array(elements)
    case UInt8(ascii: "\""):
      return try cursor.string().map { .string(try string($0, unescaper)) } ?? .null
    case UInt8(ascii: "n"): return .null
    default: return .literal(Array(text))
    }
  }

  private static func string(
    _ token: JSONCursor.StringToken, _ unescaper: JSONUnescaper
  ) throws -> [UInt8] {
    guard token.hasEscapes else { return Array(token.bytes) }
    guard let text = unescaper.unescape(token.bytes) else {
      throw RowError(
        problem:
          "broken JSON: an escape in “\(String(decoding: token.bytes.prefix(40), as: UTF8.self))”",
        expected: #"escapes such as \n and \u00e9"#)
    }
    return Array(text)
  }
}

extension JSONValue {
  /// The value under a key of an object.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The value under a key, or at a path through objects such as `meta.source`.
  subscript(path path: String) -> JSONValue? {
    if let value = self[path] { return value }
    var value: JSONValue? = self
    for key in path.split(separator: ".") { value = value?[String(key)] }
    return value
  }

  /// The keys of an object, in their order.
  var keys: [String] {
    if case .object(let members) = self { members.map(\.key) } else { [] }
  }

  /// The elements of an array; nil for other values.
  var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// A string, or a number or truth value as written; nil for other values.
  var scalar: [UInt8]? {
    switch self {
    case .string(let text), .literal(let text): text
    case .null, .array, .object: nil
    }
  }

  /// A string; nil for other values.
  var string: [UInt8]? { if case .string(let text) = self { text } else { nil } }

  /// Whether it is `null` or an empty string.
  var isEmpty: Bool {
    switch self {
    case .null: true
    case .string(let text): text.allSatisfy { $0 <= 0x20 }
    case .literal, .array, .object: false
    }
  }

  /// Whether it is `true`.
  var isTrue: Bool {
    if case .literal(let text) = self { text.elementsEqual("true".utf8) } else { false }
  }
}
