import Foundation
import Testing
import TestSupport

/// The shards that `ingest` makes from the fixtures, byte for byte. A change of these digests needs a new stage
/// version, or outputs made before would pass for fresh.
struct GoldenTests {
  private static let version = 3
  private static let libraries = ["libarchive": "3.6.2", "libxml2": "2.9.14"]
  private static let digests = [
    "tweets/test.safetensors":
      "8f90c447406a160d5fa74f9cb1b23979892b0bb593a0a3584d597f5dcbd5b6fd",
    "tweets/train.safetensors":
      "72013df90087d520f29cf44310b11016715c4b6aff68c3fff9b9839532cfa2ad",
    "tweets/validation.safetensors":
      "e08d5e6666d1761e55cc4ba242aff60da3118e080130af01ea413274cf440bb6",
    "yelp/test.safetensors":
      "26dc74a443d9f80e06ebc707d067f76d0d42f531a80c40ac7ec516c4f91f8f71",
    "yelp/train.safetensors":
      "79a684f7e54034f4402d0c05069559440d9dbd4157645a131cac393589669524",
    "yelp/validation.safetensors":
      "1814138194c85d202eee3cf33bca301b5c4f5fa2d3c57ea24443b1f1d57c56c1",
    "imdb/test.safetensors":
      "be266fd55546b1610fe8fc0bc3a8a0238cd3fdb05f3d9fcaccf7ae91a6f0f47b",
    "imdb/train.safetensors":
      "1805609be8f3270f041d5fb433956eb79d1dc24527210f3f05cc61cf6061560e",
    "imdb/validation.safetensors":
      "166f4c0edacdfc703a64b1407e517e3c4b524c125cd670dfa3ac428ca6e4cb0d",
  ]

  private static let own = [
    "reviews/test.safetensors":
      "59981ac4a922fd545db5e7833bf1e2c79e5763fe418dda6c0e2374f6435fb863",
    "reviews/train.safetensors":
      "8b3ec37d243d19c7df237424825ccd5269fe75a07b841cbc5ce590fe138c74d3",
    "reviews/validation.safetensors":
      "38be1c02401e545dcaf59bfdc18d091c312eba4779d6fd87f5d938840e8da837",
    "moods/test.safetensors":
      "80d3bddb3ed8c5e4bf97f897eac29bbea3afd15dcc6124e721c0adb7250e7062",
    "moods/train.safetensors":
      "fe733785a7c62b863f13bd9a622c7e84a88d4951dc06d3e5fb7ff3d5d944eb9a",
    "moods/validation.safetensors":
      "e6a3b676fe10c796d130d7ff6c88741d566f827f357269d2d36dc541172cbc8c",
    "films/test.safetensors":
      "e37b9c352aa5bdb20bf7db8f371e450b473e7a7462fb153c47de5cf26826a17a",
    "films/train.safetensors":
      "a7afe243479a0ac52e4f560e98997625db00ca2b4e7f4b824ceb902127441ee0",
    "films/validation.safetensors":
      "8ef35ca95996a8672a0cb39bfdcbb6cf4dab7c27f88fdaf0b1b20585c8799375",
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
