import Synchronization
import Testing

@testable import StageKit

struct StatusLineTests {
  /// What was written.
  private final class Paper: Sendable {
    let text = Mutex("")
    var line: (@Sendable (String) -> Void) { { [self] piece in text.withLock { $0 += piece } } }
    var written: String { text.withLock { $0 } }
  }

  @Test func `on a terminal a line takes the place of the one before, and goes without a trace`() {
    let paper = Paper()
    let line = ProgressLine(isTerminal: true, period: .zero, write: paper.line)
    line.show { "one" }
    line.show { "two\u{1B}" }
    line.clear()
    line.clear()
    #expect(paper.written == "\rone\u{1B}[K\rtwo\\u{1b}\u{1B}[K\r\u{1B}[K")
  }

  @Test func `a line longer than the terminal is wide is cut`() {
    let paper = Paper()
    let line = ProgressLine(isTerminal: true, period: .zero, write: paper.line)
    line.show { String(repeating: "x", count: 5000) }
    #expect(paper.written.count < 1000 && paper.written.hasSuffix("x…\u{1B}[K"))
  }

  @Test func `in a log a line is a line, without control codes`() {
    let paper = Paper()
    let line = ProgressLine(isTerminal: false, period: .zero, write: paper.line)
    line.show { "one" }
    line.clear()
    line.show { "two" }
    #expect(paper.written == "one\ntwo\n")
  }

  @Test func `before it is time nothing is written, nor is the text made`() {
    let paper = Paper()
    let line = ProgressLine(isTerminal: false, period: .seconds(3600), write: paper.line)
    line.show {
      Issue.record("the text was made")
      return ""
    }
    #expect(paper.written.isEmpty)
  }

  @Test func `reading says how much is done, how fast and how long still`() {
    #expect(
      readingLine(500_000_000, of: 2_000_000_000, after: 4)
        == "25 % of 2.0 GB read, 12 s left, 125.0 MB/s")
    #expect(readingLine(0, of: 0, after: 0) == "0 % of 0.0 MB read, – left, 0.0 MB/s")
    #expect(readingLine(3, of: 2, after: 1).hasPrefix("100 % of "))
  }
}
