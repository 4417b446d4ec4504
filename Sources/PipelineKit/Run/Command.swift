/// A program and its arguments.
public struct Command: Equatable, Sendable {
  /// The path of the program.
  public var executable: String
  /// What follows it on the command line.
  public var arguments: [String]

  /// The line that does the same when pasted into a shell.
  public var line: String { ([executable] + arguments).map(shellQuoted).joined(separator: " ") }

  /// The same program with one argument more.
  func adding(_ argument: String) -> Command {
    Command(executable: executable, arguments: arguments + [argument])
  }
}

/// `text` as one word of a POSIX shell; control characters in the `$'…'` of bash, ksh and zsh, so
/// that a printed line cannot steer the terminal.
func shellQuoted(_ text: String) -> String {
  let harmless = "_@%+=:,./-".unicodeScalars
  let scalars = text.unicodeScalars
  if !scalars.isEmpty, scalars.allSatisfy({ $0.isASCIIAlphanumeric || harmless.contains($0) }) {
    return text
  }
  guard scalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
  let bytes = text.utf8.map { byte in
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
    case 0x20..<0x7F: String(Unicode.Scalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return "$'" + bytes.joined() + "'"
}
