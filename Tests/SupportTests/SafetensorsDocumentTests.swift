import Foundation
import Safetensors
import Support
import Testing
import TestSupport

struct SafetensorsDocumentTests {
  @Test func `a document is these bytes`() {
    var document = SafetensorsDocument(metadata: ["k": "é\"\\\n\u{1}"])
    document.set("b", shape: [2], [UInt8(1), 2])
    document.set("a", shape: [1], [Float(1)])
    let header =
      #"{"__metadata__":{"k":"é\"\\\n\u0001"},"a":{"data_offsets":[0,4],"dtype":"F32","shape":[1]},"#
      + #""b":{"data_offsets":[4,6],"dtype":"U8","shape":[2]}}"#
    let padding = (8 - header.utf8.count % 8) % 8
    let length = UInt8(header.utf8.count + padding)
    let expected =
      Data([length, 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8)
      + Data(repeating: 0x20, count: padding) + Data([0, 0, 0x80, 0x3F, 1, 2])
    #expect(document.encoded() == expected)
  }

  @Test func `the order of making does not matter`() {
    let names = ["z", "a", "é", "e\u{301}x", "Z"]
    var one = SafetensorsDocument(metadata: ["x": "1", "a": "2"])
    for name in names { one.set(name, shape: [1], [Int32(name.utf8.count)]) }
    var other = SafetensorsDocument(metadata: ["a": "2", "x": "1"])
    for name in names.reversed() { other.set(name, shape: [1], [Int32(name.utf8.count)]) }
    #expect(one.encoded() == other.encoded())
  }

  @Test func `every type comes back from a file as it went in`() throws {
    let bench = try TemporaryDirectory()
    var document = SafetensorsDocument(metadata: ["format": "test"])
    document.set("u8", shape: [3], [UInt8(0), 127, 255])
    document.set("i32", shape: [2, 1], [Int32.min, .max])
    document.set("i64", shape: [2], [Int64.min, .max])
    document.set("f32", shape: [1, 2], [-Float.zero, .leastNonzeroMagnitude])
    document.set("f64", shape: [], [Double.pi])
    document.set("none", shape: [0, 4], [Float]())
    try bench.write(document.encoded(), to: "x.safetensors")
    let file = try SafetensorsFile(path: bench("x.safetensors"))
    #expect(file.metadata == ["format": "test"])
    #expect(try file.values("u8") == [UInt8(0), 127, 255])
    #expect(try file.values("i32", shape: [2, 1]) == [Int32.min, .max])
    #expect(try file.values("i64") == [Int64.min, .max])
    let floats = try file.values("f32", as: Float.self).map(\.bitPattern)
    #expect(floats == [0x8000_0000, 1])
    #expect(try file.values("f64", shape: []) == [Double.pi])
    #expect(try file.withValues("none", as: Float.self) { $0.count } == 0)
    #expect(try file.withValues("f64", as: Double.self) { $0[0] } == .pi)
  }

  @Test func `a tensor that is not aligned is read all the same`() throws {
    // Not ours: one byte, then a float.
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
    var bytes = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0])
    bytes += Data(header.utf8) + Data([9, 0, 0, 0x80, 0x3F])
    let file = try SafetensorsFile(bytes: bytes, path: "x")
    #expect(try file.withValues("b", as: Float.self) { Array($0) } == [1])
  }

  @Test func `a missing file is refused by its name`() {
    let error = #expect(throws: UserError.self) {
      try SafetensorsFile(path: "nowhere/x.safetensors")
    }
    #expect(error?.exitStatus == .noInput)
    #expect(error?.location == "nowhere/x.safetensors")
  }
}
