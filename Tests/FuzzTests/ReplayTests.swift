import Foundation
import Testing

@testable import DLNC
@testable import Training

/// Replays the corpus of the fuzzer, its seeds and all inputs that ever crashed, with a few random
/// changes. `Tests/fuzz.sh` runs libFuzzer on the same targets.
@Suite(.serialized)
struct ReplayTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "corpus").path

  @Test(arguments: FuzzTarget.allCases)
  func `every input of the corpus is read or rejected`(target: FuzzTarget) throws {
    defer { FuzzTarget.tidy() }
    let folder = "\(Self.corpus)/\(target.rawValue)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(!names.isEmpty)
    var state: UInt64 = 1
    func random(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(bound, 1)))
    }
    for name in names {
      let seed = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
      seed.withUnsafeBytes { target.run($0) }
      for _ in 0..<50 {
        var bytes = seed
        for _ in 0...random(below: 3) where !bytes.isEmpty {
          switch random(below: 3) {
          case 0: bytes[random(below: bytes.count)] ^= 1 << UInt8(random(below: 8))
          case 1: bytes.removeSubrange(random(below: bytes.count)...)
          default: bytes.insert(UInt8(random(below: 256)), at: random(below: bytes.count))
          }
        }
        bytes.withUnsafeBytes { target.run($0) }
      }
    }
  }

  /// A model's header is mostly JSON numbers, which random bit flips rarely leave valid.
  @Test func `every number in a model's header may be any number`() throws {
    defer { FuzzTarget.tidy() }
    let folder = "\(Self.corpus)/models"
    var read = 0
    for name in ["network", "crossfit", "bag-of-words", "crossfit-int8", "language-model"] {
      let path = "\(folder)/\(name)"
      #expect(throws: Never.self, "not a model: \(name)") {
        if name == "language-model" {
          _ = try PretrainedEncoder(path: path)
        } else {
          _ = try trainedModel(at: path)
        }
      }
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      let size = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = String(decoding: bytes[8..<8 + size], as: UTF8.self)
      for number in header.matches(of: /[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/) {
        for value in ["-1", "0", "65536", "9223372036854775807", "1e308"] {
          let text = header.replacingCharacters(in: number.range, with: value)
          let length = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) }
          (length + Array(text.utf8) + bytes[(8 + size)...]).withUnsafeBytes {
            FuzzTarget.models.run($0)
          }
          read += 1
        }
      }
    }
    #expect(read > 1000)
  }
}
