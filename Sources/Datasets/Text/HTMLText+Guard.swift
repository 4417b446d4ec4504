import CLibxml2

extension HTMLText {
  /// `html` with every `<` that opens no markup written as `&lt;`.
  func guarded(_ html: [UInt8]) -> [UInt8] {
    let opener = UInt8(ascii: "<")
    guard var position = html.firstIndex(of: opener) else { return html }
    let lastCommentEnd = lastIndex(of: "-->", in: html)
    var result = Array(html[..<position])
    result.reserveCapacity(html.count + 16)
    while position < html.count {
      let isMarkup = opensMarkup(html, position, lastCommentEnd)
      result.append(contentsOf: isMarkup ? "<".utf8 : "&lt;".utf8)
      position += 1
      let next = html[position...].firstIndex(of: opener) ?? html.count
      result.append(contentsOf: html[position..<next])
      position = next
    }
    return result
  }

  /// Where the last `mark` begins, or -1.
  private func lastIndex(of mark: StaticString, in html: [UInt8]) -> Int {
    let mark = Array(UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount))
    var position = html.count - mark.count
    while position >= 0, html[position] != mark[0] || !html[position...].starts(with: mark) {
      position -= 1
    }
    return position
  }

  /// Whether the `<` at `start` begins a comment that ends or a tag of a known element that is
  /// closed before the next `<`.
  private func opensMarkup(_ html: [UInt8], _ start: Int, _ lastCommentEnd: Int) -> Bool {
    if html[start...].starts(with: "<!--".utf8) { return lastCommentEnd >= start + 4 }
    var position = start + 1
    if position < html.count, html[position] == UInt8(ascii: "/") { position += 1 }
    var name: [UInt8] = []
    while position < html.count, isNameByte(html[position]), name.count < 16 {
      name.append(html[position] | 0x20)
      position += 1
    }
    name.append(0)
    guard name.count > 1, htmlTagLookup(name) != nil else { return false }
    guard position < html.count, [0x20, 0x2F, 0x3E].contains(html[position]) else { return false }
    let end = html[position...].firstIndex { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }
    return end.map { html[$0] == UInt8(ascii: ">") } ?? false
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
      || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }
}
