import Foundation
import Testing
import TestSupport

/// A command whose run is disturbed, and the commands that make its inputs.
struct FaultScenario: CustomTestStringConvertible, Sendable {
  var testDescription: String
  /// The program and its arguments, separated by spaces; `*` is the seed.
  var command: String
  /// The program that gets the fault; differs from the command if that is the runner.
  var target: String
  /// The output of the command.
  var output = "out"
  /// The commands that make its inputs.
  var needs: [String] = []
  /// Whether the state of a training with another seed is beside the output.
  var interruptsAnother = false

  /// Each stage, the runner, and a stage under the runner.
  static let all = [
    FaultScenario(
      "fake-stage", "fake-stage --one fixtures/dice.py --output out --text *"),
    FaultScenario("ingest", examples("imdb", "out", "--seed *")),
    FaultScenario(
      "vocab", vocab("examples", "out", "--seed *"), needs: [examples("imdb", "examples")]),
    FaultScenario(
      "pretrain",
      """
      pretrain --vocab tokens --hidden 4 --epochs 1 --batch 30 --checkpoint-seconds 0 --output out \
      --seed *
      """, needs: tokens),
    FaultScenario("train", train("out", "--checkpoint-seconds 0 --seed *"), needs: tokens),
    FaultScenario(
      "train after another", train("out", "--checkpoint-seconds 0 --seed *"), needs: tokens,
      interruptsAnother: true),
    FaultScenario(
      "finetune",
      """
      finetune --checkpoint model --vocab more --source imdb --epochs 1 --batch 30 \
      --checkpoint-seconds 0 --output out --seed *
      """,
      needs: tokens + [
        train("model"), examples("yelp", "reviews"),
        vocab("reviews", "more", "--base tokens"),
      ]),
    FaultScenario(
      "evaluate", "evaluate --models model --vocab tokens --output out --title T*",
      needs: tokens + [train("model")]),
    FaultScenario(
      "export", "export --checkpoint model --weights int8 --prune-words * --output out",
      needs: tokens + [train("model")]),
    FaultScenario("pipeline", "pipeline run m.yaml --set train.seed=*", output: "runs/m"),
    FaultScenario(
      "train under pipeline", "pipeline run m.yaml --set train.seed=*", target: "train",
      output: "runs/m"),
  ]

  private init(
    _ name: String, _ command: String, target: String? = nil, output: String = "out",
    needs: [String] = [], interruptsAnother: Bool = false
  ) {
    testDescription = name
    self.command = command
    self.target = target ?? command.split(separator: " ").first.map(String.init) ?? ""
    self.output = output
    self.needs = needs
    self.interruptsAnother = interruptsAnother
  }

  private static let tokens = [examples("imdb", "examples"), vocab("examples", "tokens")]

  private static func examples(_ dataset: String, _ output: String, _ more: String = "") -> String {
    dataset == "imdb"
      ? "ingest --archive fixtures/aclImdb_v1.tar.gz --train 60 --validation 20 --output \(output) "
        + more
      : "ingest --archive fixtures/Yelp-JSON.zip --train 60 --validation 20 --test 20 "
        + "--output \(output) \(more)"
  }

  private static func vocab(_ examples: String, _ output: String, _ more: String = "") -> String {
    "vocab --examples \(examples) --vectors fixtures/glove.fixture.zip --output \(output) \(more)"
  }

  private static func train(_ output: String, _ more: String = "") -> String {
    "train --vocab tokens --hidden 4 --epochs 1 --batch 30 --output \(output) \(more)"
  }

  /// A manifest of three stages, of which the seed changes the last.
  static let manifest = """
    name: m
    stages:
      imdb:
        run: ingest
        inputs: { archive: fixtures/aclImdb_v1.tar.gz }
        with: { train: 60, validation: 20 }
      vocab:
        run: vocab
        inputs: { examples: imdb, vectors: fixtures/glove.fixture.zip }
      train:
        run: train
        inputs: { vocab: vocab }
        with: { hidden: 4, epochs: 1, batch: 30, checkpoint-seconds: 0, seed: 1 }

    """
}
