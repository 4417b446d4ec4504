import Foundation
import Support

/// Reads the values under some keys of a JSON object and skips the rest. Only strings with escapes
/// are copied.
///
/// A key may be a path: `data.text` is `text` in the object under `data`, unless there is a key
/// `data.text`. An array of one element is read as this element; of several elements, a number
/// selects one, from 0, as in `annotations.0.result`.
package final class JSONFieldReader {
  /// A value; its bytes are valid until the next object is read.
  package enum Value {
    /// The object does not have the key.
    case missing
    /// A string without its escapes.
    case string(UnsafeRawBufferPointer)
    /// A number, `true` or `false`, as written.
    case literal(UnsafeRawBufferPointer)
    /// `null`, or an empty array.
    case null
    /// An array of several elements, as written.
    case array(UnsafeRawBufferPointer)
    /// An object, as written.
    case object(UnsafeRawBufferPointer)
  }

  private struct Field {
    let path: [UInt8]
    let unescaper = JSONUnescaper()
    /// The value of the longest key with which the path begins.
    var found: (keyLength: Int, value: UnsafeRawBufferPointer)?
  }

  private static let maxDepth = 100

  /// The values under the keys in the last object that could be read, in the order of the keys.
  package private(set) var values: [Value]
  private var fields: [Field]
  private let maxKeys: Int?
  private let keyUnescaper = JSONUnescaper()
  /// The keys of the object, if their number is limited.
  private var seenKeys: [UnsafeRawBufferPointer] = []
  private var object = UnsafeRawBufferPointer(start: nil, count: 0)

  /// - Parameters:
  ///   - keys: the keys to read.
  ///   - maxKeys: if given, objects with more keys or with any duplicate key are errors, and an array
  ///     of one element remains an array.
  package init(_ keys: [String], maxKeys: Int? = nil) {
    fields = keys.map { Field(path: Array($0.utf8)) }
    self.maxKeys = maxKeys
    values = keys.map { _ in .missing }
  }

  /// Reads an object and returns ``values``.
  /// - Throws: ``RowError`` if it is not a JSON object or a key to read occurs twice.
  @discardableResult
  package func read(_ object: UnsafeRawBufferPointer) throws -> [Value] {
    for index in fields.indices { fields[index].found = nil }
    seenKeys.removeAll(keepingCapacity: true)
    self.object = object
    var cursor = JSONCursor(object)
    guard cursor.next == UInt8(ascii: "{") else {
      throw RowError(problem: "not a JSON object", expected: "one JSON object a line")
    }
    guard try cursor.forEachMember(depth: Self.maxDepth, take), cursor.isAtEnd else {
      throw RowError(cursor, in: object)
    }
    for (index, field) in fields.enumerated() {
      values[index] =
        try field.found.map {
          try value(of: $0.value, field.path.dropFirst($0.keyLength + 1), field.unescaper)
        } ?? .missing
    }
    return values
  }

  private func take(_ key: JSONCursor.StringToken, _ value: UnsafeRawBufferPointer) throws {
    if let maxKeys {
      guard !seenKeys.contains(where: { equal($0, key.bytes) }) else {
        throw RowError(problem: "a duplicate key", expected: "distinct keys")
      }
      guard seenKeys.count < maxKeys else {
        throw RowError(problem: "more than \(maxKeys) keys", expected: "fewer keys")
      }
      seenKeys.append(key.bytes)
    }
    let key = try text(key, keyUnescaper)
    for index in fields.indices {
      try select(key, value, on: fields[index].path[...], &fields[index].found)
    }
  }

  /// Remembers a member of an object if its key begins the path and is longer than those before.
  private func select(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, on path: ArraySlice<UInt8>,
    _ found: inout (keyLength: Int, value: UnsafeRawBufferPointer)?
  ) throws {
    guard path.count == key.count || path.dropFirst(key.count).first == UInt8(ascii: "."),
      path.withUnsafeBytes({ equal(UnsafeRawBufferPointer(rebasing: $0[..<key.count]), key) })
    else { return }
    guard found?.keyLength != key.count else {
      throw RowError(
        problem: "“\(String(decoding: key, as: UTF8.self))” twice", expected: "it once")
    }
    if key.count > found?.keyLength ?? -1 { found = (key.count, value) }
  }

  /// The value at a path that begins in `value`; ``Value/missing`` if there is none.
  private func value(
    of value: UnsafeRawBufferPointer, _ path: ArraySlice<UInt8>, _ unescaper: JSONUnescaper
  ) throws -> Value {
    var cursor = JSONCursor(value)
    switch cursor.next {
    case UInt8(ascii: "["):
      return try element(of: value, path, unescaper)
    case UInt8(ascii: "n"):
      return .null
    case UInt8(ascii: "{") where !path.isEmpty:
      var found: (keyLength: Int, value: UnsafeRawBufferPointer)?
      _ = try cursor.forEachMember(depth: Self.maxDepth) { key, value in
        try select(try text(key, keyUnescaper), value, on: path, &found)
      }
      guard let found else { return .missing }
      return try self.value(of: found.value, path.dropFirst(found.keyLength + 1), unescaper)
    case _ where !path.isEmpty:
      return .missing
    case UInt8(ascii: "{"):
      return .object(value)
    case UInt8(ascii: "\""):
      return try cursor.string().map { .string(try text($0, unescaper)) } ?? .missing
    default:
      return .literal(value)
    }
  }

  /// The value at a path that begins in an array.
  private func element(
    of array: UnsafeRawBufferPointer, _ path: ArraySlice<UInt8>, _ unescaper: JSONUnescaper
  ) throws -> Value {
    let step = path.prefix { $0 != UInt8(ascii: ".") }
    let number = Int(String(decoding: step, as: UTF8.self))
    var (count, selected) = (0, UnsafeRawBufferPointer?.none)
    var cursor = JSONCursor(array)
    _ = cursor.forEachElement(depth: Self.maxDepth) { element in
      if count == number ?? 0 { selected = element }
      count += 1
    }
    if number == nil, count > 1 || count == 1 && path.isEmpty && maxKeys != nil {
      return .array(array)
    }
    guard let selected else { return number == nil ? .null : .missing }
    return try value(
      of: selected, number == nil ? path : path.dropFirst(step.count + 1), unescaper)
  }

  private func text(
    _ token: JSONCursor.StringToken, _ unescaper: JSONUnescaper
  ) throws -> UnsafeRawBufferPointer {
    guard token.hasEscapes else { return token.bytes }
    guard let text = unescaper.unescape(token.bytes) else {
      let offset = object.baseAddress.flatMap { start in token.bytes.baseAddress.map { $0 - start }
      }
      throw RowError(
        problem: "broken JSON: an escape in this string",
        expected: #"escapes such as \n and \u00e9"#,
        at: offset ?? 0, in: object)
    }
    return text
  }

  /// The keys of an object, those of objects in it as paths; for messages.
  package static func paths(in object: UnsafeRawBufferPointer) -> [String] {
    var paths: [String] = []
    let unescaper = JSONUnescaper()
    func add(_ value: UnsafeRawBufferPointer, _ path: String) {
      var cursor = JSONCursor(value)
      let prefix = path.isEmpty ? "" : path + "."
      switch cursor.next {
      case UInt8(ascii: "{"):
        _ = cursor.forEachMember(depth: maxDepth) { key, value in
          let name = unescaper.unescape(key.bytes) ?? key.bytes
          add(value, prefix + String(decoding: name, as: UTF8.self))
        }
      case UInt8(ascii: "["):
        var elements: [UnsafeRawBufferPointer] = []
        _ = cursor.forEachElement(depth: maxDepth) { if elements.count < 2 { elements.append($0) } }
        guard elements.first?.first == UInt8(ascii: "{") else { fallthrough }
        add(elements[0], elements.count > 1 ? prefix + "0" : path)
      default: paths.append(path)
      }
    }
    add(object, "")
    return paths
  }
}

extension RowError {
  /// The error that stopped a cursor in `text`.
  init(_ cursor: JSONCursor, in text: UnsafeRawBufferPointer) {
    let found = cursor.found
    let (problem, expected): (String, String) =
      switch found {
      case "": ("broken JSON: the end", "\(cursor.expectation)")
      case "'":
        (
          "a single quote as in Python, which is not JSON",
          "keys and texts in double quotes, as Python's json.dumps writes them"
        )
      case "True", "False", "None":
        (
          "“\(found)” as in Python, which is not JSON",
          "true, false or null, as Python's json.dumps writes them"
        )
      case _ where ["nan", "inf", "infinity"].contains(found.lowercased().drop { $0 == "-" }):
        ("“\(found)”, which is not JSON", "a number, or null where there is none")
      default: ("broken JSON: “\(found)”", "\(cursor.expectation)")
      }
    self.init(problem: problem, expected: expected, at: cursor.position, in: text)
  }

  /// An error at a position in the text of a row.
  init(problem: String, expected: String, at offset: Int, in text: UnsafeRawBufferPointer) {
    self.init(problem: problem, expected: expected)
    let before = text.prefix(offset)
    line = 1 + before.count { $0 == 0x0A }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }
  }
}

@inline(__always)
private func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard left.count == right.count else { return false }
  guard let a = left.baseAddress, let b = right.baseAddress else { return left.isEmpty }
  return memcmp(a, b, left.count) == 0
}
