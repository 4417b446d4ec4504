import Foundation
import Testing
import TestSupport

/// What is seen of a training while it works: on a terminal, in a log, and when asked for quiet.
@Suite(.serialized, .trainedModels)
struct ProgressTests {
  /// Plays a terminal: `script` of util-linux.
  private static let script = ["/usr/bin/script", "/bin/script"]
    .first(where: FileManager.default.isExecutableFile(atPath:))
  private static let command =
    "train --vocab runs/quickstart/vocab --hidden 160 --epochs 4 --output out"
  private static let clear = "\u{1B}[K"

  /// What a terminal is sent.
  private func screen(_ more: String = "", term: String = "xterm") throws -> String {
    let bench = try #require(TrainedModels.bench)
    bench.remove("out")
    let run = try Program(
      try #require(Self.script),
      ["-qec", "\(Program.folder)/\(Self.command) \(more)", "/dev/null"],
      in: bench, environment: ["TERM": term]
    ).end()
    #expect(run.status == 0, "\(run.output)")
    return run.output
  }

  @Test(.enabled(if: script != nil, "there is no script(1)"))
  func `on a terminal one line is written anew, and nothing of it stays`() throws {
    let seen = try screen()
    let line =
      /\rtrain: epoch \d\/4, \d+ %, [^\r\n]+ left, loss \d.\d+, \d+.\d % right, [\d,]+ rows\/s/
    #expect(seen.firstMatch(of: line) != nil, "\(seen)")
    #expect(seen.components(separatedBy: Self.clear).last?.contains(" left") == false)
    // Which epochs end while a line is shown is a matter of time.
    #expect(
      (1...4).contains { seen.contains("\(Self.clear)train: epoch \($0) of 4: ei-reg loss ") })
  }

  @Test(.enabled(if: script != nil, "there is no script(1)"))
  func `a terminal that can do nothing gets no control codes, nor does who asks for quiet`() throws
  {
    for seen in [try screen(term: "dumb"), try screen("--quiet")] {
      #expect(!seen.contains("\u{1B}") && seen.contains("kept epoch"))
    }
  }

  @Test func `in a log there are lines of text alone`() throws {
    let bench = try #require(TrainedModels.bench)
    bench.remove("out")
    let words = Self.command.split(separator: " ").map(String.init)
    let run = try Project.run(words[0], Array(words.dropFirst()), in: bench)
    #expect(run.status == 0)
    let codes = (run.error + run.output).unicodeScalars.filter { $0.value < 32 && $0 != "\n" }
    #expect(codes.isEmpty)
    #expect(run.error.split(separator: "\n").count { $0.hasPrefix("train: epoch ") } == 4)
  }
}
