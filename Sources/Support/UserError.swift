import Foundation

/// Why a file, an argument or the machine could not be used, said so that the reader can act on it.
///
/// A refusal names the place (file, member, line or offset), what was seen there, what was expected
/// and what to do next. Every library throws this one type, so every stage reports alike.
public struct UserError: Error, Equatable, Sendable {
  /// What kind of trouble it is; the raw value is the exit status of `sysexits.h`.
  public enum ExitStatus: Int32, Sendable {
    /// The command line was used wrongly (`EX_USAGE`).
    case usage = 64
    /// The content of an input is not what it should be (`EX_DATAERR`).
    case data = 65
    /// An input is missing or cannot be read (`EX_NOINPUT`).
    case noInput = 66
    /// A program or library that is needed is not there (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// A mistake of this program (`EX_SOFTWARE`).
    case software = 70
    /// An output cannot be created (`EX_CANTCREAT`).
    case cannotCreate = 73
    /// Reading or writing failed half-way (`EX_IOERR`).
    case io = 74
    /// Somebody else holds what is needed; try again later (`EX_TEMPFAIL`).
    case temporary = 75
    /// A manifest or a configuration is wrong (`EX_CONFIG`).
    case configuration = 78
  }

  /// The kind, hence the exit status.
  public var exitStatus: ExitStatus
  /// Where: a path, and within it a member, a line or a byte offset, as far as they are known.
  public var location: String
  /// What was seen there.
  public var problem: String
  /// What should have been there, if that says more than `problem`.
  public var expected: String?
  /// What the reader can do next.
  public var hint: String?

  /// Makes a refusal; see the properties for the parts.
  public init(
    _ exitStatus: ExitStatus, at location: String, problem: String, expected: String? = nil,
    hint: String? = nil
  ) {
    self.exitStatus = exitStatus
    self.location = location
    self.problem = problem
    self.expected = expected
    self.hint = hint
  }
}

extension UserError: CustomStringConvertible {
  /// The whole message on one to three lines, with control characters made visible.
  public var description: String {
    var text = "\(location): \(problem)"
    if let expected { text += "\n  expected: \(expected)" }
    if let hint { text += "\n  what to do: \(hint)" }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { escapingControlCharacters(String($0)) }.joined(separator: "\n")
  }
}

/// `text` with every control character and every invisible or direction-changing one written as
/// `\u{…}`, so that names taken from hostile files cannot steer a terminal.
public func escapingControlCharacters(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// The system's own words for an error, without Foundation's wrapping.
public func reason(_ error: any Error) -> String {
  if let refusal = error as? UserError { return refusal.problem }
  let error = error as NSError
  // Through `any Error`: on Linux a `POSIXError` in a dictionary does not cast to `NSError`.
  let inner = (error.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError }
  for candidate in [inner, error].compactMap({ $0 }) where candidate.domain == NSPOSIXErrorDomain {
    return String(cString: strerror(Int32(truncatingIfNeeded: candidate.code)))
  }
  return error.localizedDescription
}
