import Foundation
import Support
import TextClassification

/// How long a program waits that reads a model and classifies one text at a time, on one thread.
extension StageBenchmarkRunner {
  /// One text of 20 words, and reading the model, for a network with an n-gram layer and a bag of words.
  func latency() throws -> [Measurement] {
    try workspace.served.get()
    return try ["network", "bag-of-words"].flatMap { model in
      let classifier = try self.classifier(model)
      let text = BenchmarkWorkspace.servedText
      return [
        try measure("text", of: model) {
          try median(of: 500) { _ = try classifier.predict(text) }
        },
        try measure("load", of: model) {
          try median(of: 20) { _ = try self.classifier(model) }
        },
      ]
    }
  }

  /// - Parameter seconds: the seconds of one call.
  private func measure(
    _ work: String, of model: String, _ seconds: () throws -> Double
  ) throws -> Measurement {
    func request(_ name: String) -> PeerProcess.Request {
      PeerProcess.Request(
        work: work, path: workspace(name), text: BenchmarkWorkspace.servedText)
    }
    return try rounds.run("\(work), \(model)", threads: 1, unit: .calls) {
      1 / (try seconds())
    } competitors: {
      competitors(["fasttext"], request(BenchmarkWorkspace.served))
        + competitors(["onnxruntime"], request("served-\(model)-onnx"))
    }
  }

  private func classifier(_ model: String) throws -> TextClassifier {
    try TextClassifier(contentsOf: URL(fileURLWithPath: workspace("served-\(model)")))
  }

  /// The median of the seconds of some calls.
  private func median(of count: Int, _ body: () throws -> Void) rethrows -> Double {
    SampleSummary(try (0..<count).map { _ in try timed(body) }).median
  }
}

extension BenchmarkWorkspace {
  /// The file of the texts, in fastText's format, which `ingest` reads, too.
  static let served = "served.txt"
  /// A text of 20 words.
  static let servedText: String = {
    var data = SyntheticData(words: servedWords)
    return data.words(of: 20).joined(separator: " ")
  }()
  /// The number of words of the texts, nearly all of which occur.
  private static let servedWords = 20_000

  /// Writes texts of lower-case words, and models of them. The network keeps its initial parameters, with
  /// which it is as fast as with others.
  func makeServedModels() throws {
    var data = SyntheticData(words: Self.servedWords)
    let lines = (0..<10_000).map { row in
      "__label__\(row % 3) " + data.words(of: 100).joined(separator: " ") + "\n"
    }
    try lines.joined().write(toFile: self(Self.served), atomically: true, encoding: .utf8)
    var commands = [
      (
        "ingest", "--archive \(Self.served) --name served --validation 100 --test 0 --output served"
      ),
      ("vocab", "--examples served --minimum-count 1 --output served-vocab"),
      ("train", "--vocab served-vocab --recipe best --epochs 0 --output served-network"),
      ("train", "--vocab served-vocab --model bag-of-words --output served-bag-of-words"),
    ]
    commands += ["served-network", "served-bag-of-words"].map {
      ("export", "--checkpoint \($0) --format onnx --output \($0)-onnx")
    }
    for (stage, arguments) in commands {
      try runStage(stage, arguments.split(separator: " ").map(String.init), in: path)
    }
  }
}
