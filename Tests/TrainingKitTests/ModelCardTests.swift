import Foundation
@testable import DLNC
import StageKit
import Safetensors
import Shards
import Testing
import Tokenization
import Yams

@testable import TrainingKit

struct ModelCardTests {
  /// The name of a task that is made to break YAML and Markdown.
  private static let hostile = "a: \"b\" # |c\\d <e>\n---\n- f"

  @Test func `the front matter is YAML with the keys that model hubs read`() throws {
    let front = try front(try TrainedModelStub(tasks: ["yelp", "ei-reg"]))
    #expect(front["library_name"] as? String == "domain-layer-norm")
    #expect(front["pipeline_tag"] as? String == "text-classification")
    #expect(front["datasets"] as? [String] == ["yelp", "ei-reg"])
    #expect(front["metrics"] as? [String] == ["accuracy"])
    #expect((front["tags"] as? [String])?.contains("dlnc") == true)
    let index = try #require((front["model-index"] as? [[String: Any]])?.first)
    #expect(index["name"] as? String == "dlnc")
    let results = try #require(index["results"] as? [[String: Any]])
    #expect(results.count == 2)
    let metric = try #require((results[1]["metrics"] as? [[String: Any]])?.first)
    #expect(metric["type"] as? String == "accuracy" && metric["value"] as? Double == 0.8125)
    #expect((results[1]["dataset"] as? [String: Any])?["split"] as? String == "validation")
  }

  @Test func `without validation there is no model index`() throws {
    var model = try TrainedModelStub(tasks: ["yelp"])
    model.curve?.points[1].validationAccuracy = nil
    #expect(try front(model)["model-index"] == nil)
    let text = ModelCard(model, settings: []).text
    #expect(text.contains("There were no validation rows: the parameters after the last step"))
    #expect(!text.contains("validation accuracy"))
  }

  @Test func `names from data break neither YAML nor tables`() throws {
    let model = try TrainedModelStub(tasks: [Self.hostile])
    let front = try front(model)
    #expect(front["datasets"] as? [String] == [Self.hostile])
    let text = ModelCard(model, settings: [FingerprintEntry("task", Self.hostile)]).text
    #expect(
      text.contains("a: \"b\" \\# \\|c\\\\d &lt;e&gt; --- - f | good, bad | 1,200 | 81.3 % |"))
  }

  @Test func `the card lists the settings, without those that were not given`()
    throws
  {
    let model = try TrainedModelStub(tasks: ["yelp"])
    let settings = [FingerprintEntry("task", nil), FingerprintEntry("epochs", "2")]
    let text = ModelCard(model, settings: settings).text
    #expect(text.contains("| `epochs` | 2 |"))
    #expect(!text.contains("`task` |"))
    #expect(text.contains("It knows 1 words"))
  }

  @Test func `the card says whether probabilities are calibrated`() throws {
    var model = try TrainedModelStub(tasks: ["yelp"])
    #expect(ModelCard(model, settings: []).text.contains("probabilities are not calibrated"))
    model.scaling = TemperatureScaling(
      [Float](repeating: 0.5, count: 120), labels: [Int32](repeating: 0, count: 60), classCount: 2)
    let text = ModelCard(model, settings: []).text
    #expect(text.contains("divided by the temperature 1.000 (yelp, 60 rows)"))
  }

  @Test func `the card says why a task is not calibrated`() throws {
    var model = try TrainedModelStub(tasks: ["tweets"])
    model.shift = ValidationShift(heldOutAccuracy: 0.89, validationAccuracy: 0.57)
    let text = ModelCard(model, settings: []).text
    #expect(text.contains("of tweets are not calibrated, because its validation rows are not like"))
    #expect(text.contains("57.0 % of them, and on 89.0 %"))
    #expect(!text.contains("may be above or below"))
  }

  private func front(_ model: TrainedModelStub) throws -> [String: Any] {
    let text = ModelCard(model, settings: []).text
    let parts = text.components(separatedBy: "---\n")
    #expect(parts.first?.isEmpty == true)
    let yaml = try #require(parts.dropFirst().first)
    return try #require(try Yams.load(yaml: yaml) as? [String: Any])
  }
}

/// A model with only a learning curve: the second epoch, which was kept, has 81.25 %.
private struct TrainedModelStub: Classifier {
  let kind = ModelKind.network(.dlnc)
  let vocabulary = Vocabulary(tokenizer: Tokenizer(.ptb))
  let stage = "train"
  let seed = 7
  let knownTasks: [String]
  var learnedTasks: [String] { knownTasks }
  var curve: LearningCurve?
  var scaling: TemperatureScaling?
  var shift: ValidationShift?

  init(tasks: [String]) throws {
    knownTasks = tasks
    var curve = LearningCurve(stage: stage)
    curve.points = [0.25, 0.8125].enumerated().flatMap { epoch, accuracy in
      tasks.map { task in
        LearningCurve.Point(
          epoch: epoch + 1, task: task, trainLoss: 0.5, trainAccuracy: 0.5, validationLoss: 0.5,
          validationAccuracy: accuracy)
      }
    }
    curve.bestEpoch = 2
    self.curve = curve
  }

  func classNames(of task: String) -> [String]? { ["good", "bad"] }

  func trainingData(of task: String) -> TrainingDataDigest? {
    try? JSONDecoder().decode(
      TrainingDataDigest.self, from: Data(#"{"splitScheme": "", "rows": 1200, "sha256": "0"}"#.utf8)
    )
  }

  func calibration(of task: String) -> TemperatureScaling? { scaling }
  func validationShift(of task: String) -> ValidationShift? { shift }
  func labelThresholds(of task: String) -> LabelThresholds? { nil }

  func classifyUncalibrated(
    _ shard: TokenShard, threads: Int
  ) -> (probabilities: [Float], loss: Double) { ([], 0) }

  func document() -> SafetensorsDocument { SafetensorsDocument() }
  let parameterCount = 0
  func keeping(tasks: Set<String>) -> Self { self }
  func keeping(words ids: [Int]) -> Self { self }
  func keeping(ngrams count: Int) -> Self { self }
}
