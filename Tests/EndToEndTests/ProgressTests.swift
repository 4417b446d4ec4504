import Foundation
import Testing
import TestSupport

/// The progress of a training on a terminal, in a log file, and with `--quiet`.
@Suite(.serialized, .trainedModels)
struct ProgressTests {
  /// A terminal emulator: `script` of util-linux.
  private static let script = ["/usr/bin/script", "/bin/script"]
    .first(where: FileManager.default.isExecutableFile(atPath:))
  private static let command =
    "train --vocab runs/quickstart/vocab --hidden 160 --epochs 4 --output out"
  private static let clear = "\u{1B}[K"

  /// Returns the output to a terminal.
  private func screen(_ more: String = "", term: String = "xterm") throws -> String {
    let bench = try #require(TrainedModels.bench)
    bench.remove("out")
    let run = try Program(
      try #require(Self.script),
      ["-qec", "'\(Program.folder)'/\(Self.command) \(more)", "/dev/null"],
      in: bench, environment: ["TERM": term]
    ).end()
    #expect(run.status == 0, "\(run.output)")
    return run.output
  }

  @Test(.enabled(if: script != nil, "there is no script(1)"))
  func `on a terminal one line is rewritten, and nothing of it remains`() throws {
    let seen = try screen("--verbose")
    let line =
      /\rtrain: epoch \d\/4, \d+ %, [^\r\n]+ left, loss \d.\d+, \d+.\d % right, [\d,]+ rows\/s/
    #expect(seen.firstMatch(of: line) != nil, "\(seen)")
    #expect(seen.components(separatedBy: Self.clear).last?.contains(" left") == false)
    // It depends on time which epochs end while a line is shown.
    #expect(
      (1...4).contains { seen.contains("\(Self.clear)train: epoch \($0) of 4: ei-reg loss ") })
  }

  @Test(.enabled(if: script != nil, "there is no script(1)"))
  func `a dumb terminal and --quiet get no control codes`() throws {
    for seen in [try screen(term: "dumb"), try screen("--quiet")] {
      #expect(!seen.contains("\u{1B}") && seen.contains("kept epoch"))
    }
  }

  @Test(arguments: [(flag: "--verbose", epochs: 4), ("--no-decay", 0)])
  func `a log file has only lines of text, those of the epochs if they are asked for`(
    flag: String, epochs: Int
  ) throws {
    let bench = try #require(TrainedModels.bench)
    bench.remove("out")
    let words = Self.command.split(separator: " ").map(String.init)
    let run = try Project.run(words[0], words.dropFirst() + [flag], in: bench)
    #expect(run.status == 0)
    let codes = (run.error + run.output).unicodeScalars.filter { $0.value < 32 && $0 != "\n" }
    #expect(codes.isEmpty)
    #expect(run.error.split(separator: "\n").count { $0.hasPrefix("train: epoch ") } == epochs)
    // The table of the summary has the epoch that was kept, or all of them.
    let rows = run.output.matches(of: #/(?m)^ +\d\*? +yelp /#).count
    #expect(rows == max(1, epochs), "\(run.output)")
  }

  @Test(.enabled(if: script != nil, "there is no script(1)"))
  func `a terminal of 80 columns gets no line that is cut within a word`() throws {
    let bench = try Project.bench()
    try Project.quick(bench)
    let command = "pipeline run quick.yaml --until train"
    let run = try Program(
      try #require(Self.script),
      ["-qec", "stty cols 80; '\(Program.folder)'/\(command)", "/dev/null"],
      in: bench, environment: ["TERM": "xterm"]
    ).end()
    #expect(run.status == 0, "\(run.output)")
    let lines = run.output.split(whereSeparator: \.isNewline)
      .map { ($0.split(separator: "\r").last ?? "").replacing("\u{1B}[K", with: "") }
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
    #expect(run.output.contains("pipeline: stage 6 of 8, train: never run"))
  }
}
