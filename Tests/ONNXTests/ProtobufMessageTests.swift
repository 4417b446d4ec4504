import Foundation
import Testing

@testable import ONNX

/// The encoding of messages, with the examples of protobuf.dev/programming-guides/encoding.
struct ProtobufMessageTests {
  private func bytes(_ add: (inout ProtobufMessage) -> Void) -> [UInt8] {
    var message = ProtobufMessage()
    add(&message)
    #expect(message.byteCount == message.encoded().count)
    return Array(message.encoded())
  }

  @Test(
    arguments: [
      (0, [0x00]), (1, [0x01]), (127, [0x7F]), (150, [0x96, 0x01]),
      (1 << 32, [0x80, 0x80, 0x80, 0x80, 0x10]),
      (-2, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ] as [(Int, [UInt8])])
  func `integers take seven bits a byte`(value: Int, encoding: [UInt8]) {
    #expect(bytes { $0.add(1, value) } == [0x08] + encoding)
  }

  @Test func `fields above 15 have a tag of two bytes`() {
    #expect(bytes { $0.add(20, 1) } == [0xA0, 0x01, 0x01])
  }

  @Test func `texts and messages have their length before them`() {
    #expect(bytes { $0.add(2, "testing") } == [0x12, 0x07] + Array("testing".utf8))
    var inner = ProtobufMessage()
    inner.add(1, 150)
    #expect(bytes { $0.add(3, inner) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  @Test func `numbers in single precision are little-endian`() {
    #expect(bytes { $0.add(2, Float(-2)) } == [0x15, 0x00, 0x00, 0x00, 0xC0])
    #expect(
      bytes { $0.add(9, rawBytesOf: [1, -2]) } == [0x4A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
  }

  @Test func `a message within others has the same bytes`() {
    var inner = ProtobufMessage()
    inner.add(1, "a")
    inner.add(9, rawBytesOf: [1, 2, 3])
    inner.add(2, 7)
    let plain = Array(inner.encoded())
    for depth in 1...3 {
      var outer = ProtobufMessage()
      outer.add(1, inner)
      outer.add(4, 1)
      #expect(
        Array(outer.encoded()) == [0x0A, UInt8(inner.byteCount)] + inner.encoded() + [0x20, 1])
      inner = outer
      #expect(Array(inner.encoded().dropFirst(2 * depth).prefix(plain.count)) == plain)
    }
  }
}
