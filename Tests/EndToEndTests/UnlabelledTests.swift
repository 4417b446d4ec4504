import Foundation
import TestSupport
import Testing

/// Unlabelled texts, and parameters that tasks share, from the files of FDU-MTL to a report.
struct UnlabelledTests {
  @discardableResult
  private static func run(_ command: String, in bench: TemporaryDirectory) throws -> String {
    let words = command.split(separator: " ").map(String.init)
    let run = try Project.run(words[0], Array(words.dropFirst()) + ["--quiet"], in: bench)
    try #require(run.status == 0, "\(command)\n\(run.error)")
    return run.output
  }

  /// Ingests both tasks into folders of their names, with or without their unlabelled texts.
  private static func ingest(_ flag: String = "", in bench: TemporaryDirectory) throws {
    for task in ["dvd", "kitchen"] {
      let folder = "fixtures/fdu-mtl/\(task)"
      try run(
        "ingest --archive \(folder) --name \(task) --header label,text "
          + (flag.isEmpty ? "" : "\(flag) \(folder) ") + "--output \(task)", in: bench)
    }
  }

  @Test func `texts of both tasks' test rows are left out, and only pretraining sees the others`()
    throws
  {
    let bench = try Project.bench()
    try Self.ingest(in: bench)
    let vocab = "vocab --examples dvd --examples kitchen --output"
    try Self.run("\(vocab) without", in: bench)
    try Self.ingest("--unlabelled", in: bench)
    let output = try Self.run("\(vocab) with", in: bench)
    #expect(
      output.hasSuffix(
        """

        unlabelled texts of dvd: 57 kept, 1 left out as validation or test texts, 2 as repetitions
        unlabelled texts of kitchen: 55 kept, 2 left out as validation or test texts, 3 as repetitions

        """), "\(output)")
    for name in [
      "vocabulary.safetensors", "embedding.safetensors", "dvd/train.safetensors",
      "kitchen/test.safetensors",
    ] {
      #expect(
        FileManager.default.contentsEqual(
          atPath: bench("with/\(name)"), andPath: bench("without/\(name)")), "\(name)")
    }
    // The texts of 72 training rows and 57 others, one of which is held out.
    for (folder, texts) in [("without", 71), ("with", 128)] {
      let output = try Self.run(
        "pretrain --vocab \(folder) --task dvd --hidden 8 --epochs 1 --output encoder-\(folder)",
        in: bench)
      #expect(output.firstMatch(of: /dvd +([0-9]+) +[0-9]/)?.1 == "\(texts)", "\(output)")
    }
    let train = "--model bag-of-words --output"
    #expect(
      try Self.run("train --vocab with \(train) one", in: bench)
        == Self.run("train --vocab without \(train) two", in: bench))
    let results = try Self.run("evaluate --models one --vocab with --output report", in: bench)
    #expect(!results.contains("unlabelled"))
    let shard = try Project.run("inspect", ["with/dvd/unlabelled.safetensors"], in: bench)
    #expect(shard.output.contains("\nrows            57\n"))
    try Refused.usage(
      "evaluate --models one --vocab with --splits unlabelled --output other",
      "The value 'unlabelled' is invalid for '--splits <splits>'*"
    ).check(in: bench)
  }

  @Test func `models that share more or less are rows of one report`() throws {
    let bench = try Project.bench()
    try Self.ingest(in: bench)
    try Self.run(
      "vocab --examples dvd --examples kitchen --vectors fixtures/glove.fixture.zip --output vocab",
      in: bench)
    let models = [
      "network": "--hidden 8 --epochs 2",
      "shared": "--hidden 8 --epochs 2 --norms shared --heads shared",
      "bag": "--model bag-of-words", "parts": "--model bag-of-words --share-weights",
      "started": "--hidden 8 --epochs 2 --pretrained encoder",
    ]
    try Self.run("pretrain --vocab vocab --hidden 8 --epochs 1 --output encoder", in: bench)
    for (name, flags) in models.sorted(by: { $0.key > $1.key }) {
      try Self.run("train --vocab vocab \(flags) --output \(name)", in: bench)
    }
    try Self.run(
      "evaluate --models network --models shared --models started --models bag --models parts "
        + "--vocab vocab --output report", in: bench)
    let report = try #require(bench.read("report/report.md"))
    #expect(report.contains("| DLNC; norms shared, heads shared | "))
    #expect(report.contains("| DLNC; pretraining encoder | "))
    #expect(report.contains("| Bag of words, shared | "))
    for (command, message) in [
      (
        "train --vocab vocab --model lstm-linear --task dvd --norms shared --output x",
        "--norms shared is given for lstm-linear, which has no norms."
      ),
      (
        "train --vocab vocab --model bag-of-words --share-weights --pool-tasks --output x",
        "--pool-tasks and --share-weights are two ways to share; give one."
      ),
      (
        "train --vocab vocab --model bag-of-words --share-weights --recipe best --output x",
        "--share-weights is for --ngram-weights tfidf; give that, too."
      ),
      (
        "train --vocab vocab --share-weights --output x",
        "--share-weights is given for dlnc; it is for --model bag-of-words. *"
      ),
    ] { try Refused.usage(command, message).check(in: bench) }
  }
}
