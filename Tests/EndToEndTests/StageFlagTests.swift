import ArgumentParser
import DLNC
import Foundation
import StageKit
import TestSupport
import Testing
import TrainingKit

@testable import Commands
@testable import Training

/// Every flag of every stage shapes its fingerprint, names an input, or is on the list of flags that
/// do not shape the output.
struct StageFlagTests {
  private static let stages: [String: [String]] = [
    "ingest": ["--archive", "a", "--name", "t"],
    "vocab": ["--examples", "a", "--vectors", "b"],
    "pretrain": ["--vocab", "a"],
    "train": ["--vocab", "a", "--model", "bag-of-words"],
    "finetune": ["--checkpoint", "a", "--vocab", "b"],
    "evaluate": ["--models", "a", "--vocab", "b"],
    "export": ["--checkpoint", "a"],
  ]

  private func command(_ stage: String, _ arguments: [String]) throws -> any StageCommand {
    switch stage {
    case "ingest": try Ingest.parse(arguments)
    case "vocab": try Vocab.parse(arguments)
    case "pretrain": try Pretrain.parse(arguments)
    case "train": try Train.parse(arguments)
    case "finetune": try FineTune.parse(arguments)
    case "export": try Export.parse(arguments)
    default: try Evaluate.parse(arguments)
    }
  }

  /// The names of the flags as the program itself reports them.
  private func declaredFlags(_ stage: String) throws -> Set<String> {
    struct Dump: Decodable {
      struct Name: Decodable { var kind: String, name: String }
      struct Argument: Decodable { var names: [Name]? }
      struct Command: Decodable { var arguments: [Argument]? }
      var command: Command
    }
    let output = try Project.run(stage, ["--experimental-dump-help"], in: TemporaryDirectory())
      .output
    let dump = try JSONDecoder().decode(Dump.self, from: Data(output.utf8))
    let names = Set(
      (dump.command.arguments ?? []).compactMap { argument in
        argument.names?.first { $0.kind == "long" }?.name
      })
    // A flag with an inversion is listed twice, as `decay` and `no-decay`.
    let inversions = names.filter { $0.hasPrefix("no-") && names.contains(String($0.dropFirst(3))) }
    return names.subtracting(inversions).subtracting(["help", "version"])
  }

  @Test(arguments: stages.keys.sorted())
  func `no flag is forgotten`(stage: String) throws {
    let command = try command(stage, try #require(Self.stages[stage]))
    let flags = CommandFlag.all(of: command)
    #expect(try declaredFlags(stage) == Set(flags.map(\.name)))
    let inputs = Set(flags.filter(\.isInput).map(\.name))
    let options = Set(command.fingerprintOptions.map(\.name))
    for flag in flags {
      let isKnown =
        options.contains(flag.name) || inputs.contains(flag.name)
        || CommandFlag.unrelated.contains(flag.name) || !command.uses(flag.name)
      #expect(isKnown, "--\(flag.name)")
    }
    #expect(inputs.isDisjoint(with: options) && options.isDisjoint(with: CommandFlag.unrelated))
    #expect(!command.inputs.isEmpty && Set(command.inputs.map(\.flag)).isSubset(of: inputs))
  }

  @Test func `a baseline's fingerprint holds only what shapes it`() throws {
    func options(_ arguments: String...) throws -> [String] {
      try command("train", ["--vocab", "a"] + arguments).fingerprintOptions.map(\.name)
    }
    #expect(
      try options("--model", "bag-of-words")
        == [
          "task", "model", "ngram-weights", "character-ngrams", "penalty", "pool-tasks",
          "share-weights", "recipe", "keep-by", "class-weights", "calibrate",
          "fit-validation-rows", "seed",
        ])
    #expect(
      try options("--model", "bag-of-words", "--share-weights").contains("own-penalty-ratio"))
    #expect(try options("--model", "majority") == ["task", "model", "seed"])
    let network = try options()
    #expect(network.contains("hidden") && network.contains("mixing"))
    #expect(
      Set(network).isDisjoint(with: ["penalty", "pool-tasks", "share-weights", "own-penalty-ratio"])
    )
    #expect(!network.contains("encoder-rate") && !network.contains("learn"))
    let started = try command("train", ["--vocab", "a", "--pretrained", "b"])
    #expect(started.inputs.map(\.flag) == ["vocab", "pretrained"])
    #expect(started.fingerprintOptions.map(\.name).contains("encoder-rate"))
  }

  @Test func `flags of a start from an encoder need an encoder`() throws {
    for arguments in [
      ["--learn", "norms"], ["--domain", "b"], ["--encoder-rate", "0.5"],
      ["--unfreeze-after", "1"],
      ["--model", "bag-of-words", "--pretrained", "b"],
    ] {
      let error = #expect(throws: (any Error).self) {
        _ = try command("train", ["--vocab", "a"] + arguments)
      }
      #expect(Train.message(for: try #require(error)).contains("--pretrained"))
    }
  }

  @Test func `the flags of labelled text are left out for other data sets`() throws {
    func options(_ arguments: String...) throws -> [String] {
      try command("ingest", ["--archive", "a"] + arguments).fingerprintOptions.map(\.name)
    }
    #expect(try !options().contains("text-column"))
    #expect(try options("--name", "t").contains("text-column"))
  }

  @Test func `flags reach the settings and the configuration`() throws {
    let arguments = [
      "--vocab", "a", "--batch", "7", "--epochs", "8", "--learning-rate", "0.0007",
      "--max-grad-norm", "0.1", "--no-keep-best", "--no-decay", "--word-dropout", "0.3",
      "--ema-decay", "0.999", "--micro-batches", "3", "--hidden", "9", "--epsilon", "1e-6",
      "--cell-tanh", "--pooling", "mean", "--forget-bias", "0.1",
    ]
    let command = try #require(try command("train", arguments) as? Train)
    let size = TrainingDataSize(rows: [100], tokensPerRow: 20, classes: 2)
    let configuration = try command.network.configuration(.paper)
    let settings = try command.training.settings(for: size, configuration, keepsTestRows: true)
    #expect(settings.batch == 7 && settings.epochs == 8 && settings.learningRate == 0.0007)
    #expect(settings.maxGradientNorm == 0.1 && !settings.keepsBest && !settings.decay)
    #expect(settings.wordDropout == 0.3 && settings.emaDecay == 0.999)
    #expect(settings.microBatches == 3 && settings.vectorRate == 1 && settings.seed == 1)
    #expect(configuration.hidden == 9 && configuration.epsilon == 1e-6 && configuration.cellTanh)
    #expect(configuration.pooling == .mean && configuration.forgetBias == 0.1)
    #expect(!configuration.normPerGate && configuration.recurrentDropout == 0.3)
  }

  @Test func `flags that are given replace those of the recipe`() throws {
    func parts(
      _ arguments: String..., keepsTestRows: Bool = true
    ) throws -> (TrainingSettings, ModelConfiguration, String) {
      let command = try #require(try command("train", ["--vocab", "a"] + arguments) as? Train)
      let size = TrainingDataSize(rows: [100], tokensPerRow: 20, classes: 2)
      let configuration = try command.network.configuration(command.training.recipe)
      let settings = try command.training.settings(
        for: size, configuration, keepsTestRows: keepsTestRows)
      let flags = AutomaticFlags(command.training.recipe, settings, configuration)
      return (settings, configuration, flags.text(notIn: command.fingerprintOptions))
    }
    let (paper, paperNetwork, paperFlags) = try parts()
    #expect(paperNetwork == ModelConfiguration() && paper.emaDecay == 0 && paper.keepsBest)
    #expect(paperFlags.hasPrefix("--recipe paper: --ngrams none --pooling last --batch "))
    let (best, bestNetwork, bestFlags) = try parts("--recipe", "best")
    #expect(bestNetwork.pooling == .meanMax && bestNetwork.ngrams != nil && best.emaDecay > 0)
    #expect(paper.fitsValidationRows == nil && best.fitsValidationRows == true)
    #expect(try parts("--recipe", "best", keepsTestRows: false).0.fitsValidationRows == false)
    #expect(try parts("--recipe", "best", "--ngrams", "none").0.fitsValidationRows == nil)
    #expect(bestFlags.contains("--pooling mean-max --batch \(best.batch) --epochs \(best.epochs) "))
    let (settings, network, flags) = try parts(
      "--recipe", "best", "--pooling", "last", "--ngrams", "none", "--epochs", "3", "--keep-best",
      "--batch", "auto")
    #expect(network == ModelConfiguration() && settings.epochs == 3 && settings.keepsBest)
    #expect(settings.emaDecay == best.emaDecay && settings.batch == best.batch)
    #expect(flags.hasPrefix("--recipe best: --batch \(best.batch) --learning-rate "))
    #expect(!flags.contains("keep-best") && !flags.contains("epochs"))
  }
}
