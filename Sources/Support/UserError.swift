import Foundation

/// An error that is reported to the user: a file, an argument or the machine cannot be used.
///
/// It names the location (file, archive member, line or offset), the problem, the expected content
/// and what to do next. All libraries throw this type, so all programs report errors alike.
public struct UserError: Error, Equatable, Sendable {
  /// The exit status of the program, as in `sysexits.h`.
  public enum ExitStatus: Int32, Sendable {
    /// The command line is wrong (`EX_USAGE`).
    case usage = 64
    /// The content of an input is wrong (`EX_DATAERR`).
    case data = 65
    /// An input is missing or cannot be read (`EX_NOINPUT`).
    case noInput = 66
    /// A program or library is missing (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// A bug of this program (`EX_SOFTWARE`).
    case software = 70
    /// An output cannot be created (`EX_CANTCREAT`).
    case cannotCreate = 73
    /// Reading or writing failed (`EX_IOERR`).
    case io = 74
    /// A resource is in use by another process; a later attempt may succeed (`EX_TEMPFAIL`).
    case temporary = 75
    /// A manifest or a configuration is wrong (`EX_CONFIG`).
    case configuration = 78
  }

  /// The exit status of the program.
  public var exitStatus: ExitStatus
  /// The location: a path, and within it a member, a line or a byte offset, as far as known.
  public var location: String
  /// The problem found there.
  public var problem: String
  /// The expected content, if that says more than `problem`.
  public var expected: String?
  /// The next step for the user.
  public var hint: String?

  /// Creates an error.
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

/// An error that consists of several problems, such as all mistakes in a manifest.
public protocol UserErrorGroup: Error {
  /// The problems; the first one determines the exit status.
  var errors: [UserError] { get }
}

extension UserError: CustomStringConvertible {
  /// The message on one to three lines, with control characters escaped.
  public var description: String {
    var text = "\(location): \(problem)"
    if let expected { text += "\n  expected: \(expected)" }
    if let hint { text += "\n  what to do: \(hint)" }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { escapingControlCharacters(String($0)) }.joined(separator: "\n")
  }
}

/// Returns `text` with every control character and every invisible or direction-changing character
/// written as `\u{…}`, so that names from hostile files cannot steer a terminal.
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

/// Returns the message of the system for an error, without Foundation's wrapping.
public func systemMessage(_ error: any Error) -> String {
  if let error = error as? UserError { return error.problem }
  let error = error as NSError
  // Through `any Error`: on Linux a `POSIXError` in a dictionary does not cast to `NSError`.
  let inner = (error.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError }
  for candidate in [inner, error].compactMap({ $0 }) where candidate.domain == NSPOSIXErrorDomain {
    return String(cString: strerror(Int32(truncatingIfNeeded: candidate.code)))
  }
  return error.localizedDescription
}
