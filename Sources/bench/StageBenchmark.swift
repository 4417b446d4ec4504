import Datasets
import Shards
import Foundation
import VocabularyBuilding
import DLNC
import StageKit

/// A work on data, or a whole program: what is measured, and what its peers are.
enum StageBenchmark: String, CaseIterable {
  /// The stage, from the nested archive; the peers only decompress it.
  case ingest
  /// JSON lines to a sample of clean texts, one thread.
  case draw
  /// Text cut into words and these counted, one thread.
  case count
  /// Word vectors as text to the rows of the wanted words, one thread.
  case vectors
  /// The stage on 2,000 reviews, from its start to its end.
  case whole = "finetune-whole"
  /// `pipeline run` when there is nothing to do.
  case rerun
  /// Training on few and on many reviews.
  case growth

  /// Whether it goes the faster, the more threads there are.
  var usesThreads: Bool { self == .whole || self == .growth }
}

/// The chores at work on a site.
struct StageBenchmarks {
  let site: BenchmarkWorkspace
  let contest: InterleavedRounds
  let threads: Int
  /// The peers that there are, by name.
  let peers: [String: PeerProcess]
  /// Whether programs of the system take part as peers.
  let meetsPrograms: Bool

  /// - Throws: what the chore throws.
  func run(_ chore: StageBenchmark) throws -> [Measurement] {
    switch chore {
    case .ingest: [try ingest()]
    case .draw: [try draw()]
    case .count: [try count()]
    case .vectors: [try vectors()]
    case .whole: [try whole()]
    case .rerun: [try rerun()]
    case .growth: [try grow(site.small, epochs: 10), try grow(site.large, epochs: 1)]
    }
  }

  /// The named peers that take part, each asked the same.
  private func entrants(
    _ names: [String], _ request: PeerProcess.Request, times amount: Double = 1
  ) -> [Competitor] {
    names.compactMap { peers[$0] }.map { peer in
      Competitor(name: peer.name) { amount * (try peer.speed(request)) }
    }
  }

  private func ingest() throws -> Measurement {
    try site.makeReviews()
    let size = site.megabytes("review.json")
    let decompress = [
      ("gzip", "gzip -dc yelp.tar.gz >/dev/null"),
      (
        "bsdtar",
        "bsdtar -xOf Yelp-JSON.zip '\(BenchmarkWorkspace.tarMember)' | bsdtar -xOf - >/dev/null"
      ),
    ].filter { meetsPrograms && isInstalled($0.0) }
    var figure = try contest.run("ingest", threads: 1, unit: .megabytes) {
      try? FileManager.default.removeItem(atPath: site("ingested"))
      return size / (try stage("ingest", ingestion(train: 8000, to: "ingested"), in: site.path))
    } peers: {
      decompress.map { name, line in
        Competitor(name: name) { size / (try bench.run("/bin/sh", ["-c", line], in: site.path)) }
      }
    }
    figure.peakBytes = Stamp(of: site("ingested"))?.peakBytes
    return figure
  }

  private func ingestion(train: Int, to output: String) -> [String] {
    [
      "--archive", "Yelp-JSON.zip", "--train", "\(min(train, site.reviews / 2))", "--validation",
      "100", "--test", "100", "--output", output,
    ]
  }

  private func draw() throws -> Measurement {
    try site.makeReviews()
    let size = site.megabytes("review.json")
    let draw = SamplingOptions(
      train: min(8000, site.large), validation: 100, test: 100, kind: .natural)
    let reader = YelpReviews(draw: draw, seed: 1)
    let request = PeerProcess.Request(work: "draw", path: site("review.json"), rows: draw.train)
    return try contest.run("draw", threads: 1, unit: .megabytes) {
      try size / seconds { _ = try reader.read(path: site("review.json")) }
    } peers: {
      entrants(["polars"], request, times: size)
    }
  }

  private func count() throws -> Measurement {
    try site.makeReviews()
    let (path, size) = (site("texts.txt"), site.megabytes("texts.txt"))
    return try contest.run("count", threads: 1, unit: .megabytes) {
      try size / seconds { _ = try TokenizationBenchmark.count(linesOf: path) }
    } peers: {
      entrants(["tokenizers"], PeerProcess.Request(work: "count", path: path), times: size)
    }
  }

  private func vectors() throws -> Measurement {
    try site.makeReviews()
    let (path, size) = (site("vectors.txt"), site.megabytes("vectors.txt"))
    let words = try Data(contentsOf: URL(fileURLWithPath: site("wanted.txt")))
      .split(separator: UInt8(ascii: "\n")).map { Array($0) }
    let request = PeerProcess.Request(
      work: "vectors", path: path, words: .file(site("wanted.txt")),
      dimension: SyntheticData.dimension)
    return try contest.run("vectors", threads: 1, unit: .megabytes) {
      try size
        / seconds {
          _ = try TokenizationBenchmark.vectors(
            of: words, in: path, dimension: SyntheticData.dimension)
        }
    } peers: {
      entrants(["polars"], request, times: size)
    }
  }

  private func whole() throws -> Measurement {
    try site.makeFilms()
    let settings = TrainingSettings()
    let words = try TokenizedDataset(path: site("films-vocab")).words.count
    var request = PeerProcess.Request(
      work: "whole", path: site("films-vocab/imdb"), threads: threads, words: .count(words))
    (request.epochs, request.batch) = (settings.epochs, settings.batch)
    request.longest = settings.maximumLength
    var figure = try contest.run(StageBenchmark.whole.rawValue, threads: threads, unit: .runs) {
      1
        / (try stage(
          "finetune",
          [
            "--checkpoint", "runs/bench/train", "--vocab", "films-vocab", "--task", "imdb",
            "--source", "yelp", "--threads", "\(threads)", "--output", "finetuned",
          ], in: site.path))
    } peers: {
      entrants(["eager", "manual", "manual+avx512"], request)
    }
    figure.peakBytes = Stamp(of: site("finetuned"))?.peakBytes
    return figure
  }

  private func rerun() throws -> Measurement {
    try site.makeStages()
    return try contest.run("rerun", threads: 1, unit: .runs) {
      1 / (try stage("pipeline", ["run", "manifest.yaml"], in: site.path))
    } peers: {
      []
    }
  }

  /// Trains on so many reviews; the tokens a second of the whole program.
  private func grow(_ rows: Int, epochs: Int) throws -> Measurement {
    try site.makeReviews()
    let folder = "grown-\(rows)"
    try stage("ingest", ingestion(train: rows, to: "\(folder)/yelp"), in: site.path)
    try stage(
      "vocab",
      ["--examples", "\(folder)/yelp", "--vectors", "vectors.txt", "--output", "\(folder)/vocab"],
      in: site.path)
    let shard = try TokenShard(
      paths: ShardFiles.paths(of: "train", in: site("\(folder)/vocab/yelp")), vocabularySize: .max)
    let longest = TrainingSettings().maximumLength
    let tokens = shard?.lengths.reduce(0) { $0 + min(longest, $1) }
    var figure = try contest.run("growth, \(rows) reviews", threads: threads, unit: .tokens) {
      Double(epochs * (tokens ?? 0))
        / (try stage(
          "train",
          [
            "--vocab", "\(folder)/vocab", "--epochs", "\(epochs)", "--threads", "\(threads)",
            "--output", "\(folder)/train",
          ], in: site.path))
    } peers: {
      []
    }
    figure.peakBytes = Stamp(of: site("\(folder)/train"))?.peakBytes
    return figure
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now(CLOCK_MONOTONIC)
    try body()
    return now(CLOCK_MONOTONIC) - start
  }
}
