import Foundation
import Safetensors
import Testing
import TestSupport
import TextClassification

/// The stage `export`, and what the other programs do with its output.
@Suite(.serialized, .trainedModels)
struct ExportStageTests {
  private let bench: TemporaryDirectory
  private static let made = "runs/quickstart"

  init() throws { bench = try #require(TrainedModels.bench) }

  @discardableResult
  private func run(_ program: String, _ arguments: String) throws -> String {
    let run = try Project.run(
      program, arguments.split(separator: " ").map(String.init), in: bench)
    #expect(run.status == 0, "\(run.error)")
    return run.output
  }

  @Test(arguments: ["bag-of-words", "runs/quickstart/finetune"])
  func `programs and the library read a small model`(model: String) throws {
    let small = "small-\(model.count)"
    let summary = try run(
      "export", "--checkpoint \(model) --weights int8 --prune-words 300 --output \(small)")
    #expect(summary.contains("words") && summary.contains("dropped"))
    let sizes = try ["\(model)", small].map { folder in
      try #require(FileManager.default.contents(atPath: bench("\(folder)/model.safetensors"))).count
    }
    #expect(sizes[1] * 2 < sizes[0])
    #expect(try run("inspect", small).contains("stage          export"))
    #expect(try run("inspect", "\(small)/model.safetensors").contains("weights        int8"))
    try bench.write("the worst film\ngreat soup, and zzz\n", to: "\(small).txt")
    let answers = try run("predict", "--checkpoint \(small) --task yelp \(small).txt")
      .split(separator: "\n").dropFirst().map { $0.split(separator: "\t")[1] }
    let classifier = try TextClassifier(contentsOf: URL(fileURLWithPath: bench(small)))
    let found = try classifier.predict(["the worst film", "great soup, and zzz"], task: "yelp")
    #expect(found.map(\.label) == answers.map(String.init))
  }

  /// Its matrices stay as they are in the file, whichever way the products are computed.
  @Test func `products in bytes give nearly the same answers, in any batch`() throws {
    try run("export", "--checkpoint \(Self.made)/train --weights int8 --output quick")
    try bench.write("the worst film\ngreat soup, and zzz\nfine\n", to: "quick.txt")
    func answers(_ flags: String) throws -> [[Substring]] {
      try run("predict", "--checkpoint quick --task yelp \(flags) quick.txt")
        .split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
    }
    let (single, bytes) = (try answers("--threads 1"), try answers("--precision int8"))
    #expect(bytes.map { $0[1] } == single.map { $0[1] })
    #expect(bytes != single)
    let alone = try answers("--precision int8 --batch 1 --threads 1")
    #expect(alone == bytes)
    try Refused.usage(
      "train --vocab \(Self.made)/vocab --precision int8 --output out",
      "The value 'int8' is invalid for '--precision <precision>'. Please provide one of 'float32' "
        + "and 'bf16'."
    ).check(in: bench)
  }

  @Test func `a report compares a model with smaller ones`() throws {
    try run("export", "--checkpoint \(Self.made)/train --weights int8 --output bytes")
    try run(
      "export",
      "--checkpoint \(Self.made)/train --prune-words 200 --vocab \(Self.made)/vocab --output words")
    try run(
      "evaluate",
      "--models \(Self.made)/train --models bytes --models words --vocab \(Self.made)/vocab --precision int8 --output report"
    )
    let report = try #require(bench.read("report/report.md"))
    #expect(report.contains("weights int8") && report.contains("prune-words 200"))
  }

  @Test func `training goes on from a small model`() throws {
    try run(
      "export",
      "--checkpoint \(Self.made)/train --weights bf16 --prune-words 200 --output base")
    try run(
      "vocab",
      "--base base --examples \(Self.made)/imdb --vectors fixtures/glove.fixture.zip --output more")
    try run("finetune", "--checkpoint base --vocab more --epochs 1 --output tuned")
    #expect(try run("inspect", "tuned/model.safetensors").contains("weights        float32"))
  }

  @Test func `a manifest can have the stage`() throws {
    try bench.write(
      """
      name: deploy
      stages:
        small:
          run: export
          inputs: { checkpoint: \(Self.made)/train }
          matrix: { weights: [bf16, int8] }
          with: { task: yelp }
      """, to: "deploy.yaml")
    try run("pipeline", "run deploy.yaml")
    #expect(bench.has("runs/deploy/small/weights=int8/model.safetensors"))
  }

  @Test func `what cannot be exported is refused`() throws {
    let model = "export --checkpoint \(Self.made)/train --output out"
    for refused in [
      Refused(
        "\(model) --task films", 64,
        """
        export: --task films: a task that the model does not know
          expected: one of: ei-reg, yelp

        """),
      .usage("\(model) --prune-words 0", "--prune-words is 0; it must be from 1 to 1000000000."),
      .usage(
        "\(model) --weights int4",
        "The value 'int4' is invalid for '--weights <weights>'. Please provide one of 'float32', "
          + "'bf16' or 'int8'."),
      .usage("\(model) --task yelp --task yelp", "--task names one task twice: yelp, yelp."),
      .usage(
        "\(model) --vocab \(Self.made)/vocab",
        "--vocab says which words --prune-words keeps, which is not given."),
      Refused(
        "\(model) --prune-words 9 --vocab \(Self.made)/imdb-vocab", 65,
        """
        export: --vocab \(Self.made)/imdb-vocab: another vocabulary than that of the model
          expected: the output of vocab that the model was trained on

        """),
      Refused(
        "export --checkpoint \(Self.made)/finetune --output out --prune-words 9 "
          + "--vocab \(Self.made)/vocab", 66,
        """
        export: --vocab: no training rows of “imdb”
          expected: rows of each task that is kept, whose words could be left out otherwise
          what to do: add the folder that it was trained on

        """),
      Refused(
        "export --checkpoint \(Self.made)/vocab --output out", 66,
        """
        export: \(Self.made)/vocab: no model.safetensors in it
          expected: the output of train or finetune
          what to do: run that first, or check the path

        """),
    ] { try refused.check(in: bench) }
  }
}
