/// Whether parts of some bytes are UTF-8. All bytes are examined once, however many parts there are.
package struct UTF8Parts: Sendable {
  private let bytes: [UInt8]
  private let isUTF8: Bool

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    isUTF8 = String(validating: bytes, as: UTF8.self) != nil
  }

  /// Whether a part begins and ends between characters, all of which are UTF-8.
  package func isText(_ part: Range<Int>) -> Bool {
    isUTF8 && isBoundary(part.lowerBound) && isBoundary(part.upperBound)
      || String(validating: bytes[part], as: UTF8.self) != nil
  }

  private func isBoundary(_ index: Int) -> Bool {
    index == bytes.endIndex || bytes[index] & 0xC0 != 0x80
  }
}
