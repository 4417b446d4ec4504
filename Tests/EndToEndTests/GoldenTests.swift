import Foundation
import Testing
import TestSupport

/// The shards that `ingest` makes from the fixtures, byte for byte. A change of these digests needs a new stage
/// version, or outputs made before would pass for fresh.
struct GoldenTests {
  private static let version = 2
  private static let libraries = ["libarchive": "3.6.2", "libxml2": "2.9.14"]
  private static let digests = [
    "tweets/test.safetensors":
      "618ff76eb3521629d397c12ea4a143ea3130637a29e1b191b100ac22b4fc7c59",
    "tweets/train.safetensors":
      "aef8d05c3470ca8b64c17d79d7aa958656f695056861fdc469d406bfc3856a3b",
    "tweets/validation.safetensors":
      "c0a22539906f0fa33bcadd8249aeff70175040a780d21d153133aff059f4b9f2",
    "yelp/test.safetensors":
      "b64ef31eff113c5b51950949aeff271d36977b192f176596073f92ef73ae94dd",
    "yelp/train.safetensors":
      "89ac95bd1c29008299a75198ee38f64b25f844aa0072763f3f2726c3581e803c",
    "yelp/validation.safetensors":
      "a3ee4fe39d3530c59b86add27ac8fa4894765cf03423e8e48b7748c0760d2277",
    "imdb/test.safetensors":
      "f4805ee9fb7c28d3e063ac5605634744529903ff79e2135bbb566537b73920ee",
    "imdb/train.safetensors":
      "c149358cde3168b299e73106863552090c791185896941a0bf8d44ddc3142b11",
    "imdb/validation.safetensors":
      "d37042a6372f16f2f2e3fa17e3b3cefa65c0a64e742d01207d74fbb49ac302a6",
  ]

  private static let own = [
    "reviews/test.safetensors":
      "e857aa43371ea02431be2380de8ef358accb47e4e9090044a0ec854ab7f3543a",
    "reviews/train.safetensors":
      "e12b857f18f02bca16002b02da054bc5135a5a1a44e2ac407483065c5633d7fb",
    "reviews/validation.safetensors":
      "9f62a554fa56b18878acef6bc5d8d3e312d6e8f885cbccc47ec9799d96cbfa52",
    "moods/test.safetensors":
      "65fba5cd82661b7acfb42ff7121c94780a15e65de4a5991ed78d13c27365c6e0",
    "moods/train.safetensors":
      "569dee44794e2d24d8c4aea91b490c99c4dc743a1dc0229f0dbc5027ec1124a9",
    "moods/validation.safetensors":
      "2a054673841d36ada2ba5a52b5cfcf9c1abbc94a59a230eb0f0d69c42f74cc84",
    "films/test.safetensors":
      "db87c2202183494fd08934393edee47c20d7c23766b0d1e39127d5bffdd53857",
    "films/train.safetensors":
      "8eee8fb2141324f01f7c1415d010d5c7f6cce36a31bca57e5a393a08a40ba778",
    "films/validation.safetensors":
      "bf3b95ee93851244e7a80e6520a39398b9285751e18a90b3f0b1bab597dc3a46",
  ]

  private struct Stamp: Decodable {
    struct Entry: Decodable, Equatable {
      var name: String
      var value: String
    }
    struct Fingerprint: Decodable {
      var version: Int
      var libraries: [Entry]
    }
    struct File: Decodable {
      var path: String
      var sha256: String
    }
    var fingerprint: Fingerprint
    var outputs: [File]
  }

  @Test func `the shards of the fixtures are the bytes of this stage version`() throws {
    let bench = try Project.bench()
    #expect(try Project.run("ingest", [], in: bench).status == 0)
    try expect(Self.digests, of: ["tweets", "yelp", "imdb"], in: "runs/quickstart", bench)
    let own = try Project.run(
      "pipeline", ["run", "pipelines/own.yaml", "--until", "films-vocab"], in: bench)
    #expect(own.status == 0, "\(own.error)")
    try expect(Self.own, of: ["reviews", "moods", "films"], in: "runs/own", bench)
  }

  private func expect(
    _ digests: [String: String], of stages: [String], in folder: String, _ bench: TemporaryDirectory
  ) throws {
    for stage in stages {
      let text = try #require(bench.read("\(folder)/\(stage)/stamp.json"))
      let stamp = try JSONDecoder().decode(Stamp.self, from: Data(text.utf8))
      let libraries = Dictionary(
        stamp.fingerprint.libraries.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      #expect(
        stamp.fingerprint.version == Self.version, "write down the digests of the new version")
      // Another libxml2 may parse HTML differently; therefore it is part of the fingerprint.
      guard Self.libraries.allSatisfy({ libraries[$0.key] == $0.value }) else { continue }
      let shards = stamp.outputs.filter { $0.path.hasSuffix(".safetensors") }
      #expect(shards.count == 3)
      for file in shards {
        #expect(digests["\(stage)/\(file.path)"] == file.sha256, "\(stage)/\(file.path)")
      }
    }
  }

  @Test
  func `the versions of the libraries that read files are printed and part of the fingerprint`()
    throws
  {
    let bench = try Project.bench()
    let wanted = ["libarchive", "libxml2", "zlib"]
    let inputs = [
      "ingest": ["--archive", "fixtures/aclImdb_v1.tar.gz"],
      "vocab": ["--examples", "fixtures", "--vectors", "fixtures/glove.fixture.zip"],
    ]
    for (program, arguments) in inputs {
      let told = try Project.run(program, ["--version"], in: bench).output
      let versions = told.matches(of: /(?m)^(libarchive|libxml2|zlib) ([0-9]+\.[0-9.]+[0-9])$/)
      #expect(versions.map { String($0.1) } == wanted, "\(told)")
      let asked = try Project.run(program, arguments + ["--fingerprint"], in: bench)
      let libraries = try JSONDecoder().decode(
        Stamp.Fingerprint.self, from: Data(asked.output.utf8)
      ).libraries
      for version in versions {
        #expect(
          libraries.contains(.init(name: String(version.1), value: String(version.2))),
          "\(program) \(version.0)")
      }
    }
  }
}
