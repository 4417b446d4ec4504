import DLNC
import Foundation
import Shards
import Testing
import TestSupport

/// `predict --explain` and the words in the report, on small models of the fixtures.
@Suite(.trainedModels)
struct ExplainTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try #require(TrainedModels.bench) }

  private struct Answer: Decodable {
    struct Reason: Decodable, Equatable {
      var word: String
      var by: Double
    }
    var label: String
    var probabilities: [String: Double]
    var because: [Reason]
  }

  private func answers(_ text: String, _ arguments: String...) throws -> [Answer] {
    let name = "input-\(UUID().uuidString)"
    try bench.write(text, to: name)
    let run = try Project.run("predict", ["--json", "-q"] + arguments + [name], in: bench)
    #expect(run.status == 0, "\(run.error)")
    return try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
    }
  }

  @Test(arguments: ["bag-of-words", "runs/quickstart/train"])
  func `the words are those of the text, the strongest first`(model: String) throws {
    let text = "The waiter was rude and the soup was cold!\nWe loved the lovely cake.\n\n"
    let flags = ["--checkpoint", model, "--task", "yelp"]
    let all = try answers(text, "--explain", "100", flags[0], flags[1], flags[2], flags[3])
    #expect(all.count == 3 && all[0].because.count > 3 && all[2].because.isEmpty)
    let words = Set(
      "the waiter was rude and soup cold ! we loved lovely cake .".split(separator: " "))
    for answer in all {
      #expect(answer.because.allSatisfy { words.contains(Substring($0.word)) })
      #expect(Set(answer.because.map(\.word)).count == answer.because.count)
      let sizes = answer.because.map { abs($0.by) }
      #expect(sizes == sizes.sorted(by: >))
    }
    let two = try answers(text, "--explain", "2", flags[0], flags[1], flags[2], flags[3])
    #expect(two.map(\.because) == all.map { Array($0.because.prefix(2)) })
  }

  @Test func `the effect of a word is on the logit that the printed probabilities have`() throws {
    func logit(_ answer: Answer, of label: String) -> Double {
      let logits = answer.probabilities.mapValues { log($0) }
      return (logits[label] ?? .nan) - logits.values.reduce(0, +) / Double(logits.count)
    }
    // No word of a shorter text is cut off, and the unknown word is known to no model.
    let both = try answers(
      "rude soup\nzzqqzz soup\n", "--explain", "9", "--checkpoint", "runs/quickstart/train",
      "--task", "yelp")
    let by = logit(both[0], of: both[0].label) - logit(both[1], of: both[0].label)
    let rude = try #require(both[0].because.first { $0.word == "rude" })
    #expect(abs(rude.by - by) < 1e-3 && by != 0)
  }

  @Test func `batches and threads change no byte, and a table has one column more`() throws {
    let texts = (0..<20).map { "good bad film \($0) and " + String(repeating: "so ", count: $0) }
    try bench.write(texts.joined(separator: "\n") + "\n", to: "explained.txt")
    for model in ["bag-of-words", "runs/quickstart/train"] {
      let outputs = try [("1", "1"), ("7", "2"), ("256", "3")].map { batch, threads in
        try Project.run(
          "predict",
          ["--checkpoint", model, "--task", "ei-reg", "--explain", "3", "--batch", batch]
            + ["--threads", threads, "-q", "explained.txt"], in: bench
        ).output
      }
      #expect(Set(outputs).count == 1)
      let lines = outputs[0].split(separator: "\n")
      #expect(lines[0].hasSuffix("\tsadness\tbecause") && lines.count == 21)
      #expect(lines[3].contains(/\t(\S+=-?\d+\.\d{4} ){1,2}\S+=-?\d+\.\d{4}$/), "\(lines[3])")
    }
  }

  @Test func `numbers out of range and models without words are refused`() throws {
    try bench.write("fine\n", to: "one.txt")
    for number in ["0", "-1", "101"] {
      let run = try Project.run("predict", ["--explain=\(number)", "one.txt"], in: bench)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(
        run.error.contains("--explain is \(number); it must be from 1 to 100."), "\(run.error)")
    }
    let train = try Project.run(
      "train",
      ["--vocab", "runs/quickstart/vocab", "--model", "majority", "--output", "majority"],
      in: bench)
    #expect(train.status == 0, "\(train.error)")
    let run = try Project.run(
      "predict", ["-q", "--checkpoint", "majority", "--explain", "1", "one.txt"], in: bench)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains("the majority class, which no word moves"), "\(run.error)")
  }

  @Test func `the report marks the words in misclassified texts`() throws {
    let run = try Project.run(
      "evaluate",
      ["--models", "bag-of-words", "--models", "runs/quickstart/train"]
        + ["--vocab", "runs/quickstart/vocab", "--output", "explained"], in: bench)
    #expect(run.status == 0, "\(run.error)")
    struct Report: Decodable {
      struct Mistake: Decodable {
        var text: String
        var because: [Answer.Reason]
      }
      var mistakes: [Mistake]
    }
    let report = try JSONDecoder().decode(
      Report.self, from: Data((bench.read("explained/report.json") ?? "").utf8))
    #expect(!report.mistakes.isEmpty)
    for mistake in report.mistakes { #expect((1...5).contains(mistake.because.count)) }
    let first = try #require(report.mistakes.first?.because.first)
    let page = try #require(bench.read("explained/report.html"))
    #expect(page.contains("<mark>") || page.contains("<mark class="))
    let text = try #require(bench.read("explained/report.md"))
    #expect(text.contains("| \(first.word) ") || text.contains(" \(first.word) "))
    #expect(text.contains("contributions to the logit of the predicted class"))
  }
}
