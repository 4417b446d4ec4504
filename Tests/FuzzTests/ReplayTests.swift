import Foundation
import Testing

@testable import DLNC

/// Whatever fuzzing has ever found, and the inputs that it starts from, are read again, with a few
/// changes made by dice. `Tests/fuzz.sh` runs libFuzzer itself on the same targets.
@Suite(.serialized)
struct ReplayTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "corpus").path

  @Test(arguments: FuzzTarget.allCases)
  func `what fuzzing found and starts from is read or refused`(target: FuzzTarget) throws {
    defer { FuzzTarget.tidy() }
    let folder = "\(Self.corpus)/\(target.rawValue)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(!names.isEmpty)
    var state: UInt64 = 1
    func dice(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(sides, 1)))
    }
    for name in names {
      let seed = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
      seed.withUnsafeBytes { target.run($0) }
      for _ in 0..<50 {
        var bytes = seed
        for _ in 0...dice(3) where !bytes.isEmpty {
          switch dice(3) {
          case 0: bytes[dice(bytes.count)] ^= 1 << UInt8(dice(8))
          case 1: bytes.removeSubrange(dice(bytes.count)...)
          default: bytes.insert(UInt8(dice(256)), at: dice(bytes.count))
          }
        }
        bytes.withUnsafeBytes { target.run($0) }
      }
    }
  }

  /// A model file is mostly numbers in JSON, which bits that flip seldom leave readable.
  @Test func `every number in a model's header may be any number`() throws {
    defer { FuzzTarget.tidy() }
    let folder = "\(Self.corpus)/models"
    var read = 0
    for name in ["network", "crossfit", "bag-of-words"] {
      let path = "\(folder)/\(name)"
      #expect(throws: Never.self, "no model any more: \(name)") { try trainedModel(at: path) }
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      let size = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = String(decoding: bytes[8..<8 + size], as: UTF8.self)
      for number in header.matches(of: /[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/) {
        for lie in ["-1", "0", "65536", "9223372036854775807", "1e308"] {
          let text = header.replacingCharacters(in: number.range, with: lie)
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
