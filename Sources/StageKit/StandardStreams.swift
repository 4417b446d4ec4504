import Foundation

/// Makes the standard streams safe to use, however the program was started; to be called before
/// any file is opened.
///
/// A stream that was closed would be replaced by the next file that is opened, and what is printed
/// would go into that file: `/dev/null` takes its place. A reader that goes away, as in `… | head`,
/// is no reason to lose hours of work: writing to it fails and is not noticed. Nor is a limit on
/// the size of files a reason to die without a word: writing fails and is reported.
public func guardStandardStreams() {
  for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
    // The lowest free number is given to a new file, and the streams are tried in order.
    _ = open("/dev/null", O_RDWR)
  }
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)
}

/// One line on standard error, in place of the ``ProgressLine``; nothing happens if nobody can read it.
public func writeToStandardError(_ line: String) {
  ProgressLine.standardError.clear()
  try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
}
