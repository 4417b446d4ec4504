import Foundation
import TestSupport
import Testing

/// The stage `pretrain`, and training that starts from its output.
struct PretrainTests {
  /// A manifest that pretrains, trains from the encoder in both ways and reports.
  private static let manifest = """
    name: mine
    stages:
      yelp:
        run: ingest
        inputs: { archive: fixtures/Yelp-JSON.zip }
        with: { dataset: yelp, train: 300, validation: 50, test: 50 }
      imdb:
        run: ingest
        inputs: { archive: fixtures/aclImdb_v1.tar.gz }
        with: { dataset: imdb, train: 100, validation: 50 }
      vocab:
        run: vocab
        inputs: { examples: [yelp, imdb], vectors: fixtures/glove.fixture.zip }
      pretrain:
        run: pretrain
        inputs: { vocab: vocab }
        with: { task: yelp, hidden: 32, batch: 16, epochs: 3 }
      train:
        run: train
        inputs: { vocab: vocab, pretrained: pretrain }
        matrix: { learn: [norms, all] }
        with: { hidden: 32, epochs: 2 }
      report:
        run: evaluate
        inputs: { models: [train], vocab: [vocab] }
    """

  @Test func `a pipeline pretrains, trains from the encoder and reports`() throws {
    let bench = try Project.bench()
    try bench.write(Self.manifest, to: "mine.yaml")
    let run = try Project.run("pipeline", ["run", "mine.yaml"], in: bench)
    try #require(run.status == 0, "\(run.error)")
    let summary = try #require(bench.read("runs/mine/pretrain/summary.txt"))
    #expect(summary.contains("pretrained on ") && summary.contains("perplexity 3"))
    #expect(!summary.contains("imdb"))
    let inspected = try Project.run("inspect", ["runs/mine/pretrain/model.safetensors"], in: bench)
      .output
    #expect(inspected.contains("a pretrained encoder") && inspected.contains("yelp"))
    let trained = try #require(bench.read("runs/mine/train/learn=all/summary.txt"))
    #expect(
      trained.contains("imdb starts from the norms of the closest domain, yelp (perplexity: "))
    let report = try #require(bench.read("runs/mine/report/report.md"))
    #expect(report.contains("learn"), "\(report.prefix(2000))")
    try refusals(in: bench)
  }

  /// What does not fit together is named.
  private func refusals(in bench: TemporaryDirectory) throws {
    for (command, status, message) in [
      (
        "train --vocab runs/mine/vocab --pretrained runs/mine/pretrain --output out", 64,
        "an encoder with --hidden 32\n  expected: the --hidden of this training, 256"
      ),
      (
        "train --vocab runs/mine/vocab --pretrained runs/mine/pretrain --hidden 32 --domain imdb "
          + "--output out", 64, "a domain of the encoder: yelp"
      ),
      (
        "train --vocab runs/mine/vocab --pretrained runs/mine/train/learn=all --output out", 65,
        "a model that classifies"
      ),
      (
        "finetune --vocab runs/mine/vocab --checkpoint runs/mine/pretrain --output out", 65,
        "a pretrained encoder, which has no classes"
      ),
      (
        "evaluate --vocab runs/mine/vocab --models runs/mine/pretrain --output out", 65,
        "a pretrained encoder, which has no classes"
      ),
      (
        "pretrain --vocab runs/mine/vocab --task reviews --output out", 66,
        "no training or unlabelled rows of the task “reviews”"
      ),
    ] {
      let parts = command.split(separator: " ").map(String.init)
      let run = try Project.run(parts[0], Array(parts.dropFirst()), in: bench)
      #expect(run.status == Int32(status), "\(command): \(run.error)")
      #expect(run.error.contains(message), "\(command): \(run.error)")
      #expect(!bench.has("out"))
    }
  }
}
