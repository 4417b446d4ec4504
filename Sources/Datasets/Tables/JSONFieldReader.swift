/// Finds the values under some keys of a JSON object and steps over the rest. Nothing is copied but
/// strings with escapes.
package final class JSONFieldReader {
  /// What stands under a key; the bytes are valid until the next object is read.
  package enum Value {
    /// The key is not there.
    case missing
    /// A string, without its escapes.
    case string(UnsafeRawBufferPointer)
    /// A number, `true` or `false`, as it is written.
    case literal(UnsafeRawBufferPointer)
    /// `null`.
    case null
    /// An array or an object.
    case composite
  }

  private static let deepestNesting = 100

  private let keys: [String]
  private let keyText = JSONUnescaper()
  private let texts: [JSONUnescaper]

  /// - Parameter keys: what is looked for.
  package init(_ keys: [String]) {
    self.keys = keys
    texts = keys.map { _ in JSONUnescaper() }
  }

  /// The values under the keys, in their order.
  /// - Throws: ``RowError`` if this is no JSON object or one of the keys stands in it twice.
  package func read(_ object: UnsafeRawBufferPointer) throws -> [Value] {
    var cursor = JSONCursor(object)
    var values = [Value](repeating: .missing, count: keys.count)
    guard cursor.accept("{") else {
      throw RowError(problem: "no “{” first", expected: "a JSON object")
    }
    if !cursor.accept("}") {
      repeat {
        guard let token = cursor.string(), cursor.accept(":") else { throw notJSON }
        let key = try text(token, keyText)
        guard let index = keys.firstIndex(where: { key.elementsEqual($0.utf8) }) else {
          guard cursor.skipValue(depth: Self.deepestNesting) else { throw notJSON }
          continue
        }
        guard case .missing = values[index] else {
          throw RowError(problem: "“\(keys[index])” twice", expected: "it once")
        }
        values[index] = try value(at: &cursor, texts[index])
      } while cursor.accept(",")
      guard cursor.accept("}") else { throw notJSON }
    }
    guard cursor.isAtEnd else { throw notJSON }
    return values
  }

  private func value(at cursor: inout JSONCursor, _ store: JSONUnescaper) throws -> Value {
    switch cursor.next {
    case UInt8(ascii: "\""):
      guard let token = cursor.string() else { throw notJSON }
      return .string(try text(token, store))
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard cursor.skipValue(depth: Self.deepestNesting) else { throw notJSON }
      return .composite
    default:
      guard let literal = cursor.literal() else { throw notJSON }
      return literal.elementsEqual("null".utf8) ? .null : .literal(literal)
    }
  }

  private func text(
    _ token: JSONCursor.StringToken, _ store: JSONUnescaper
  ) throws -> UnsafeRawBufferPointer {
    guard token.hasEscapes else { return token.bytes }
    guard let text = store.unescape(token.bytes) else { throw notJSON }
    return text
  }

  private var notJSON: RowError {
    RowError(problem: "broken JSON", expected: "one JSON object a line")
  }
}
