/// Collects rows for a shard.
public struct ShardBuilder<Element: ShardElement> {
  /// The properties that all rows share.
  public let header: ShardHeader
  /// The elements of all rows so far.
  public private(set) var elements: [Element] = []
  private var offsets: [Int64] = [0]
  private var labels: [Int32] = []
  private var labelSets = LabelSets()
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
      header, elements: elements, offsets: offsets, labels: labels,
      labelSets: header.isMultiLabel ? labelSets : nil, textIDs: textIDs,
      ids: StringColumn(bytes: ids.bytes, offsets: ids.offsets),
      sources: sources.bytes.isEmpty
        ? nil : StringColumn(bytes: sources.bytes, offsets: sources.offsets),
      unknownWords: Element.self == Int32.self
        ? StringColumn(bytes: unknownWords.bytes, offsets: unknownWords.offsets) : nil)
  }

  /// Adds a row.
  /// - Parameters:
  ///   - classes: indices into the class names: one, or any number in a multi-label task; none for an
  ///     unlabelled row.
  ///   - textID: a number for the text, equal for equal texts.
  ///   - id: the ID of the row.
  ///   - source: the text as it was written; empty if it equals the row or is not kept.
  ///   - unknownWords: the unknown words of a row of tokens, joined by spaces.
  public mutating func append(
    _ row: some Sequence<Element>, classes: some Collection<Int32>, textID: Int, id: String = "",
    source: [UInt8] = [], unknownWords: [UInt8] = []
  ) {
    elements.append(contentsOf: row)
    offsets.append(Int64(elements.count))
    labels.append(header.isMultiLabel ? -1 : classes.first ?? -1)
    if header.isMultiLabel { labelSets.append(classes) }
    textIDs.append(Int32(textID))
    ids.bytes.append(contentsOf: id.utf8)
    ids.offsets.append(Int64(ids.bytes.count))
    sources.bytes.append(contentsOf: source)
    sources.offsets.append(Int64(sources.bytes.count))
    self.unknownWords.bytes.append(contentsOf: unknownWords)
    self.unknownWords.offsets.append(Int64(self.unknownWords.bytes.count))
  }

  /// Adds a row with one class or, with the label -1, without one.
  public mutating func append(
    _ row: some Sequence<Element>, label: Int, textID: Int, id: String = "", source: [UInt8] = [],
    unknownWords: [UInt8] = []
  ) {
    append(
      row, classes: label < 0 ? [] : [Int32(label)], textID: textID, id: id, source: source,
      unknownWords: unknownWords)
  }
}
