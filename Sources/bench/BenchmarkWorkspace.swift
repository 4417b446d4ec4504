import Foundation
import Shards

/// A temporary folder with the inputs of the stages, each of which is generated on first use.
final class BenchmarkWorkspace {
  let path: String
  /// The number of reviews in the archive.
  let reviews: Int
  private var log: (String) -> Void

  /// `review.json`, `texts.txt`, `vectors.txt`, `wanted.txt`, `yelp.tar.gz` and `Yelp-JSON.zip`,
  /// which contains the tar file.
  private(set) lazy var yelp = Result { try makeReviews() }
  /// `manifest.yaml` and its outputs `runs/bench/{yelp,vocab,train}`.
  private(set) lazy var pretrained = Result { try makePretrainedModel() }
  /// `imdb` and `imdb-vocab`: as many movie reviews as the paper fine-tunes on.
  private(set) lazy var imdb = Result { try makeMovieReviews() }

  /// The texts ``served`` and models of them, `served-network` and `served-bag-of-words`.
  private(set) lazy var served = Result { try makeServedModels() }

  init(reviews: Int, log: @escaping (String) -> Void) throws {
    self.reviews = reviews
    self.log = log
    path = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// The size of a file in MB.
  func megabytes(_ name: String) -> Double {
    let size = try? FileManager.default.attributesOfItem(atPath: self(name))[.size] as? NSNumber
    return (size?.doubleValue ?? .nan) * 1e-6
  }

  static let jsonEntry = "yelp_academic_dataset_review.json"
  static let tarEntry = "Yelp JSON/yelp_dataset.tar"

  /// The numbers of training rows of the small and of the large dataset.
  var small: Int { min(2000, reviews / 4) }
  var large: Int { reviews / 2 }

  private func makeReviews() throws {
    log("generating \(reviews) reviews")
    var data = SyntheticData(words: 100_000)
    try data.writeReviews(
      reviews, json: self("review.json"), plain: self("texts.txt"), plainBytes: 50_000_000)
    try data.writeVectors(self("vectors.txt"), wanted: self("wanted.txt"))
    try NestedArchive.tar(self("review.json"), as: Self.jsonEntry, to: self("yelp.tar.gz"))
    try NestedArchive.zip(self("yelp.tar.gz"), as: Self.tarEntry, to: self("Yelp-JSON.zip"))
  }

  private func makePretrainedModel() throws {
    try yelp.get()
    try """
    name: bench
    stages:
      yelp:
        run: ingest
        inputs: { archive: Yelp-JSON.zip }
        with: { train: \(small), validation: 100, test: 100 }
      vocab: { run: vocab, inputs: { examples: [yelp], vectors: vectors.txt } }
      train: { run: train, inputs: { vocab: vocab }, with: { epochs: 0 } }

    """.write(toFile: self("manifest.yaml"), atomically: true, encoding: .utf8)
    try runStage("pipeline", ["run", "manifest.yaml"], in: path)
  }

  private func makeMovieReviews() throws {
    try pretrained.get()
    var data = SyntheticData(words: 100_000)
    let folder = self("imdb")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var group = 0
    for (split, rows) in [(Split.train, small), (.validation, small / 2), (.test, 10)] {
      var shard = ShardBuilder<UInt8>(
        ShardHeader(task: "imdb", split: split, classNames: ["negative", "positive"]))
      for row in 0..<rows {
        shard.append(data.text(mean: 230), label: row % 2, textID: group)
        group += 1
      }
      try shard.shard.document().encoded().write(
        to: URL(fileURLWithPath: "\(folder)/\(split.rawValue).safetensors"))
    }
    try runStage(
      "vocab",
      [
        "--examples", "imdb", "--base", "runs/bench/vocab", "--vectors", "vectors.txt",
        "--output", "imdb-vocab",
      ], in: path)
  }
}
