import Foundation
import DLNC
import Safetensors
import Shards
import Support
import Testing
import Tokenization
import TestSupport

/// The files of a model open in other tools: TensorBoard, safetensors for Python, PyTorch.
@Suite(.serialized, .trainedModels)
struct ModelFolderTests {
  private static let tensorBoard = Python.with("tensorboard")
  private static let safetensors = Python.with("safetensors", "numpy")
  private static let torch = Python.with("torch", "safetensors", "numpy")

  private var bench: TemporaryDirectory {
    get throws { try #require(TrainedModels.bench) }
  }

  /// The files of a folder but the stamp, by their names.
  private func files(_ folder: String) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: try bench(folder))
    return try names.filter { isDirectory(try bench("\(folder)/\($0)")) == false }.sorted()
  }

  @Test func `a model's folder holds the model, its card and how it learned`() throws {
    let events = ["train", "validation"].map { "tensorboard/\($0)/events.out.tfevents.0" }
    let stage = ["stamp.json", "summary.json", "summary.txt"]
    for folder in ["runs/quickstart/train", "runs/quickstart/finetune"] {
      let expected = ["README.md", "metrics.jsonl", "model.safetensors"] + stage + events
      #expect(try files(folder) == expected)
    }
    // What is fitted in one go has no curve.
    #expect(try files("bag-of-words") == ["README.md", "model.safetensors"] + stage)
  }

  @Test func `the metrics are the summary's, a line an epoch and task`() throws {
    for (folder, tasks) in [("train", ["ei-reg", "yelp"]), ("finetune", ["imdb"])] {
      let lines = try metrics(folder)
      let text = try #require(try bench.read("runs/quickstart/\(folder)/summary.json"))
      let curve = try #require(try object(text)["curve"] as? [String: Any])
      let points = try #require(curve["points"])
      #expect(try json(lines) == json(points))
      #expect(lines.compactMap { $0["task"] as? String }.sorted() == tasks)
    }
  }

  @Test(.python(tensorBoard, "tensorboard"))
  func `TensorBoard finds the metrics in the event files`() throws {
    let script = """
      import json, sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      for run in sys.argv[1:]:
          events = EventAccumulator(run).Reload()
          for tag in sorted(events.Tags()["scalars"]):
              for e in events.Scalars(tag):
                  print(json.dumps([run, tag, e.step, e.wall_time, e.value]))
      """
    for (folder, tasks) in [("train", 2), ("finetune", 1)] {
      let runs = ["train", "validation"].map { "runs/quickstart/\(folder)/tensorboard/\($0)" }
      let run = try #require(Self.tensorBoard).run(script, runs, in: try bench)
      #expect(run.status == 0, "\(run.error)")
      let seen = try run.output.split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any])
      }
      // Two runs, loss and accuracy, and one epoch.
      #expect(seen.count == 2 * 2 * tasks, "\(run.output)")
      for point in try metrics(folder) {
        let task = try #require(point["task"] as? String)
        for split in ["train", "validation"] {
          for name in ["Loss", "Accuracy"] {
            let found = seen.first { row in
              (row[0] as? String)?.hasSuffix(split) == true
                && row[1] as? String == "\(name.lowercased())/\(task)"
            }
            let value = try #require(point[split + name] as? Double)
            #expect(found?[2] as? Int == point["epoch"] as? Int)
            #expect(found?[3] as? Double == 1, "the time is the epoch, not the clock")
            #expect(abs((found?[4] as? Double ?? .nan) - value) <= 1e-6 * abs(value))
          }
        }
      }
    }
  }

  @Test(.python(safetensors, "safetensors and numpy"))
  func `Python's safetensors opens every file and sees the bytes that we see`() throws {
    let paths = try files("runs").filter { $0.hasSuffix(".safetensors") }.map { "runs/\($0)" }
    // Three shards of three tasks as texts and as tokens, two lexicons of two files, two models.
    #expect(paths.count == 9 + 9 + 4 + 2)
    let script = """
      import hashlib, sys
      from safetensors.numpy import load_file
      for path in sys.argv[1:]:
          for name, tensor in sorted(load_file(path).items()):
              print(path, name, list(tensor.shape), hashlib.sha256(tensor.tobytes()).hexdigest(), sep="\\t")
      """
    let models = ["bag-of-words/model.safetensors"]
    let run = try #require(Self.safetensors).run(script, paths + models, in: try bench)
    #expect(run.status == 0, "\(run.error)")
    let expected = try (paths + models).flatMap { path in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: try bench(path)))
      let header = try bytes.withUnsafeBytes { try SafetensorsHeader(fileBytes: $0, path: path) }
      return header.tensors.sorted { $0.key < $1.key }.map { name, info in
        let digest = SHA256.hash(data: bytes[info.range]).hexadecimal
        return "\(path)\t\(name)\t\(info.shape)\t\(digest)"
      }
    }
    #expect(run.output.split(separator: "\n").map(String.init) == expected)
  }

  @Test(.python(torch, "torch, safetensors and numpy"))
  func `the Python that is shown opens the model and its logits are ours`() throws {
    let script = try #require(Document.blocks("python", "test").first).text
    let run = try #require(Self.torch).run(
      script + "\nprint(*logits.flatten().tolist(), sep='\\n')", in: try bench)
    #expect(run.status == 0, "\(run.error)")
    let numbers = run.output.split(separator: "\n").compactMap { Double($0) }
    let lexicon = try TokenizedDataset(path: try bench("runs/quickstart/imdb-vocab"))
    let shard = try #require(try lexicon.shard("imdb", .test))
    let model = try trainedModel(at: try bench("runs/quickstart/finetune"))
    let ours = try model.classify(shard, threads: 1).probabilities.prefix(numbers.count)
    #expect(numbers.count == 10, "five rows of two classes: \(run.output)")
    for row in stride(from: 0, to: numbers.count - 1, by: 2) {
      // A softmax keeps the differences of logits and nothing else.
      let difference = log(Double(ours[row + 1])) - log(Double(ours[row]))
      let theirs = numbers[row + 1] - numbers[row]
      #expect(abs(theirs - difference) < 1e-4 * max(1, abs(theirs)), "row \(row / 2)")
    }
  }

  private func metrics(_ folder: String) throws -> [[String: Any]] {
    let text = try #require(try bench.read("runs/quickstart/\(folder)/metrics.jsonl"))
    return try text.split(separator: "\n").map { try object(String($0)) }
  }

  private func json(_ value: Any) throws -> Data {
    try JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
