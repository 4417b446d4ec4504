import Datasets
import Shards
import Foundation
import Safetensors

/// A temporary folder with everything that the works on data read, made when it is first asked for.
final class BenchmarkWorkspace {
  let path: String
  /// How many reviews the archive holds.
  let reviews: Int
  private var say: (String) -> Void
  private var hasReviews = false, hasStages = false, hasFilms = false

  init(reviews: Int, say: @escaping (String) -> Void) throws {
    self.reviews = reviews
    self.say = say
    path = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something in the folder.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// How many bytes a file of the folder has, in MB.
  func megabytes(_ name: String) -> Double {
    let size = try? FileManager.default.attributesOfItem(atPath: self(name))[.size] as? NSNumber
    return (size?.doubleValue ?? .nan) * 1e-6
  }

  static let jsonMember = "yelp_academic_dataset_review.json"
  static let tarMember = "Yelp JSON/yelp_dataset.tar"

  /// `review.json`, `texts.txt`, `vectors.txt`, `wanted.txt`, `yelp.tar.gz` and around that
  /// `Yelp-JSON.zip`.
  func makeReviews() throws {
    guard !hasReviews else { return }
    say("inventing \(reviews) reviews")
    var invention = SyntheticData(words: 100_000)
    try invention.writeReviews(
      reviews, json: self("review.json"), plain: self("texts.txt"), plainBytes: 50_000_000)
    try invention.writeVectors(self("vectors.txt"), wanted: self("wanted.txt"))
    try NestedArchive.tar(self("review.json"), as: Self.jsonMember, to: self("yelp.tar.gz"))
    try NestedArchive.zip(self("yelp.tar.gz"), as: Self.tarMember, to: self("Yelp-JSON.zip"))
    hasReviews = true
  }

  /// `manifest.yaml`, and what it makes: `runs/bench/{yelp,vocab,train}`.
  func makeStages() throws {
    guard !hasStages else { return }
    try makeReviews()
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
    try stage("pipeline", ["run", "manifest.yaml"], in: path)
    hasStages = true
  }

  /// The training rows of the small and of the large side of what is compared by size.
  var small: Int { min(2000, reviews / 4) }
  var large: Int { reviews / 2 }

  /// `films`, `films-vocab`: as many reviews of films as the paper fine-tunes on.
  func makeFilms() throws {
    guard !hasFilms else { return }
    try makeStages()
    var invention = SyntheticData(words: 100_000)
    let folder = self("films")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var group = 0
    for (split, rows) in [("train", small), ("validation", small / 2), ("test", 10)] {
      var shard = TextShard(task: "imdb", split: split, classNames: ["negative", "positive"])
      for row in 0..<rows {
        shard.append(invention.text(mean: 230), label: row % 2, group: group)
        group += 1
      }
      try shard.document().encoded().write(
        to: URL(fileURLWithPath: "\(folder)/\(split).safetensors"))
    }
    try stage(
      "vocab",
      [
        "--examples", "films", "--base", "runs/bench/vocab", "--vectors", "vectors.txt",
        "--output", "films-vocab",
      ], in: path)
    hasFilms = true
  }
}
