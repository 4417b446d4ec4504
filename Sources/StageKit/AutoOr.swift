import ArgumentParser

/// The value of a flag, or `auto`: it then follows from other flags, from inputs or from the data.
public enum AutoOr<Value: ExpressibleByArgument & Sendable>: ExpressibleByArgument,
  CustomStringConvertible, Sendable
{
  /// The value is not given.
  case auto
  /// The given value.
  case value(Value)

  /// Parses `auto` or a value.
  public init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else {
      guard let value = Value(argument: argument) else { return nil }
      self = .value(value)
    }
  }

  /// The given value, or nil.
  public var value: Value? { if case .value(let value) = self { value } else { nil } }
  /// The text on the command line.
  public var description: String { value.map { text(of: $0) } ?? "auto" }
  /// The default as in help texts.
  public var defaultValueDescription: String { description }
  /// `auto` and the values of a closed set; empty for numbers.
  public static var allValueStrings: [String] {
    Value.allValueStrings.isEmpty ? [] : ["auto"] + Value.allValueStrings
  }
}

/// A file or directory that a stage reads, or `none`.
public enum OptionalInput: ExpressibleByArgument, CustomStringConvertible, Sendable {
  /// Nothing is read.
  case none
  /// The file or directory that is read.
  case path(InputPath)

  /// Parses `none` or a path; a file of this name is `./none`.
  public init?(argument: String) {
    self = argument == "none" ? .none : .path(InputPath(argument))
  }

  /// The path, or nil.
  public var path: InputPath? { if case .path(let path) = self { path } else { nil } }
  /// The text on the command line.
  public var description: String { path?.path ?? "none" }
  /// The default as in help texts.
  public var defaultValueDescription: String { description }
  /// A path, for shell completion.
  public static var defaultCompletionKind: CompletionKind { .file() }
}

/// A value that need not be given, for reflection.
protocol Automatic {
  var given: Any? { get }
}

extension AutoOr: Automatic {
  var given: Any? { value }
}

extension OptionalInput: Automatic {
  var given: Any? { path }
}
