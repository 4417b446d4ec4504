import Foundation
import Testing
import Workbench

/// What `ingest` makes of the fixtures, to the byte. A change of these digests needs a new stage
/// version, or outputs made before would pass for fresh.
struct GoldenTests {
  private static let version = "1"
  private static let libraries = ["library libarchive": "3.6.2", "library libxml2": "2.9.14"]
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

  private struct Stamp: Decodable {
    struct Entry: Decodable {
      var label: String
      var value: String
    }
    struct Fingerprint: Decodable { var entries: [Entry] }
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
    for stage in ["tweets", "yelp", "imdb"] {
      let text = try #require(bench.read("runs/quickstart/\(stage)/stamp.json"))
      let stamp = try JSONDecoder().decode(Stamp.self, from: Data(text.utf8))
      let entries = Dictionary(
        stamp.fingerprint.entries.map { ($0.label, $0.value) }, uniquingKeysWith: { $1 })
      #expect(entries["stage version"] == Self.version, "write down the digests of the new version")
      // Another libxml2 may cut HTML otherwise; that is what the fingerprint names it for.
      guard Self.libraries.allSatisfy({ entries[$0.key] == $0.value }) else { continue }
      let shards = stamp.outputs.filter { $0.path.hasSuffix(".safetensors") }
      #expect(shards.count == 3)
      for file in shards {
        #expect(Self.digests["\(stage)/\(file.path)"] == file.sha256, "\(stage)/\(file.path)")
      }
    }
  }

  @Test func `the versions of the libraries that read are told and are part of the fingerprint`()
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
      let entries = try JSONDecoder().decode(Stamp.Fingerprint.self, from: Data(asked.output.utf8))
        .entries
      for version in versions {
        #expect(
          entries.contains { $0.label == "library \(version.1)" && $0.value == version.2 },
          "\(program) \(version.0)")
      }
    }
  }
}
