import Foundation
import Support

/// Text for a terminal.
package enum Terminal {
  /// The width in characters of the terminal that a descriptor is; nil if it is none.
  package static func width(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard isatty(descriptor) == 1 else { return nil }
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }

  /// The text for a descriptor. On a terminal, long lines are broken between words, not within them;
  /// files get the lines as they are.
  package static func fitted(_ text: String, to descriptor: Int32) -> String {
    guard let width = width(descriptor) else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { wrapped(String($0), width: width, indent: 4) }.joined(separator: "\n")
  }
}
