import Synchronization
import Testing

@testable import StageKit

struct ProgressLineTests {
  /// Collects what was written.
  private final class Recorder: Sendable {
    let text = Mutex("")
    var line: (@Sendable (String) -> Void) { { [self] piece in text.withLock { $0 += piece } } }
    var written: String { text.withLock { $0 } }
  }

  @Test func `on a terminal a line takes the place of the one before, and goes without a trace`() {
    let recorder = Recorder()
    let line = ProgressLine(isTerminal: true, period: .zero, write: recorder.line)
    line.show { "one" }
    line.show { "two\u{1B}" }
    line.clear()
    line.clear()
    #expect(recorder.written == "\rone\u{1B}[K\rtwo\\u{1b}\u{1B}[K\r\u{1B}[K")
  }

  @Test func `a line longer than the terminal is wide is cut`() {
    let recorder = Recorder()
    let line = ProgressLine(isTerminal: true, period: .zero, write: recorder.line)
    line.show { String(repeating: "x", count: 5000) }
    #expect(recorder.written.count < 1000 && recorder.written.hasSuffix("x…\u{1B}[K"))
  }

  @Test func `a line loses whole parts rather than letters`() {
    let line = "train: epoch 2/4, 50 %, 40 s left, loss 0.432"
    #expect(ProgressLine.shortened(line, to: 60) == line)
    #expect(ProgressLine.shortened(line, to: 40) == "train: epoch 2/4, 50 %, 40 s left")
    #expect(ProgressLine.shortened(line, to: 10) == "train: ep…")
  }

  @Test func `in a log a line is a line, without control codes`() {
    let recorder = Recorder()
    let line = ProgressLine(isTerminal: false, period: .zero, write: recorder.line)
    line.show { "one" }
    line.clear()
    line.show { "two" }
    #expect(recorder.written == "one\ntwo\n")
  }

  @Test func `before it is time nothing is written, nor is the text made`() {
    let recorder = Recorder()
    let line = ProgressLine(isTerminal: false, period: .seconds(3600), write: recorder.line)
    line.show {
      Issue.record("the text was made")
      return ""
    }
    #expect(recorder.written.isEmpty)
  }

  @Test func `reading says how much is done, how fast and how long still`() {
    #expect(
      readingProgress(500_000_000, of: 2_000_000_000, after: 4)
        == "25 % of 2.0 GB read, 12 s left, 125.0 MB/s")
    #expect(readingProgress(0, of: 0, after: 0) == "0 % of 0.0 MB read, – left, 0.0 MB/s")
    #expect(readingProgress(3, of: 2, after: 1).hasPrefix("100 % of "))
  }
}
