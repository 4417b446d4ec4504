/// A setting that files leave out while it is neutral: files written before there was such a setting
/// still open, and a file that makes no use of it has the bytes that it always had.
@propertyWrapper
public struct Omissible<Value: Neutral & Codable & Equatable & Sendable>: Codable, Equatable,
  Sendable
{
  /// The setting.
  public var wrappedValue: Value

  /// A setting of this value.
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

/// What has a value that changes nothing.
public protocol Neutral {
  /// The value that changes nothing.
  static var neutral: Self { get }
}

extension Double: Neutral {
  /// Nothing of it.
  public static var neutral: Double { 0 }
}

extension Int: Neutral {
  /// None.
  public static var neutral: Int { 0 }
}

// What the compiler makes of `Codable` calls these two for such properties.
extension KeyedEncodingContainer {
  mutating func encode<Value>(_ value: Omissible<Value>, forKey key: Key) throws {
    guard value.wrappedValue != .neutral else { return }
    try encode(value.wrappedValue, forKey: key)
  }
}

extension KeyedDecodingContainer {
  func decode<Value>(_: Omissible<Value>.Type, forKey key: Key) throws -> Omissible<Value> {
    Omissible(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? .neutral)
  }
}
