import Support

/// How the objects of a JSON file are arranged.
enum JSONLayout: Equatable {
  /// One object per line.
  case lines
  /// Objects of several lines each.
  case objects
  /// An array of objects.
  case array
  /// An array of objects under a key of one object, after this number of bytes.
  case list(key: String, offset: Int)

  /// The layout of a file that begins with `head`, in UTF-8 without a byte order mark.
  /// - Parameter columns: the keys to read; an object with one of them is no object around a list.
  init(head: UnsafeRawBufferPointer, columns: [String]) {
    var cursor = JSONCursor(head)
    if cursor.next == UInt8(ascii: "[") {
      self = .array
    } else if let (key, offset) = Self.list(in: head, columns) {
      self = .list(key: key, offset: offset)
    } else {
      let line = head.prefix { $0 != 0x0A }.filter { $0 > 0x20 }
      self = line.elementsEqual("{".utf8) ? .objects : .lines
    }
  }

  /// The key and the position of the list of objects, if the text is an object around one.
  private static func list(
    in head: UnsafeRawBufferPointer, _ columns: [String]
  ) -> (key: String, offset: Int)? {
    var cursor = JSONCursor(head)
    guard cursor.accept("{") else { return nil }
    var list: (key: String, offset: Int)?
    repeat {
      guard let token = cursor.key() else { break }
      let key = String(decoding: token.bytes, as: UTF8.self)
      if columns.contains(where: { $0 == key || $0.hasPrefix(key + ".") }) { return nil }
      var value = cursor
      if list == nil, value.accept("["), value.next == UInt8(ascii: "{") {
        list = (key, cursor.position)
      }
    } while cursor.value(depth: 100) != nil && cursor.accept(",")
    // Rows may contain lists, too; another row follows then.
    return cursor.accept("}") && !cursor.isAtEnd ? nil : list
  }
}

extension ArchiveEntry {
  /// Calls `body` with the objects of a JSON file.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt or the text is not of
  ///   the layout; errors of `body`.
  func forEachObject(
    in layout: JSONLayout, maxLength: Int = Line.maxLength, _ body: (Line) throws -> Void
  ) throws {
    guard layout != .lines else { return try forEachLine(maxLength: maxLength, body) }
    var splitter = JSONObjectSplitter(layout, maxLength: maxLength, at: location)
    try forEachTextBlock(nil) { try splitter.split($0, body) }
    try splitter.finish(body)
  }
}

/// Splits JSON that is not one object per line into objects by counting brackets outside of strings.
/// Memory is bounded by `maxLength`; a larger object is passed once, truncated and marked.
struct JSONObjectSplitter {
  private let maxLength: Int
  private let location: String
  private let layout: JSONLayout
  /// The brackets in which the objects are.
  private let brackets: [UInt8]
  /// The open brackets around the position, outside of objects.
  private var open: [UInt8] = []
  /// Whether the list under the key has ended.
  private var isAfterList = false
  private var object: [UInt8] = []
  private var length = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var number = 1
  private var offset = 0
  private var position = (line: 1, column: 1)
  private var start = (line: 1, column: 1)

  init(_ layout: JSONLayout, maxLength: Int = Line.maxLength, at location: String) {
    (self.layout, self.maxLength, self.location) = (layout, maxLength, location)
    switch layout {
    case .lines, .objects: brackets = []
    case .array: brackets = Array("[".utf8)
    case .list: brackets = Array("{[".utf8)
    }
  }

  /// Calls `body` with each object as a line whose `number` counts objects.
  /// - Throws: ``UserError`` with exit status `data` if there is something else between the objects;
  ///   errors of `body`.
  mutating func split(_ block: UnsafeRawBufferPointer, _ body: (Line) throws -> Void) throws {
    for byte in block {
      if depth > 0 {
        if append(byte) { try emit(isEnded: true, body) }
      } else if case .list(_, let listOffset) = layout, offset < listOffset {
        open = [UInt8(ascii: "{")]
      } else {
        try step(byte)
      }
      offset += 1
      if byte == 0x0A {
        position = (position.line + 1, 1)
      } else if byte & 0xC0 != 0x80 {
        position.column += 1
      }
    }
  }

  /// Emits a truncated object at the end of the file.
  /// - Throws: ``UserError`` with exit status `data` if the file ends within the array; errors of
  ///   `body`.
  mutating func finish(_ body: (Line) throws -> Void) throws {
    if depth > 0 {
      try emit(isEnded: false, body)
    } else if !open.isEmpty {
      throw error("the end of the file", "the next object, or the end of the array")
    }
  }

  /// Takes a byte between the objects.
  private mutating func step(_ byte: UInt8) throws {
    // In the rest of the object around the list.
    let isElsewhere = isAfterList && !open.isEmpty
    let isOpening =
      isElsewhere ? open.count < 100 : !isAfterList && brackets.starts(with: open + [byte])
    switch byte {
    case _ where isInString:
      isInString = isEscaped || byte != UInt8(ascii: "\"")
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","): break
    case UInt8(ascii: "{") where open == brackets && !isAfterList:
      start = position
      _ = append(byte)
    case UInt8(ascii: "{") where open == brackets && isElsewhere:
      throw error("a second list of objects", "one list of objects")
    case UInt8(ascii: "{") where isOpening, UInt8(ascii: "[") where isOpening: open.append(byte)
    case UInt8(ascii: "]") where open.last == UInt8(ascii: "["),
      UInt8(ascii: "}") where open.last == UInt8(ascii: "{"):
      isAfterList = isAfterList || layout != .array && open == brackets
      open.removeLast()
    case UInt8(ascii: "\"") where isElsewhere: isInString = true
    case _ where isElsewhere && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "["): break
    default:
      throw error(
        "“\(0x21...0x7E ~= byte ? String(UnicodeScalar(byte)) : "0x" + String(byte, radix: 16))”",
        isAfterList ? "the end of the file" : "the next object")
    }
  }

  private func error(_ problem: String, _ expected: String) -> UserError {
    var hint = "write one JSON object a line"
    if case .list(let key, _) = layout {
      hint = "take out the objects, as in: jq -c '.\(quotedAsJSON(key))[]' FILE >rows.jsonl"
    }
    return UserError(
      .data, at: "\(location): line \(position.line), column \(position.column)", problem: problem,
      expected: expected, hint: hint)
  }

  /// Adds a byte to the object and returns whether it was the last.
  private mutating func append(_ byte: UInt8) -> Bool {
    length += 1
    if length <= maxLength { object.append(byte) }
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
    return depth == 0
  }

  private mutating func emit(isEnded: Bool, _ body: (Line) throws -> Void) throws {
    try object.withUnsafeBytes {
      try body(
        Line(
          bytes: $0, number: number, isEnded: isEnded, isTooLong: length > maxLength, start: start))
    }
    number += 1
    length = 0
    object.removeAll(keepingCapacity: true)
  }
}

/// Splits a JSON file into its objects, whatever their layout.
struct JSONRecords {
  private var objects: JSONObjectSplitter?
  private var lines = LineSplitter(maxLength: Line.maxLength)

  /// The counted unit: lines or objects.
  var unit: String { objects == nil ? "line" : "object" }

  init(_ layout: JSONLayout, at location: String) {
    if layout != .lines { objects = JSONObjectSplitter(layout, at: location) }
  }

  /// Calls `body` with each object that ends in the block.
  /// - Throws: ``UserError`` with exit status `data` if there is something else between the objects;
  ///   errors of `body`.
  mutating func split(_ block: UnsafeRawBufferPointer, _ body: (Line) throws -> Void) throws {
    if objects == nil { try lines.split(block, body) } else { try objects?.split(block, body) }
  }

  /// Calls `body` with the last object, if any.
  /// - Throws: as ``split(_:_:)``.
  mutating func finish(_ body: (Line) throws -> Void) throws {
    if objects == nil { try lines.finish(body) } else { try objects?.finish(body) }
  }
}
