import Foundation

/// Reads the values under some keys of a JSON object and skips the rest. Only strings with escapes
/// are copied; nothing is allocated per object.
package final class JSONFieldReader {
  /// A value; its bytes are valid until the next object is read.
  package enum Value {
    /// The object does not have the key.
    case missing
    /// A string without its escapes.
    case string(UnsafeRawBufferPointer)
    /// A number, `true` or `false`, as written.
    case literal(UnsafeRawBufferPointer)
    /// `null`.
    case null
    /// An array or an object, or a value that could not be read to its end.
    case composite
  }

  private static let maxDepth = 100

  /// The values under the keys in the last object, in the order of the keys; if it could not be
  /// read, those before the error.
  package private(set) var values: [Value]
  private let keys: [[UInt8]]
  private let maxKeys: Int?
  private let keyUnescaper = JSONUnescaper()
  private let unescapers: [JSONUnescaper]
  /// The keys of the object, if their number is limited.
  private var seenKeys: [UnsafeRawBufferPointer] = []

  /// - Parameters:
  ///   - keys: the keys to read.
  ///   - maxKeys: if given, objects with more keys or with any duplicate key are errors.
  package init(_ keys: [String], maxKeys: Int? = nil) {
    self.keys = keys.map { Array($0.utf8) }
    self.maxKeys = maxKeys
    values = keys.map { _ in .missing }
    unescapers = keys.map { _ in JSONUnescaper() }
  }

  /// Reads an object and returns ``values``.
  /// - Throws: ``RowError`` if it is not a JSON object or a key to read occurs twice.
  @discardableResult
  package func read(_ object: UnsafeRawBufferPointer) throws -> [Value] {
    for index in values.indices { values[index] = .missing }
    seenKeys.removeAll(keepingCapacity: true)
    var cursor = JSONCursor(object)
    guard cursor.accept("{") else {
      throw RowError(problem: "not a JSON object", expected: "one JSON object a line")
    }
    if !cursor.accept("}") {
      repeat { try readMember(at: &cursor) } while cursor.accept(",")
      guard cursor.accept("}") else { throw syntaxError }
    }
    guard cursor.isAtEnd else { throw syntaxError }
    return values
  }

  private func readMember(at cursor: inout JSONCursor) throws {
    guard let token = cursor.string(), cursor.accept(":") else { throw syntaxError }
    if let maxKeys {
      guard !seenKeys.contains(where: { equal($0, token.bytes) }) else {
        throw RowError(problem: "a duplicate key", expected: "distinct keys")
      }
      guard seenKeys.count < maxKeys else {
        throw RowError(problem: "more than \(maxKeys) keys", expected: "fewer keys")
      }
      seenKeys.append(token.bytes)
    }
    let key = try text(token, keyUnescaper)
    guard let index = keys.firstIndex(where: { $0.withUnsafeBytes { equal($0, key) } }) else {
      guard cursor.skipValue(depth: Self.maxDepth) else { throw syntaxError }
      return
    }
    guard case .missing = values[index] else {
      throw RowError(
        problem: "“\(String(decoding: keys[index], as: UTF8.self))” twice", expected: "it once")
    }
    values[index] = .composite
    values[index] = try value(at: &cursor, unescapers[index])
  }

  private func value(at cursor: inout JSONCursor, _ unescaper: JSONUnescaper) throws -> Value {
    switch cursor.next {
    case UInt8(ascii: "\""):
      guard let token = cursor.string() else { throw syntaxError }
      return .string(try text(token, unescaper))
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard cursor.skipValue(depth: Self.maxDepth) else { throw syntaxError }
      return .composite
    default:
      guard let literal = cursor.literal() else { throw syntaxError }
      return literal.elementsEqual("null".utf8) ? .null : .literal(literal)
    }
  }

  private func text(
    _ token: JSONCursor.StringToken, _ unescaper: JSONUnescaper
  ) throws -> UnsafeRawBufferPointer {
    guard token.hasEscapes else { return token.bytes }
    guard let text = unescaper.unescape(token.bytes) else { throw syntaxError }
    return text
  }

  private var syntaxError: RowError {
    RowError(problem: "broken JSON", expected: "one JSON object a line")
  }
}

@inline(__always)
private func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard left.count == right.count else { return false }
  guard let a = left.baseAddress, let b = right.baseAddress else { return left.isEmpty }
  return memcmp(a, b, left.count) == 0
}
