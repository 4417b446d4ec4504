import Foundation
import Safetensors
import Support
import Testing

/// Weights that are stored in less space.
struct WeightTypeTests {
  private func file(_ document: SafetensorsDocument) throws -> SafetensorsFile {
    try SafetensorsFile(bytes: document.encoded(), path: "m")
  }

  /// A matrix and what is read after it was stored as a type.
  private func stored(
    _ numbers: [Float], shape: [Int], as type: WeightType
  ) throws -> (file: SafetensorsFile, numbers: [Float]) {
    var document = SafetensorsDocument()
    document.set("w", shape: shape, numbers)
    try document.compact(type) { _ in false }
    let file = try file(document)
    return (file, try file.numbers("w", shape: shape))
  }

  @Test func `bytes are the nearest multiples of the row's factor`() throws {
    var stream = SplitMix64(state: 7)
    let numbers = (0..<600).map { Float((2 * stream.uniform() - 1) * ($0 < 300 ? 1 : 1000)) }
    let (file, read) = try stored(numbers, shape: [2, 300], as: .int8)
    #expect(file.header.tensors["w"]?.type == .i8)
    let scales: [Float] = try file.values("w.scale", shape: [2])
    for (row, scale) in scales.enumerated() {
      let range = row * 300..<(row + 1) * 300
      #expect(scale == (numbers[range].map(abs).max() ?? 0) / 127)
      for (number, found) in zip(numbers[range], read[range]) {
        #expect(abs(number - found) <= scale * 0.5001)
      }
    }
  }

  @Test func `rows of zeros, of subnormal and of large numbers are stored`() throws {
    let numbers: [Float] = [
      0, -0, Float(1e-45), Float(-1e-43), 1e38, 1,
    ]
    let (_, read) = try stored(numbers, shape: [3, 2], as: .int8)
    #expect(read[0] == 0 && read[1] == 0 && read.allSatisfy(\.isFinite))
    #expect(abs(read[4] / 1e38 - 1) < 1e-6 && read[5] == 0)
  }

  @Test func `the upper half of a number is rounded to the nearest, ties to even`() throws {
    // 1, 1.0078125 and 1.015625 are neighbours.
    let numbers: [Float] = [1, 1.00390625, 1.01171875, 1.004, -1.005, 3.0e38]
    let (file, read) = try stored(numbers, shape: [1, 6], as: .bf16)
    #expect(file.header.tensors["w"]?.type == .bf16 && !file.names.contains("w.scale"))
    #expect(Array(read[..<5]) == [1, 1, 1.015625, 1.0078125, -1.0078125])
    #expect(abs(read[5] / Float(3e38) - 1) < 0.004)
  }

  @Test(arguments: WeightType.allCases)
  func `numbers that were stored once are stored alike again`(type: WeightType) throws {
    var stream = SplitMix64(state: 3)
    let numbers = (0..<400).map { _ in Float(stream.uniform() - 0.5) }
    let once = try stored(numbers, shape: [20, 20], as: type)
    let again = try stored(once.numbers, shape: [20, 20], as: type)
    #expect(again.numbers == once.numbers && again.file.bytes == once.file.bytes)
  }

  @Test func `vectors stay exact unless they are named, and integers get the narrowest type`()
    throws
  {
    var document = SafetensorsDocument()
    document.set("bias", shape: [2], [Float(0.1), 0.2])
    document.set("named", shape: [2], [Float(127), 3.4])
    document.set("small", shape: [2], [Int64(0), 65_535])
    document.set("large", shape: [2], [Int64(-1), 70_000])
    document.set("huge", shape: [1], [Int64.max])
    document.set("text", shape: [1], [UInt8(9)])
    try document.compact(.int8) { $0 == "named" }
    let file = try file(document)
    #expect(try file.numbers("bias") == [0.1, 0.2] && file.numbers("named") == [127, 3])
    let types = ["bias", "named", "small", "large", "huge", "text"].map {
      file.header.tensors[$0]?.type
    }
    #expect(types == [.f32, .i8, .u16, .i32, .i64, .u8])
    #expect(try Array(file.integers("small")) == [0, 65_535])
    #expect(try Array(file.integers("large")) == [-1, 70_000])
    #expect(try Array(file.integers("huge")) == [.max])
    #expect(file.isScale("named.scale") && !file.isScale("bias.scale"))
  }

  @Test func `bytes without their factors and weights that are no numbers are refused`() throws {
    var document = SafetensorsDocument()
    document.set("w", shape: [2, 1], [Int8(1), 2])
    #expect(throws: UserError.self) { try file(document).numbers("w") }
    document.set("w.scale", shape: [1], [Float(1)])
    let error = #expect(throws: UserError.self) {
      try file(document).numbers("w", shape: [2, nil])
    }
    #expect(error?.description == "m: tensor “w.scale”: F32 [1]\n  expected: F32 [2]")
    let text = #expect(throws: UserError.self) {
      document.set("w", shape: [1], [UInt8(1)])
      _ = try file(document).numbers("w")
    }
    #expect(text?.expected == "F32 [any]")
    for type in [WeightType.int8, .bf16] {
      let bad = #expect(throws: UserError.self) {
        _ = try stored([1, .nan], shape: [1, 2], as: type)
      }
      #expect(bad?.location == "tensor “w”, element 1" && bad?.problem == "nan")
    }
  }
}
