import Foundation

/// Reads one Yelp review, a JSON object, for its `stars` and `text` in any order and ignores the
/// rest. Written for files of gigabytes: strings are crossed with `memchr`, nothing is allocated
/// for a row, and a text is only copied if it holds escapes.
struct YelpReviewParser {
  /// What a row turned out to be.
  enum Outcome {
    /// A review of 1 to 5 stars; the text is valid until the next scan.
    case review(stars: Int, text: UnsafeRawBufferPointer)
    /// A row to be dropped, and why.
    case dropped(String)
  }

  /// Rows with more keys than this are none of Yelp's.
  private static let mostKeys = 64
  private static let deepestNesting = 64

  private var cursor = JSONCursor()
  private var keys: [UnsafeRawBufferPointer] = []
  private var scratch = JSONUnescaper()
  private var text: JSONCursor.StringToken?
  private var stars: Stars = .missing
  /// Whether the last row had the key `stars`, read or not.
  private(set) var sawStars = false
  /// Whether the last row had the key `text`, read or not.
  private(set) var sawText = false

  private enum Stars {
    case missing
    case whole(Int)
    case unusable
  }

  /// Reads a row. The bytes must stay valid while the outcome is in use.
  mutating func scan(_ row: UnsafeRawBufferPointer) -> Outcome {
    cursor = JSONCursor(row)
    keys.removeAll(keepingCapacity: true)
    (text, stars, sawStars, sawText) = (nil, .missing, false, false)
    if let defect = object() { return .dropped(defect) }
    guard cursor.isAtEnd else { return .dropped("not one JSON object") }
    guard let text else { return .dropped(sawText ? "“text” is no string" : "no “text”") }
    switch stars {
    case .missing: return .dropped("no “stars”")
    case .unusable: return .dropped("“stars” is no number of 1 to 5")
    case .whole(let number):
      let bytes = text.hasEscapes ? scratch.unescape(text.bytes) : text.bytes
      guard let bytes else { return .dropped("not valid JSON") }
      guard bytes.contains(where: { $0 > 0x20 }) else { return .dropped("no text") }
      return .review(stars: number, text: bytes)
    }
  }

  /// Reads the object; returns what is wrong with it, if anything is.
  private mutating func object() -> String? {
    let broken = "not valid JSON"
    guard cursor.accept("{") else { return "not a JSON object" }
    if cursor.accept("}") { return nil }
    repeat {
      guard let key = cursor.string(), cursor.accept(":") else { return broken }
      guard isNew(key.bytes) else { return "a key that stands twice" }
      guard keys.count < Self.mostKeys else { return "more keys than a review has" }
      keys.append(key.bytes)
      guard value(of: key.bytes) else { return broken }
    } while cursor.accept(",")
    return cursor.accept("}") ? nil : broken
  }

  private func isNew(_ key: UnsafeRawBufferPointer) -> Bool {
    for other in keys where other.count == key.count {
      guard let left = other.baseAddress, let right = key.baseAddress else { return false }
      if memcmp(left, right, key.count) == 0 { return false }
    }
    return true
  }

  private mutating func value(of key: UnsafeRawBufferPointer) -> Bool {
    if key.elementsEqual("text".utf8) {
      sawText = true
      if cursor.next == UInt8(ascii: "\"") {
        text = cursor.string()
        return text != nil
      }
    } else if key.elementsEqual("stars".utf8) {
      sawStars = true
      guard let token = cursor.number() else {
        stars = .unusable
        return cursor.skipValue(depth: Self.deepestNesting)
      }
      stars = Self.whole(token).map { .whole($0) } ?? .unusable
      return true
    }
    return cursor.skipValue(depth: Self.deepestNesting)
  }

  /// 1 to 5, as `5` or as `5.0`.
  private static func whole(_ token: UnsafeRawBufferPointer) -> Int? {
    guard let digit = token.first, UInt8(ascii: "1")...UInt8(ascii: "5") ~= digit else {
      return nil
    }
    let rest = token.dropFirst()
    guard
      rest.isEmpty
        || rest.first == UInt8(ascii: ".") && rest.count > 1
          && rest.dropFirst().allSatisfy({ $0 == UInt8(ascii: "0") })
    else { return nil }
    return Int(digit - UInt8(ascii: "0"))
  }
}
