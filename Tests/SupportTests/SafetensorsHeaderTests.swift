import Foundation
import Safetensors
import Testing

/// Byte-literal files with one defect each, and the whole message.
struct SafetensorsHeaderTests {
  /// The bytes of a file: the length of the header, the header, the data.
  private func file(_ header: String, _ data: [UInt8] = []) -> Data {
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    return bytes + Data(header.utf8) + Data(data)
  }

  private func message(_ bytes: Data) -> String {
    do {
      _ = try SafetensorsFile(bytes: bytes, path: "x")
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  private let again =
    "\n  what to do: run the stage that makes this file again, or download it again"
  private let notHeader =
    "\n  what to do: this is not the header of a safetensors file; make the file again"

  @Test func `files shorter than their header are refused`() {
    #expect(message(Data()) == "x: 0 bytes\n  expected: a safetensors file" + again)
    #expect(
      message(Data([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]))
        == "x: a header of 3 bytes announced in a file of 10\n  expected: a safetensors file: 8 bytes of header length, the header, the data"
        + again)
  }

  @Test func `headers of impossible length are refused`() {
    for length in [UInt64.max, 1 << 63, 100_000_001] {
      var bytes = Data()
      withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
      #expect(
        message(bytes + Data("{}".utf8))
          == "x: a header of \(length) bytes announced in a file of 10\n  expected: a safetensors file: 8 bytes of header length, the header, the data"
          + again)
    }
    var large = Data([0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0])
    large.append(Data(count: 100_000_001))
    #expect(
      message(large)
        == "x: a header of 100000001 bytes\n  expected: at most 100000000" + again)
    #expect(
      message(file("")) == "x: byte 8: the end of the header\n  expected: { as the first byte"
        + notHeader)
  }

  @Test(arguments: [
    (" {}", "byte 8: the byte 0x20", "{ as the first byte"),
    ("[]", "byte 8: the byte 0x5b", "{ as the first byte"),
    ("{", "byte 9: the end of the header", "\""),
    ("{}x", "byte 10: the byte 0x78", "only spaces"),
    ("{}\n", "byte 10: the byte 0xa", "only spaces"),
    ("{\"a\"}", "byte 12: the byte 0x7d", ":"),
    ("{\"a\":1}", "byte 13: the byte 0x31", "{"),
    ("{\"a\":{}}", "byte 15: the byte 0x7d", "dtype, shape and two data_offsets before this point"),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
      "byte 58: the byte 0x7d", "dtype, shape and two data_offsets before this point"
    ),
    ("{\"a\":{\"size\":1}}", "byte 21: the byte 0x31", "dtype, shape or data_offsets, not “size”"),
    (
      "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", "byte 34: the byte 0x3a",
      "each key once, not “dtype” again"
    ),
    ("{\"__metadata__\":{\"a\":1}}", "byte 29: the byte 0x31", "\""),
    (
      "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "byte 36: the byte 0x3a",
      "each key once, not “a” again"
    ),
    (
      "{\"__metadata__\":{},\"__metadata__\":{}}", "byte 41: the byte 0x3a",
      "each key once, not “__metadata__” again"
    ),
    ("{\"a\":{\"shape\":[-1]}}", "byte 23: the byte 0x2d", "a whole number that is not negative"),
    ("{\"a\":{\"shape\":[01]}}", "byte 25: the byte 0x5d", "a whole number that is not negative"),
    ("{\"a\":{\"shape\":[1.5]}}", "byte 24: the byte 0x2e", "]"),
    ("{\"a\":{\"shape\":[1e3]}}", "byte 24: the byte 0x65", "]"),
    ("{\"a\":{\"shape\":[9223372036854775808]}}", "byte 41: the byte 0x38", "a number below 2^63"),
    ("{\"a\\x\":{}}", "byte 12: the byte 0x78", "a JSON escape"),
    ("{\"\\u12g4\":{}}", "byte 14: the byte 0x67", "four hexadecimal digits"),
    ("{\"\\ud800\":{}}", "byte 16: the byte 0x22", "a Unicode scalar"),
    ("{\"\\ud83d\\u0041\":{}}", "byte 22: the byte 0x22", "a low surrogate"),
    ("{\"a\u{1}\":{}}", "byte 11: the byte 0x1", "no control character inside a string"),
    ("{\"a", "byte 11: the end of the header", "the end of a string"),
  ])
  func `JSON that is not a header is refused`(header: String, place: String, expected: String) {
    #expect(message(file(header)) == "x: \(place)\n  expected: \(expected)\(notHeader)")
  }

  @Test func `names that are not UTF-8 are refused`() {
    var bytes = Data([9, 0, 0, 0, 0, 0, 0, 0])
    bytes += Data([0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x7B, 0x7D, 0x7D])
    #expect(
      message(bytes)
        == "x: byte 13: the byte 0x3a\n  expected: valid UTF-8 in the string before this point"
        + notHeader)
  }

  @Test func `the same tensor twice is refused, also in two spellings`() {
    let entry = "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}"
    let next = "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}"
    #expect(
      message(file("{\"a\":\(entry),\"a\":\(next)}", [1, 2]))
        == "x: byte 64: the byte 0x3a\n  expected: each key once, not “a” again" + notHeader)
    #expect(
      message(file("{\"\u{E9}\":\(entry),\"e\u{301}\":\(next)}", [1, 2]))
        == "x: two tensors called “e\u{301}” in different spellings\n  expected: names that differ"
        + again)
  }

  @Test(arguments: [
    (
      "Q4", "[1]", "[0,2]", 2, "tensor “a” of type “Q4”",
      "one of BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3, "
        + "F8_E4M3FNUZ, F8_E5M2, F8_E5M2FNUZ, F16, BF16, F32, F64, C64"
    ),
    ("F4", "[3]", "[0,2]", 2, "tensor “a” of type F4 and shape [3]", "whole bytes"),
    (
      "BF16", "[2]", "[0,8]", 8, "tensor “a” at data bytes 0..<8",
      "4 bytes starting at 0: no holes, no overlaps"
    ),
    (
      "F32", "[2]", "[0,4]", 4, "tensor “a” at data bytes 0..<4",
      "8 bytes starting at 0: no holes, no overlaps"
    ),
    (
      "F32", "[1]", "[4,0]", 4, "tensor “a” at data bytes 4..<0",
      "4 bytes starting at 0: no holes, no overlaps"
    ),
    (
      "F32", "[1]", "[4,8]", 8, "tensor “a” at data bytes 4..<8",
      "4 bytes starting at 0: no holes, no overlaps"
    ),
    ("F32", "[1]", "[0,4]", 3, "tensor “a” ends 1 byte after the file", "the whole data"),
    ("F32", "[1]", "[0,4]", 5, "1 byte after the last tensor", "none"),
    (
      "F64", "[2305843009213693952]", "[0,8]", 8, "tensor “a” of shape [2305843009213693952]",
      "a size that fits"
    ),
    (
      "U8", "[4294967296,4294967296,0]", "[0,0]", 0,
      "tensor “a” of shape [4294967296, 4294967296, 0]", "a size that fits"
    ),
    (
      "U8", "[9223372036854775807]", "[0,9223372036854775807]", 1,
      "tensor “a” of shape [9223372036854775807]", "a size that fits"
    ),
  ])
  func `tensors that do not fit the data are refused`(
    type: String, shape: String, offsets: String, size: Int, problem: String, expected: String
  ) {
    let header = "{\"a\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
    let bytes = file(header, [UInt8](repeating: 0, count: size))
    #expect(message(bytes) == "x: \(problem)\n  expected: \(expected)" + again)
  }

  @Test(
    arguments: [
      ("BOOL", [1, 0], "true false"), ("U8", [255], "255"), ("I8", [255, 128], "-1 -128"),
      ("U16", [1, 2], "513"), ("I16", [0, 0x80], "-32768"),
      ("U32", [0xFF, 0xFF, 0xFF, 0xFF], "4294967295"),
      ("I32", [0xFE, 0xFF, 0xFF, 0xFF], "-2"),
      ("U64", [0, 0, 0, 0, 0, 0, 0, 0x80], "9223372036854775808"),
      ("I64", [0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
      ("F16", [0, 0x3C, 1, 0], "1.0 6e-08"),
      ("BF16", [0x80, 0x3F, 0x80, 0x7F], "1.0 inf"), ("F32", [0, 0, 0xC0, 0xBF], "-1.5"),
      ("F64", [0, 0, 0, 0, 0, 0, 0xE0, 0x3F], "0.5"), ("F8_E5M2", [0x3C, 0xFC], "1.0 -inf"),
      ("F8_E4M3", [0x38, 0x7E, 0x7F, 0xFF, 0x81], "1.0 448.0 nan nan -0.001953125"),
      ("C64", [0, 0, 0, 0, 0, 0, 0, 0], "?"), ("F4", [0x12], ""), ("F8_E8M0", [1, 2], "? ?"),
      ("F6_E2M3", [1, 2, 3], ""), ("F6_E3M2", [1, 2, 3], ""), ("F8_E4M3FNUZ", [1], "?"),
      ("F8_E5M2FNUZ", [1], "?"), ("F32", [], ""),
    ] as [(String, [UInt8], String)])
  func `every type of the specification is read`(type: String, data: [UInt8], values: String) throws
  {
    let bits = try #require(DType(rawValue: type)).bitWidth
    let header =
      "{\"a\":{\"dtype\":\"\(type)\",\"shape\":[\(data.count * 8 / bits)],"
      + "\"data_offsets\":[0,\(data.count)]}}"
    let read = try SafetensorsFile(bytes: file(header, data), path: "x")
    let info = try #require(read.header.tensors["a"])
    #expect(read.firstValues(of: info, count: 5) == values)
    #expect(
      read.firstValues(of: info, count: 1)
        == (values.split(separator: " ").first ?? "") + (values.contains(" ") ? " …" : ""))
  }

  @Test(arguments: ["hello", "hello, world"])
  func `a file that only looks like one by its name is named`(text: String) {
    #expect(
      message(Data(text.utf8))
        == """
        x: not a safetensors file
          expected: 8 bytes of header length, the header as a JSON object, the data
          what to do: check the path; only safetensors files are read here, whatever their name is
        """)
  }

  @Test func `a tensor that another program has converted is named with the way back`() throws {
    let header = "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}"
    let read = try SafetensorsFile(bytes: file(header, [0, 0]), path: "x")
    #expect(read.foreignTensor == "the tensor “a” of type F16")
    do {
      _ = try read.values("a", as: Float.self)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".hasPrefix("x: tensor “a”: F16 [1]\n  expected: F32 [any]\n  what to do: "))
      #expect("\(error)".contains("tensor.float()"))
    }
  }

  @Test func `overlaps and holes between tensors are refused`() {
    let first = "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}"
    for (start, size) in [(1, 3), (3, 5)] {
      let second = "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[\(start),\(start + 2)]}"
      let bytes = file("{\(first),\(second)}", [UInt8](repeating: 0, count: size))
      #expect(
        message(bytes)
          == "x: tensor “b” at data bytes \(start)..<\(start + 2)\n  expected: 2 bytes starting at 2: no holes, no overlaps"
          + again)
    }
  }

  @Test func `what the specification allows is read`() throws {
    let header =
      "{ \"b\" : {\"shape\":[ ], \"data_offsets\":[0,4],\"dtype\":\"F32\"},\n"
      + "\"\\u00e9\\ud83d\\ude00\\\"\":{\"dtype\":\"U8\",\"shape\":[0,3],\"data_offsets\":[4,4]},"
      + "\"__metadata__\":{\"k\":\"a\\/b\\t\"}}   "
    let read = try SafetensorsFile(bytes: file(header, [0, 0, 0x80, 0x3F]), path: "x")
    #expect(read.names == ["b", "é😀\""])
    #expect(read.metadata == ["k": "a/b\t"])
    #expect(try read.values("b", shape: []) == [Float(1)])
    #expect(try read.values("é😀\"", shape: [0, nil], as: UInt8.self) == [])
    #expect(try SafetensorsFile(bytes: file("{}"), path: "x").names == [])
  }

  @Test func `a tensor that is missing or of another type or shape is refused with what there is`()
    throws
  {
    let header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2,1],\"data_offsets\":[0,2]}}"
    let read = try SafetensorsFile(bytes: file(header, [1, 2]), path: "x")
    func refusal(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "accepted"
    }
    #expect(
      refusal { _ = try read.values("b", as: UInt8.self) }
        == "x: no tensor “b”\n  expected: one of its tensors: a\n  what to do: check that this file comes from the stage that the input asks for"
    )
    #expect(
      refusal { _ = try read.values("a", as: Float.self) }
        == "x: tensor “a”: U8 [2, 1]\n  expected: F32 [any]")
    #expect(
      refusal { _ = try read.values("a", shape: [nil, 2], as: UInt8.self) }
        == "x: tensor “a”: U8 [2, 1]\n  expected: U8 [any, 2]")
  }
}
