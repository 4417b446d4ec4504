import Foundation
import DLNC
import Testing
import TestSupport

/// Calibrated models from the command line, and answers that are only given if they are certain enough.
@Suite(.trainedModels)
struct ConfidenceTests {
  private let bench: TemporaryDirectory
  private let texts = ["fine soup", "the worst film", "cold soup and rude", "zzz qqq"]

  init() throws { bench = try #require(TrainedModels.bench) }

  private func predict(
    _ arguments: String..., checkpoint: String = "bag-of-words"
  ) throws -> (status: Int32, output: String, error: String) {
    let name = "input-\(UUID().uuidString)"
    try bench.write(texts.joined(separator: "\n") + "\n", to: name)
    return try Project.run(
      "predict", ["--checkpoint", checkpoint, "--task", "yelp"] + arguments + [name], in: bench)
  }

  private func cells(_ output: String) -> [[String]] {
    output.split(separator: "\n").dropFirst().map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func `a label is only given with the threshold, and probabilities stay the same`() throws {
    let all = cells(try predict().output)
    let confidences = all.map { row in row.dropFirst(3).compactMap { Float($0) }.max() ?? 0 }
    let threshold = try #require(confidences.sorted().dropFirst(2).first)
    let run = try predict("--threshold", "\(Double(threshold))", "--otherwise", "ask someone")
    #expect(run.status == 0, "\(run.error)")
    let some = cells(run.output)
    for row in texts.indices {
      let answers = confidences[row] >= threshold
      #expect(some[row][1] == (answers ? all[row][1] : "ask someone"))
      #expect(some[row].dropFirst(2) == all[row].dropFirst(2))
    }
    let count = confidences.count { $0 >= threshold }
    #expect(count < 4)
    #expect(run.error.contains("predict: \(count) of 4 texts answered"), "\(run.error)")
    let none = cells(try predict("--threshold", "1", "-q").output)
    #expect(none.allSatisfy { $0[1] == "unsure" })
  }

  @Test func `the fraction of known tokens is beside each answer`() throws {
    let known = cells(try predict().output).map { $0[2] }
    #expect(known.last == "0.000" && Double(known[0]) ?? 0 > 0, "\(known)")
    #expect(try predict("--json", "--top", "1").output.contains("\"known\":0.000,\"top\":[{"))
  }

  @Test func `a precision is that of validation rows`() throws {
    let model = try trainedModel(at: bench("bag-of-words"))
    let scaling = try #require(model.calibration(of: "yelp"))
    let highest = try #require(scaling.thresholds.last)
    let run = try predict("--precision", "\(highest.accuracy)")
    #expect(run.status == 0, "\(run.error)")
    #expect(
      run.error.contains(
        "answers from a probability of ") && run.error.contains("of the \(scaling.rows) validation")
    )
    let easy = try predict("--precision", "0.01", "-q")
    #expect(try easy.output == predict().output)
    let never = try predict("--precision", "\(min(1, highest.accuracy + 0.001))")
    if highest.accuracy < 1 {
      #expect(never.status == 64 && never.output.isEmpty)
      #expect(never.error.contains("the highest precision"), "\(never.error)")
    }
  }

  @Test func `a model without calibration has probabilities but no precision`() throws {
    let train = try Project.run(
      "train",
      ["--vocab", "runs/quickstart/vocab", "--model", "bag-of-words", "--no-calibrate"]
        + ["--output", "plain"], in: bench)
    #expect(train.status == 0 && !train.output.contains("calibrated"), "\(train.error)")
    let plain = try trainedModel(at: bench("plain"))
    #expect(plain.temperatures.isEmpty)
    let run = try predict("--precision", "0.9", checkpoint: "plain")
    #expect(run.status == 65 && run.error.contains("no calibration of the task “yelp”"))
    #expect(run.error.contains("--no-calibrate"))
    #expect(try predict("--threshold", "0.5", checkpoint: "plain").status == 0)
    let labels = cells(try predict(checkpoint: "plain").output).map { $0[1] }
    #expect(try cells(predict().output).map { $0[1] } == labels)
    #expect(bench.read("plain/README.md")?.contains("are not calibrated") == true)
    #expect(bench.read("bag-of-words/README.md")?.contains("divided by the temperature") == true)
    let summary = try #require(bench.read("bag-of-words/summary.txt"))
    #expect(summary.contains("yelp: calibrated on 100 validation rows, temperature"))
  }

  @Test(arguments: [
    (["--threshold", "1.5"], "--threshold is 1.5; it must be from 0 to 1."),
    (["--threshold", "nan"], "--threshold is nan"), (["--precision=-0.1"], "--precision is -0.1"),
    (["--threshold", "0.5", "--precision", "0.5"], "give one"),
    (["--otherwise", "x"], "--otherwise: given without --threshold or --precision"),
    (["--threshold", "0.5", "--otherwise", "negative"], "a class of the task “yelp”"),
    (["--top", "0"], "--top is 0; it must be 1 or more."),
  ])
  func `bad values are refused`(arguments: [String], message: String) throws {
    try bench.write("fine\n", to: "one.txt")
    let run = try Project.run(
      "predict", ["--checkpoint", "bag-of-words", "--task", "yelp"] + arguments + ["one.txt"],
      in: bench)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains(message), "\(run.error)")
  }

  @Test func `inspect and the report show the temperature's effect`() throws {
    let inspect = try Project.run("inspect", ["bag-of-words/model.safetensors"], in: bench)
    #expect(inspect.output.contains("temperature"), "\(inspect.output)")
    let run = try Project.run(
      "evaluate",
      ["--models", "bag-of-words", "--vocab", "runs/quickstart/vocab", "--output", "confidence"],
      in: bench)
    #expect(run.status == 0, "\(run.error)")
    let json = try #require(
      try JSONSerialization.jsonObject(
        with: Data((bench.read("confidence/report.json") ?? "").utf8)) as? [String: Any])
    let results = try #require(json["results"] as? [[String: Any]])
    #expect(results.allSatisfy { $0["calibrationErrorBefore"] is Double })
    for result in results {
      let steps = try #require(result["coverage"] as? [[String: Double]])
      let answered = steps.compactMap { $0["answered"] }
      #expect(answered == answered.sorted() && answered.last == 1 && steps.count > 5)
      #expect((result["answered"] as? [[String: Any]])?.count == 4)
    }
    let text = try #require(bench.read("confidence/report.md"))
    #expect(text.contains("before calibration") && text.contains("95 % accuracy"))
    let figures = try FileManager.default.contentsOfDirectory(
      atPath: bench("confidence/figures"))
    #expect(figures.count { $0.hasPrefix("coverage_") } == 2)
  }
}
