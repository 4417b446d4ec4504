import DLNC
import Datasets
import Foundation
import Shards
import StageKit
import Tokenization
import VocabularyBuilding

/// A benchmark of a stage or of a part of one.
enum StageBenchmark: String, CaseIterable {
  /// The stage `ingest`, from the nested archive; the competitors only decompress it.
  case ingest
  /// JSON lines to a sample of normalised texts, on one thread.
  case sample
  /// Tokenizing texts and counting the tokens, on one thread.
  case count
  /// Word vectors in text format to the rows of the wanted words, on one thread.
  case vectors
  /// The stage `finetune` on 2,000 reviews, including its start-up.
  case finetune = "finetune-whole"
  /// `pipeline run` when everything is up to date.
  case rerun
  /// Training on few and on many reviews.
  case growth
  /// One text at a time by the library, and reading a model.
  case latency

  /// Whether it uses several threads.
  var usesThreads: Bool { self == .finetune || self == .growth }
}

/// Runs the stage benchmarks in a workspace.
struct StageBenchmarkRunner {
  let workspace: BenchmarkWorkspace
  let rounds: InterleavedRounds
  let threads: Int
  /// The available peers by name.
  let peers: [String: PeerProcess]
  /// Whether gzip and bsdtar are competitors, too.
  let includesSystemTools: Bool

  /// - Throws: ``UserError``.
  func run(_ benchmark: StageBenchmark) throws -> [Measurement] {
    switch benchmark {
    case .ingest: [try ingest()]
    case .sample: [try sample()]
    case .count: [try count()]
    case .vectors: [try vectors()]
    case .finetune: [try finetune()]
    case .rerun: [try rerun()]
    case .latency: try latency()
    case .growth:
      [try train(workspace.small, epochs: 10), try train(workspace.large, epochs: 1)]
    }
  }

  private func ingest() throws -> Measurement {
    try workspace.yelp.get()
    let size = workspace.megabytes("review.json")
    let decompressors = [
      ("gzip", "gzip -dc yelp.tar.gz >/dev/null"),
      (
        "bsdtar",
        "bsdtar -xOf Yelp-JSON.zip '\(BenchmarkWorkspace.tarEntry)' | bsdtar -xOf - >/dev/null"
      ),
    ].filter { includesSystemTools && isInstalled($0.0) }
    var result = try rounds.run("ingest", threads: 1, unit: .megabytes) {
      try? FileManager.default.removeItem(atPath: workspace("ingested"))
      return size / (try stage("ingest", ingestArguments(train: 8000, output: "ingested")))
    } competitors: {
      decompressors.map { name, command in
        Competitor(name: name) {
          size / (try bench.run("/bin/sh", ["-c", command], in: workspace.path))
        }
      }
    }
    result.peakBytes = Stamp(of: workspace("ingested"))?.peakBytes
    return result
  }

  private func sample() throws -> Measurement {
    try workspace.yelp.get()
    let (path, size) = (workspace("review.json"), workspace.megabytes("review.json"))
    let rows = min(8000, workspace.large)
    var options = IngestOptions()
    (options.dataset, options.train) = (.yelp, .rows(rows))
    (options.validation, options.test) = (100, 100)
    let request = PeerProcess.Request(work: "sample", path: path, rows: rows)
    return try rounds.run("sample", threads: 1, unit: .megabytes) {
      try size / timed { _ = try options.read(path: path) }
    } competitors: {
      competitors(["polars"], request, amount: size)
    }
  }

  private func count() throws -> Measurement {
    try workspace.yelp.get()
    let (path, size) = (workspace("texts.txt"), workspace.megabytes("texts.txt"))
    return try rounds.run("count", threads: 1, unit: .megabytes) {
      try size / timed { _ = try TokenizationBenchmark.count(linesOf: path) }
    } competitors: {
      competitors(["tokenizers"], PeerProcess.Request(work: "count", path: path), amount: size)
    }
  }

  private func vectors() throws -> Measurement {
    try workspace.yelp.get()
    let (path, size) = (workspace("vectors.txt"), workspace.megabytes("vectors.txt"))
    let words = try Data(contentsOf: URL(fileURLWithPath: workspace("wanted.txt")))
      .split(separator: UInt8(ascii: "\n")).map { Array($0) }
    let dimension = SyntheticData.dimension
    let request = PeerProcess.Request(
      work: "vectors", path: path, words: workspace("wanted.txt"), dimension: dimension)
    return try rounds.run("vectors", threads: 1, unit: .megabytes) {
      try size
        / timed { _ = try TokenizationBenchmark.vectors(of: words, in: path, dimension: dimension) }
    } competitors: {
      competitors(["polars"], request, amount: size)
    }
  }

  private func finetune() throws -> Measurement {
    try workspace.imdb.get()
    let settings = TrainingSettings()
    let request = PeerProcess.Request(
      work: "finetune-whole", path: workspace("imdb-vocab/imdb"), threads: threads,
      vocabularySize: try TokenizedDataset(path: workspace("imdb-vocab")).vocabulary.count,
      epochs: settings.epochs, batch: settings.batch, maxLength: settings.maximumLength)
    let arguments = [
      "--checkpoint", "runs/bench/train", "--vocab", "imdb-vocab", "--task", "imdb", "--source",
      "yelp", "--epochs", "\(settings.epochs)", "--batch", "\(settings.batch)", "--threads",
      "\(threads)", "--output", "finetuned",
    ]
    let name = StageBenchmark.finetune.rawValue
    var result = try rounds.run(name, threads: threads, unit: .runs) {
      1 / (try stage("finetune", arguments))
    } competitors: {
      competitors(["eager", "manual", "manual+avx512"], request)
    }
    result.peakBytes = Stamp(of: workspace("finetuned"))?.peakBytes
    return result
  }

  private func rerun() throws -> Measurement {
    try workspace.pretrained.get()
    return try rounds.run("rerun", threads: 1, unit: .runs) {
      1 / (try stage("pipeline", ["run", "manifest.yaml"]))
    }
  }

  /// Measures the stage `train` on `rows` reviews, including its start-up.
  private func train(_ rows: Int, epochs: Int) throws -> Measurement {
    try workspace.yelp.get()
    let folder = "growth-\(rows)"
    try stage("ingest", ingestArguments(train: rows, output: "\(folder)/yelp"))
    try stage(
      "vocab",
      ["--examples", "\(folder)/yelp", "--vectors", "vectors.txt", "--output", "\(folder)/vocab"])
    let shard = try TokenShard(
      paths: ShardFiles.paths(of: .train, in: workspace("\(folder)/vocab/yelp")),
      vocabularySize: .max)
    let maxLength = TrainingSettings().maximumLength
    let tokens = shard?.lengths.reduce(0) { $0 + min(maxLength, $1) } ?? 0
    let arguments = [
      "--vocab", "\(folder)/vocab", "--epochs", "\(epochs)", "--batch",
      "\(TrainingSettings().batch)", "--threads", "\(threads)", "--output", "\(folder)/train",
    ]
    var result = try rounds.run("growth, \(rows) reviews", threads: threads, unit: .tokens) {
      Double(epochs * tokens) / (try stage("train", arguments))
    }
    result.peakBytes = Stamp(of: workspace("\(folder)/train"))?.peakBytes
    return result
  }

  /// Those of the named peers that are available, each with the same request; a speed is in
  /// `amount` per second.
  func competitors(
    _ names: [String], _ request: PeerProcess.Request, amount: Double = 1
  ) -> [Competitor] {
    names.compactMap { peers[$0] }.map { peer in
      Competitor(name: peer.name) { amount * (try peer.speed(request)) }
    }
  }

  @discardableResult
  private func stage(_ name: String, _ arguments: [String]) throws -> Double {
    try runStage(name, arguments, in: workspace.path)
  }

  private func ingestArguments(train: Int, output: String) -> [String] {
    [
      "--archive", "Yelp-JSON.zip", "--train", "\(min(train, workspace.reviews / 2))",
      "--validation", "100", "--test", "100", "--output", output,
    ]
  }
}
