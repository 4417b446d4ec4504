import Foundation
import Testing
import TestSupport

/// Models in the format ONNX, in onnxruntime and in the package in Python that is exported with them.
@Suite(.trainedModels)
struct ONNXExportTests {
  private static let python = Python.with("numpy", "onnxruntime")
  private static let modules = "numpy and onnxruntime"
  private let bench: TemporaryDirectory
  private let texts =
    [
      "fine soup", "the WORST film :(", " cold\u{85}soup,  and rude\n", "zzz qqq", "",
      "Ünïcode #OneTag",
    ]
    .map { $0.replacing("\n", with: " ") }

  init() throws { bench = try #require(TrainedModels.bench) }

  /// Runs a program and returns what it reports.
  @discardableResult
  private func run(_ program: String, _ arguments: String, status: Int32 = 0) throws -> String {
    let words = arguments.split(separator: " ").map(String.init)
    let run = try Project.run(program, words, in: bench)
    try #require(run.status == status, "\(program) \(arguments)\n\(run.error)")
    return run.error
  }

  /// A row of `predict --json` and of the package in Python.
  private struct Answer: Decodable {
    var label: String?
    var labels: [String]?
    var known: Double
    var probabilities: [String: Double]
  }

  private func answers(_ lines: String) throws -> [Answer] {
    try lines.split(separator: "\n").map {
      try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
    }
  }

  /// Exports a task and compares the answers of the package in Python with those of `predict`.
  private func compare(_ model: String, _ task: String) throws {
    let folder = "onnx-\(UUID().uuidString)"
    try run("export", "--checkpoint \(model) --task \(task) --format onnx --output \(folder)")
    try bench.write(texts.joined(separator: "\n") + "\n", to: "\(folder).txt")
    let expected = try Project.run(
      "predict", ["--checkpoint", model, "--task", task, "--json", "\(folder).txt"], in: bench)
    let found = try #require(Self.python).run(
      """
      import runpy, sys
      sys.path.insert(0, "\(folder)")
      runpy.run_module("text_classifier", run_name="__main__")
      """, ["\(folder).txt"], in: bench)
    try #require(found.status == 0, "\(found.error)")
    let pairs = zip(try answers(found.output), try answers(expected.output))
    #expect(try answers(found.output).count == texts.count, "\(found.error)")
    for (found, expected) in pairs {
      #expect(found.label == expected.label && found.labels == expected.labels)
      #expect(found.known == expected.known)
      #expect(Set(found.probabilities.keys) == Set(expected.probabilities.keys))
      for (name, probability) in expected.probabilities {
        #expect(abs(probability - (found.probabilities[name] ?? 2)) < 1e-5)
      }
    }
  }

  @Test(
    .python(python, modules), arguments: ["bag-of-words", "runs/quickstart/finetune"],
    ["yelp", "ei-reg"])
  func `Python has the answers of predict`(model: String, task: String) throws {
    try compare(model, task)
  }

  @Test(.python(python, modules)) func `a task that was fine-tuned, too`() throws {
    try compare("runs/quickstart/finetune", "imdb")
  }

  /// Variants of the network and of the bag of words, with what decides about the graph.
  @Test(
    .python(python, modules),
    arguments: [
      "--recipe best", "--recipe best --model bag-of-words", "--model lstm-linear --task yelp",
      "--model dln-linear --pooling mean --norms shared", "--model no-task-embedding --cell-tanh",
      "--model separate-cell --norm-per-gate --zero-initial-cell --maximum-length 4",
    ])
  func `logits in onnxruntime are ours`(flags: String) throws {
    let python = try #require(Self.python).path
    let model = "model-\(UUID().uuidString)"
    let size = flags.contains("bag-of-words") ? "" : "--hidden 16 --epochs 1 "
    try run("train", "--vocab runs/quickstart/vocab \(size)\(flags) --output \(model)")
    let report = try run(
      "export",
      "--checkpoint \(model) --task yelp --format onnx --output \(model)-onnx "
        + "--check runs/quickstart/vocab --python \(python)")
    #expect(report.contains("the logits of 100 validation rows differ by at most"))
    if Python.with("onnx")?.path == python { #expect(report.contains("accepts the file")) }
    #expect(bench.names(in: "\(model)-onnx/text_classifier").allSatisfy { $0.hasSuffix(".py") })
  }

  @Test(.python(python, modules)) func `multi-label tasks have their thresholds`() throws {
    let rows = (0..<120).map { row in
      let labels = ["soup", "film"].enumerated().filter { (row >> $0.offset) % 2 == 1 }.map(
        \.element)
      return "{\"text\":\"\(row % 7) \(labels.joined(separator: " "))\",\"label\":"
        + "[\(labels.map { "\"\($0)\"" }.joined(separator: ","))]}\n"
    }
    try bench.write(rows.joined(), to: "tags.jsonl")
    try run("ingest", "--archive tags.jsonl --name tags --multi-label --output tags")
    try run("vocab", "--examples tags --vectors none --output tags-vocab")
    try run(
      "train", "--vocab tags-vocab --model bag-of-words --character-ngrams 2-3 --output tags-model")
    try compare("tags-model", "tags")
  }

  @Test func `the same model gives the same bytes`() throws {
    for name in ["first", "second"] {
      try run(
        "export", "--checkpoint bag-of-words --task yelp --format onnx --output bytes-\(name)")
    }
    let files = ["first", "second"].map {
      FileManager.default.contents(atPath: bench("bytes-\($0)/model.onnx"))
    }
    #expect(files[0] != nil && files[0] == files[1])
  }
}

extension ONNXExportTests {
  private func refusal(_ arguments: String, status: Int32) throws -> String {
    let folder = "refused-\(UUID().uuidString)"
    let message = try run(
      "export", "\(arguments) --format onnx --output \(folder)", status: status)
    #expect(!bench.has(folder))
    return message
  }

  @Test func `models and flags that do not fit are refused`() throws {
    try run(
      "train", "--vocab runs/quickstart/vocab --model majority --output majority")
    #expect(
      try refusal("--checkpoint majority", status: 64).contains("a model that reads no words"))
    #expect(
      try refusal("--checkpoint bag-of-words --task films", status: 64)
        .contains("one of: ei-reg, yelp"))
    #expect(
      try refusal("--checkpoint bag-of-words --task yelp --task ei-reg", status: 64)
        .contains("--format onnx holds one task"))
    #expect(
      try refusal("--checkpoint bag-of-words --weights int8", status: 64).contains("--weights"))
    try run(
      "export", "--checkpoint bag-of-words --check runs/quickstart/vocab --output refused",
      status: 64)
    try bench.write("not a model", to: "damaged/model.safetensors")
    _ = try refusal("--checkpoint damaged", status: 65)
  }

  @Test func `a check without its programs or its rows says what to do`() throws {
    let model = "--checkpoint bag-of-words --task yelp"
    #expect(
      try refusal("\(model) --check runs/quickstart/vocab --python ./no-python", status: 69)
        .contains("name another interpreter with --python"))
    #expect(
      try refusal("\(model) --check runs/quickstart/imdb-vocab", status: 66).contains("yelp"))
    #expect(try refusal("\(model) --check nothing", status: 66).contains("nothing"))
  }

  @Test(.enabled(if: Python.with("json") != nil, "no python3"))
  func `a check without onnxruntime names the modules to install`() throws {
    // -S leaves out installed packages.
    try bench.write(
      "#!/bin/sh\nexec \(Python.with("json")?.path ?? "") -S -E \"$@\"\n", to: "bare-python")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: bench("bare-python"))
    let message = try refusal(
      "--checkpoint bag-of-words --task yelp --check runs/quickstart/vocab --python ./bare-python",
      status: 69)
    #expect(message.contains("-m pip install numpy onnxruntime"))
  }
}
