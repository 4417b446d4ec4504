import ArgumentParser
import Foundation
import Support

// Fingerprints, inputs, settings and range checks are derived from the flags that a command
// declares, so that no flag can be forgotten. The flags are found by reflection on ArgumentParser's
// property wrappers.

/// A flag of a parsed command.
package struct CommandFlag {
  /// The name of the property, such as `learningRate`.
  package let property: String
  private let wrapper: any FlagWrapper

  /// The name on the command line without dashes, such as `learning-rate`.
  package var name: String {
    property.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
  }
  /// Whether the flag names files or directories that are read.
  package var isInput: Bool { wrapper.isInput }
  /// Whether the values of the flag are numbers.
  var isNumber: Bool { wrapper.isNumber }
  /// The elements of a list, or the single value; empty for an empty list, nil and `auto`.
  var values: [Any] { elements(of: wrapper.value) }
  var value: Any { wrapper.value }

  /// The flags that do not shape the output.
  package static let unrelated: Set<String> = [
    "output", "json", "quiet", "verbose", "verify", "fingerprint", "threads", "checkpoint-seconds",
  ]

  /// The flags of a parsed command in the order of declaration, including its option groups.
  package static func all(of arguments: some ParsableArguments) -> [CommandFlag] {
    find(in: arguments) { $0.flags }
  }

  /// The flags that a command declares, without values, in the same order.
  static func declared(by arguments: some ParsableArguments) -> [CommandFlag] {
    find(in: arguments) { $0.declaredFlags }
  }

  private static func find(
    in arguments: some ParsableArguments, _ flags: (any OptionGroupWrapper) -> [CommandFlag]
  ) -> [CommandFlag] {
    Mirror(reflecting: arguments).children.flatMap { child in
      switch child.value {
      case let group as any OptionGroupWrapper: return flags(group)
      case let wrapper as any FlagWrapper:
        return [CommandFlag(property: String((child.label ?? "").dropFirst()), wrapper: wrapper)]
      default: return []
      }
    }
  }
}

extension StageCommand {
  /// The flags that shape the output of this run, with their values, and what else shapes it; a nil
  /// value means that the flag was not given and has no fixed default.
  public var fingerprintOptions: [FingerprintEntry] {
    CommandFlag.all(of: self).flatMap { flag -> [FingerprintEntry] in
      if flag.isInput || CommandFlag.unrelated.contains(flag.name) || !uses(flag.name) { return [] }
      let values = flag.values
      return values.isEmpty
        ? [FingerprintEntry(flag.name, flag.value is any Automatic ? text(of: flag.value) : nil)]
        : values.map { FingerprintEntry(flag.name, text(of: $0)) }
    } + otherOptions
  }

  /// The files and directories that are read, with the flags that name them.
  public var inputs: [(flag: String, file: InputPath)] {
    CommandFlag.all(of: self).filter(\.isInput).flatMap { flag in
      flag.values.compactMap { ($0 as? InputPath).map { (flag.name, $0) } }
    }
  }
}

extension ParsableArguments {
  /// Returns `defaults` with the properties replaced that have the name of a flag which has a value.
  /// - Parameters:
  ///   - renamed: the properties of `defaults` whose flags have another name, by these names.
  ///   - ignored: the flags that are no property of `defaults`.
  /// - Throws: ``UserError`` if a flag is neither a property nor ignored.
  public func settings<Settings: Codable>(
    _ defaults: Settings, renamed: [String: String] = [:], ignoring ignored: Set<String> = []
  ) throws -> Settings {
    let properties = Set(
      Mirror(reflecting: defaults).children.compactMap(\.label).map {
        $0.hasPrefix("_") ? String($0.dropFirst()) : $0
      })
    let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(defaults))
    var object = encoded as? [String: Any] ?? [:]
    for flag in CommandFlag.all(of: self) where !ignored.contains(flag.property) {
      let property = renamed[flag.property] ?? flag.property
      let values = flag.values
      guard properties.contains(property), values.allSatisfy({ $0 is any Encodable }) else {
        throw UserError(
          .software, at: "--\(flag.name)", problem: "no property \(property) of \(Settings.self)")
      }
      guard let value = values.first as? any Encodable else { continue }
      object[property] = try JSONSerialization.jsonObject(
        with: JSONEncoder().encode(value), options: .fragmentsAllowed)
    }
    return try JSONDecoder().decode(
      Settings.self, from: JSONSerialization.data(withJSONObject: object))
  }

  /// Checks that flags have values in the given ranges.
  /// - Parameter ranges: the allowed values by the names of the properties.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public func validate(ranges: KeyValuePairs<String, FlagRange>) throws {
    let flags = CommandFlag.all(of: self)
    for (property, range) in ranges {
      guard let flag = flags.first(where: { $0.property == property }) else {
        throw ValidationError("There is no flag for the range of “\(property)”.")
      }
      for value in flag.values {
        let number = (value as? Int).map(Double.init) ?? value as? Double
        guard let number, range.contains(number) else {
          throw ValidationError("--\(flag.name) is \(value); it must be \(range).")
        }
      }
    }
  }
}

/// The values that a numeric flag accepts.
public enum FlagRange: CustomStringConvertible, Sendable {
  /// From one number to another, both included.
  case closed(ClosedRange<Double>)
  /// From 0 up to, but not including 1: probabilities of dropout, decays.
  case fraction
  /// Above 0.
  case positive
  /// Any finite number.
  case finite

  /// Integers from one to another, both included.
  public static func integers(_ range: ClosedRange<Int>) -> FlagRange {
    .closed(Double(range.lowerBound)...Double(range.upperBound))
  }
  /// Non-negative numbers up to a limit that only excludes nonsense.
  public static let nonNegative = integers(0...1_000_000_000)
  /// Positive numbers from 1 up to a limit that only excludes nonsense.
  public static let count = integers(1...1_000_000_000)

  func contains(_ value: Double) -> Bool {
    switch self {
    case .closed(let range): range.contains(value)
    case .fraction: (0..<1).contains(value)
    case .positive: value > 0 && value.isFinite
    case .finite: value.isFinite
    }
  }

  /// The range in words, such as `from 1 to 256`.
  public var description: String {
    switch self {
    case .closed(let range): "from \(text(range.lowerBound)) to \(text(range.upperBound))"
    case .fraction: "from 0 to below 1"
    case .positive: "above 0"
    case .finite: "a number"
    }
  }

  private func text(_ bound: Double) -> String {
    Int(exactly: bound).map { "\($0)" } ?? "\(bound)"
  }
}

/// Parses a whole number.
/// - Throws: `ValidationError` that names the range.
public func wholeNumber<Number: FixedWidthInteger & Sendable>(_ text: String) throws -> Number {
  guard let number = Number(text) else {
    throw ValidationError("expected a whole number from \(Number.min) to \(Number.max)")
  }
  return number
}

// MARK: Reflection

/// A property wrapper of ArgumentParser for a flag.
private protocol FlagWrapper {
  var value: Any { get }
  var isInput: Bool { get }
  var isNumber: Bool { get }
}

private protocol OptionGroupWrapper {
  var flags: [CommandFlag] { get }
  var declaredFlags: [CommandFlag] { get }
}

extension Option: FlagWrapper {
  fileprivate var value: Any { wrappedValue }
  fileprivate var isInput: Bool { elementType(of: Value.self) is InputPath.Type }
  fileprivate var isNumber: Bool {
    let type = elementType(of: Value.self)
    return type is any Numeric.Type || type is any NumericArgument.Type
  }
}

extension Flag: FlagWrapper {
  fileprivate var value: Any { wrappedValue }
  fileprivate var isInput: Bool { false }
  fileprivate var isNumber: Bool { false }
}

extension OptionGroup: OptionGroupWrapper {
  fileprivate var flags: [CommandFlag] { CommandFlag.all(of: wrappedValue) }
  fileprivate var declaredFlags: [CommandFlag] { CommandFlag.declared(by: Value()) }
}

/// A type of option values that are numbers and no `Numeric`: different texts can be equal.
public protocol NumericArgument: ExpressibleByArgument {}

private protocol Wrapper {
  static var elementType: Any.Type { get }
}

extension Optional: Wrapper { fileprivate static var elementType: Any.Type { Wrapped.self } }
extension Array: Wrapper { fileprivate static var elementType: Any.Type { Element.self } }
extension AutoOr: Wrapper { fileprivate static var elementType: Any.Type { Value.self } }
extension OptionalInput: Wrapper {
  fileprivate static var elementType: Any.Type { InputPath.self }
}

/// The type of a single value of an option.
private func elementType(of type: Any.Type) -> Any.Type {
  (type as? any Wrapper.Type).map { StageKit.elementType(of: $0.elementType) } ?? type
}

private func elements(of value: Any) -> [Any] {
  if let value = value as? any Automatic { return value.given.map { [$0] } ?? [] }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional, .collection: return mirror.children.flatMap { elements(of: $0.value) }
  default: return [value]
  }
}

/// A value of a flag as on the command line.
func text(of value: Any) -> String {
  ((value as? any RawRepresentable)?.rawValue as? String) ?? "\(value)"
}
