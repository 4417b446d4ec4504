import Foundation
import Safetensors
import Support
import TestSupport
import Testing

struct TensorViewTests {
  @Test func `elements of a mapped file are those of a copy`() throws {
    let bench = try TemporaryDirectory()
    var document = SafetensorsDocument()
    document.set("wide", shape: [3], [1, -2, 3] as [Int64])
    document.set("narrow", shape: [5], [1, 2, 3, 4, 255] as [UInt8])
    document.set("none", shape: [0], [] as [Float])
    try bench.write(document.encoded(), to: "x")
    for mapped in [false, true] {
      let file = try SafetensorsFile(path: bench("x"), mapped: mapped)
      #expect(Array(try file.elements("wide", as: Int64.self)) == [1, -2, 3])
      #expect(Array(try file.elements("narrow", as: UInt8.self)[1..<4]) == [2, 3, 4])
      #expect(Array(try file.elements("none", as: Float.self)).isEmpty)
    }
    for path in [bench("nothing"), bench.path] {
      #expect(throws: UserError.self) { try SafetensorsFile(path: path, mapped: true) }
    }
  }

  @Test func `elements outlive their file`() throws {
    let bench = try TemporaryDirectory()
    var document = SafetensorsDocument()
    document.set("x", shape: [1000], (0..<1000).map { Int32($0) })
    try bench.write(document.encoded(), to: "x")
    let elements = try SafetensorsFile(path: bench("x"), mapped: true).elements("x", as: Int32.self)
    try FileManager.default.removeItem(atPath: bench("x"))
    #expect(elements.reduce(0, +) == 499_500)
    #expect(elements[990..<1000].last == 999)
  }
}
