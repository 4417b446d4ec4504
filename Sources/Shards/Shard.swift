import Safetensors
import Support

/// An element of a row: a byte of UTF-8 text or a token ID.
public protocol ShardElement: TensorScalar, Equatable {
  /// The metadata value of the key `format`.
  static var shardFormat: String { get }
  /// The name of the tensor that holds the elements of all rows.
  static var tensorName: String { get }
}

extension UInt8: ShardElement {
  /// `examples`.
  public static var shardFormat: String { "examples" }
  /// `text`.
  public static var tensorName: String { "text" }
}

extension Int32: ShardElement {
  /// `tokens`.
  public static var shardFormat: String { "tokens" }
  /// `token`.
  public static var tensorName: String { "token" }
}

/// A shard of UTF-8 text: written by `ingest`, read by `vocab`.
public typealias TextShard = Shard<UInt8>
/// A shard of token IDs: written by `vocab`, read by `train`, `finetune` and `evaluate`.
public typealias TokenShard = Shard<Int32>

/// Rows of one split of one task. A safetensors file, or several (``ShardFiles``), with
///
///     text or token  U8 or I32 [elements]  the elements of all rows, concatenated
///     offset         I64 [rows+1]          where each row begins; the last is the element count
///     label          I32 [rows]            the class, an index into the class names; -1 if unlabelled
///     label, label.offset                  in a multi-label task, the classes of each row, ``LabelSets``
///     group          I32 [rows]            the text ID, equal for rows of equal text; unlabelled rows
///                                          are numbered by themselves
///     id, id.offset                        the ID of each row, a ``StringColumn``
///     source, source.offset                the text of each row as it was written, if it is kept; in
///                                          `examples` empty where it equals `text`
///     unknown, unknown.offset              in `tokens`, the unknown words of each row in their order,
///                                          joined by spaces; files of earlier versions lack them
///
/// and the metadata `format` (`examples` or `tokens`), `version` (`1`; `2` for a multi-label task),
/// `task`, `split`, `labels` (the class names as a JSON array) and, unless empty, `setup` (the split
/// scheme). The files of a shard that is read are memory-mapped.
@dynamicMemberLookup
public struct Shard<Element: ShardElement>: Sendable {
  /// The properties that all rows share.
  public var header: ShardHeader
  /// The class of each row; -1 if it is unlabelled or one of a multi-label task.
  public var labels: [Int32]
  /// The classes of each row of a multi-label task; nil for any other task.
  public var labelSets: LabelSets?
  /// A number for the text of each row, equal for equal texts.
  public var textIDs: [Int32]
  var chunks: [Chunk]

  /// The rows of one file.
  struct Chunk: Sendable {
    var firstRow: Int
    /// Where each row begins; one more than there are rows.
    var offsets: [Int64]
    var elements: TensorView<Element>
    var ids: StringColumn
    var sources: StringColumn?
    var unknownWords: StringColumn?
  }

  /// A shard in memory: the elements of all rows; where each row begins, and the end; the label and
  /// the text ID of each row.
  /// - Parameters:
  ///   - labelSets: the classes of each row of a multi-label task, whose `labels` are all -1.
  ///   - ids: the ID of each row; empty IDs if nil.
  ///   - sources: the text of each row as it was written, if it is kept.
  ///   - unknownWords: the unknown words of each row, joined by spaces, if they are kept.
  public init(
    _ header: ShardHeader, elements: [Element], offsets: [Int64], labels: [Int32],
    labelSets: LabelSets? = nil, textIDs: [Int32], ids: StringColumn? = nil,
    sources: StringColumn? = nil, unknownWords: StringColumn? = nil
  ) {
    self.header = header
    (self.labels, self.labelSets) = (labels, labelSets)
    self.textIDs = textIDs
    let ids = ids ?? StringColumn(bytes: [], offsets: labels.map { _ in 0 } + [0])
    chunks = [
      Chunk(
        firstRow: 0, offsets: offsets, elements: TensorView(elements), ids: ids, sources: sources,
        unknownWords: unknownWords)
    ]
  }

  /// Reads a file and checks offsets and labels, but not the elements.
  /// - Throws: ``UserError`` with exit status `data`.
  public init(_ file: SafetensorsFile) throws {
    header = try ShardHeader(file, format: Element.shardFormat)
    if header.isMultiLabel {
      textIDs = try file.values("group", shape: [nil])
      labels = textIDs.map { _ in -1 }
      labelSets = try LabelSets(file, rows: labels.count, classCount: header.classNames.count)
    } else {
      labels = try file.values("label", shape: [nil])
      textIDs = try file.values("group", shape: [labels.count])
    }
    let offsets: [Int64] = try file.values("offset", shape: [labels.count + 1])
    let elements: TensorView<Element> = try file.elements(Element.tensorName, shape: [nil])
    try checkOffsets(offsets, of: Element.tensorName, count: elements.count, in: file)
    guard file.names.contains("id") else {
      throw UserError(
        .data, at: file.path, problem: "rows without IDs, as earlier versions wrote them",
        expected: "a tensor “id”", hint: "make it again with ingest, then vocab")
    }
    let rows = labels.count
    func optional(_ name: String) throws -> StringColumn? {
      file.names.contains(name) ? try StringColumn(name, rows: rows, in: file) : nil
    }
    chunks = [
      Chunk(
        firstRow: 0, offsets: offsets, elements: elements,
        ids: try StringColumn("id", rows: labels.count, in: file),
        sources: try optional("source"), unknownWords: try optional("unknown"))
    ]
    let isLabelled = header.split != .unlabelled && !header.isMultiLabel
    let allowed = isLabelled ? 0..<header.classNames.count : -1..<0
    if let bad = labels.firstIndex(where: { !allowed.contains(Int($0)) }) {
      throw UserError(
        .data, at: "\(file.path): tensor “label”, row \(bad)", problem: "\(labels[bad])",
        expected: isLabelled ? "a class below \(header.classNames.count)" : "-1, for no class")
    }
  }

  /// A field of the header, such as `shard.task`.
  public subscript<Value>(dynamicMember field: WritableKeyPath<ShardHeader, Value>) -> Value {
    get { header[keyPath: field] }
    set { header[keyPath: field] = newValue }
  }

  /// The number of rows.
  public var count: Int { labels.count }
  /// The number of elements of all rows.
  public var elementCount: Int { chunks.reduce(0) { $0 + $1.elements.count } }
  /// A copy of the elements of all rows.
  public var elements: [Element] { chunks.flatMap { Array($0.elements) } }
  /// The number of elements of each row.
  public var lengths: [Int] {
    chunks.flatMap { zip($0.offsets.dropFirst(), $0.offsets).map { Int($0 - $1) } }
  }
  /// Where each row begins among all elements, and the end.
  public var offsets: [Int64] {
    lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1)) }
  }

  /// The classes of a row in ascending order: one, or any number in a multi-label task; none if it is
  /// unlabelled.
  public func classes(of row: Int) -> ArraySlice<Int32> {
    if let labelSets { return labelSets[row] }
    return labels[row] < 0 ? [] : labels[row...row]
  }

  /// The number of rows of each class, [classes].
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: header.classNames.count)
    for row in 0..<count { for label in classes(of: row) { counts[Int(label)] += 1 } }
    return counts
  }

  /// The elements of one row.
  public func row(_ index: Int) -> TensorView<Element> {
    let chunk = chunks[chunkIndex(of: index)]
    let row = index - chunk.firstRow
    return chunk.elements[Int(chunk.offsets[row])..<Int(chunk.offsets[row + 1])]
  }

  /// The ID of a row: that in the data or, without one, the location of the row in it.
  public func id(of row: Int) -> String {
    let chunk = chunks[chunkIndex(of: row)]
    return String(decoding: chunk.ids[row - chunk.firstRow], as: UTF8.self)
  }

  /// The unknown words of a row in their order, joined by spaces; nil if they are not kept. A text
  /// without tokens has none, although its row is one unknown token.
  public func unknownWords(of row: Int) -> TensorView<UInt8>? {
    let chunk = chunks[chunkIndex(of: row)]
    return chunk.unknownWords?[row - chunk.firstRow]
  }

  /// Whether the unknown words of all rows are kept.
  public var keepsUnknownWords: Bool { chunks.allSatisfy { $0.unknownWords != nil } }

  /// The stored text of a row as it was written; nil if it is not kept.
  func storedSource(of row: Int) -> TensorView<UInt8>? {
    let chunk = chunks[chunkIndex(of: row)]
    return chunk.sources?[row - chunk.firstRow]
  }

  /// The index of the last chunk that begins at a row or before it.
  private func chunkIndex(of row: Int) -> Int {
    var (low, high) = (0, chunks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if chunks[middle].firstRow <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// One shard per file; one if the shard was not read from several.
  public var parts: [Shard] {
    chunks.map { chunk in
      let rows = chunk.firstRow..<chunk.firstRow + chunk.offsets.count - 1
      var part = self
      part.chunks = [chunk]
      part.chunks[0].firstRow = 0
      (part.labels, part.textIDs) = (Array(labels[rows]), Array(textIDs[rows]))
      part.labelSets = labelSets?.rows(rows)
      return part
    }
  }

  /// The shard as a single file.
  /// - Parameter includesIDs: whether with the IDs, the texts as they were written and the unknown
  ///   words, none of which is needed to tell training data apart.
  public func document(includesIDs: Bool = true) throws -> SafetensorsDocument {
    var document = SafetensorsDocument(
      metadata: try header.metadata(format: Element.shardFormat))
    document.set(Element.tensorName, shape: [elementCount], elements)
    document.set("offset", shape: [count + 1], offsets)
    if let labelSets {
      labelSets.write(to: &document)
    } else {
      document.set("label", shape: [count], labels)
    }
    document.set("group", shape: [count], textIDs)
    guard includesIDs else { return document }
    ids.write(to: &document, as: "id")
    column(\.sources)?.write(to: &document, as: "source")
    column(\.unknownWords)?.write(to: &document, as: "unknown")
    return document
  }

  /// The IDs of all rows.
  public var ids: StringColumn {
    chunks.count == 1
      ? chunks[0].ids
      : StringColumn(chunks.flatMap { chunk in (0..<chunk.ids.count).map { chunk.ids[$0] } })
  }

  /// A column of all rows; empty strings for rows of files without it, nil if no file has it.
  func column(_ path: KeyPath<Chunk, StringColumn?>) -> StringColumn? {
    guard chunks.contains(where: { $0[keyPath: path] != nil }) else { return nil }
    return chunks.count == 1
      ? chunks[0][keyPath: path]
      : StringColumn(
        chunks.flatMap { chunk in
          (0..<chunk.ids.count).map { chunk[keyPath: path]?[$0] ?? TensorView([]) }
        })
  }

  /// Appends the rows of another shard of the same kind with the same classes.
  public mutating func append(_ next: Shard) {
    chunks += next.chunks.map { chunk in
      var chunk = chunk
      chunk.firstRow += count
      return chunk
    }
    labels += next.labels
    if let sets = next.labelSets { labelSets?.append(sets) }
    textIDs += next.textIDs
  }
}

extension Shard: Equatable {
  /// Whether both hold the same rows, however they are distributed over files.
  public static func == (left: Shard, right: Shard) -> Bool {
    left.header == right.header && left.labels == right.labels
      && left.labelSets == right.labelSets && left.textIDs == right.textIDs
      && (0..<left.count).allSatisfy { row in
        left.row(row).elementsEqual(right.row(row)) && left.id(of: row) == right.id(of: row)
          && (left.storedSource(of: row) ?? TensorView([]))
            .elementsEqual(right.storedSource(of: row) ?? TensorView([]))
          && (left.unknownWords(of: row) ?? TensorView([]))
            .elementsEqual(right.unknownWords(of: row) ?? TensorView([]))
      }
  }
}
