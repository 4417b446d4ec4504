import Shards

/// A text and its classes.
struct Example {
  /// Normalized text.
  var text: [UInt8]
  /// Indices into the class names in ascending order: one or, in a multi-label task, any number; none
  /// of a text without a class.
  var labels: [Int]
  /// The split that the data assigns, if any.
  var split: Split?
  /// The ID of the row: that in the data, or the location of the row in it.
  var id: String
  /// The text as it was written, as UTF-8; empty if it equals the normalized text.
  var source: [UInt8]

  /// - Parameter source: the text as it was written; blanks at its ends are ignored.
  init(
    text: [UInt8], labels: [Int], split: Split? = nil, id: String,
    source: some BidirectionalCollection<UInt8>
  ) {
    (self.text, self.labels, self.split, self.id) = (text, labels, split, id)
    let trimmed = source.trimmingBlanks
    self.source =
      trimmed.elementsEqual(text) ? [] : Array(String(decoding: trimmed, as: UTF8.self).utf8)
  }
}

extension BidirectionalCollection<UInt8> {
  /// The bytes without ASCII white space and control characters at the ends.
  var trimmingBlanks: SubSequence {
    guard let first = firstIndex(where: { $0 > 0x20 }), let last = lastIndex(where: { $0 > 0x20 })
    else { return self[startIndex..<startIndex] }
    return self[first...last]
  }
}
