import Shards

/// A text and its class.
struct Example {
  /// Normalized text.
  var text: [UInt8]
  /// An index into the class names.
  var label: Int
  /// The split that the data assigns, if any.
  var split: Split?
  /// The ID of the row: that in the data, or the location of the row in it.
  var id: String
  /// The text as it was written, as UTF-8; empty if it equals the normalized text.
  var source: [UInt8]

  /// - Parameter source: the text as it was written; blanks at its ends are ignored.
  init(
    text: [UInt8], label: Int, split: Split? = nil, id: String,
    source: some Collection<UInt8>
  ) {
    (self.text, self.label, self.split, self.id) = (text, label, split, id)
    let trimmed = source.trimmingBlanks
    self.source =
      trimmed.elementsEqual(text) ? [] : Array(String(decoding: trimmed, as: UTF8.self).utf8)
  }

  /// The example with another class.
  func with(label: Int) -> Example {
    var example = self
    example.label = label
    return example
  }
}

extension Collection<UInt8> {
  /// The bytes without ASCII white space and control characters at the ends.
  var trimmingBlanks: SubSequence {
    let rest = drop { $0 <= 0x20 }
    var end = rest.startIndex
    for index in rest.indices where rest[index] > 0x20 { end = rest.index(after: index) }
    return rest[..<end]
  }
}
