/// Collects rows for a shard.
public struct ShardBuilder<Element: ShardElement> {
  /// The properties that all rows share.
  public let header: ShardHeader
  /// The elements of all rows so far.
  public private(set) var elements: [Element] = []
  private var offsets: [Int64] = [0]
  private var labels: [Int32] = []
  private var textIDs: [Int32] = []
  private var ids: (bytes: [UInt8], offsets: [Int64]) = ([], [0])
  private var sources: (bytes: [UInt8], offsets: [Int64]) = ([], [0])
  private var unknownWords: (bytes: [UInt8], offsets: [Int64]) = ([], [0])

  /// A builder without rows.
  public init(_ header: ShardHeader) { self.header = header }

  /// The number of rows.
  public var count: Int { labels.count }
  /// A shard of the rows so far.
  public var shard: Shard<Element> {
    Shard(
      header, elements: elements, offsets: offsets, labels: labels, textIDs: textIDs,
      ids: StringColumn(bytes: ids.bytes, offsets: ids.offsets),
      sources: sources.bytes.isEmpty
        ? nil : StringColumn(bytes: sources.bytes, offsets: sources.offsets),
      unknownWords: Element.self == Int32.self
        ? StringColumn(bytes: unknownWords.bytes, offsets: unknownWords.offsets) : nil)
  }

  /// Adds a row.
  /// - Parameters:
  ///   - label: an index into the class names; -1 for an unlabelled row.
  ///   - textID: a number for the text, equal for equal texts.
  ///   - id: the ID of the row.
  ///   - source: the text as it was written; empty if it equals the row or is not kept.
  ///   - unknownWords: the unknown words of a row of tokens, joined by spaces.
  public mutating func append(
    _ row: some Sequence<Element>, label: Int, textID: Int, id: String = "", source: [UInt8] = [],
    unknownWords: [UInt8] = []
  ) {
    elements.append(contentsOf: row)
    offsets.append(Int64(elements.count))
    labels.append(Int32(label))
    textIDs.append(Int32(textID))
    ids.bytes.append(contentsOf: id.utf8)
    ids.offsets.append(Int64(ids.bytes.count))
    sources.bytes.append(contentsOf: source)
    sources.offsets.append(Int64(sources.bytes.count))
    self.unknownWords.bytes.append(contentsOf: unknownWords)
    self.unknownWords.offsets.append(Int64(self.unknownWords.bytes.count))
  }
}
