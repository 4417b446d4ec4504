import Foundation
import Safetensors
import Support

/// The properties that all rows of a shard share, stored as metadata.
public struct ShardHeader: Equatable, Sendable {
  /// The name of the task.
  public var task: String
  /// The role of the rows.
  public var split: Split
  /// How the rows were chosen and divided, as far as results depend on it, such as `official`;
  /// empty for the default of the data set.
  public var splitScheme: String
  /// The names of the classes; a label is an index into them.
  public var classNames: [String]

  /// Creates a header.
  public init(task: String, split: Split, splitScheme: String = "", classNames: [String]) {
    self.task = task
    self.split = split
    self.splitScheme = splitScheme
    self.classNames = classNames
  }

  /// Reads the metadata of a shard whose `format` is `format`.
  fileprivate init(_ file: SafetensorsFile, format: String) throws {
    guard file.metadata["format"] == format, file.metadata["version"] == "1" else {
      throw UserError(
        .data, at: file.path,
        problem:
          "format “\(file.metadata["format"] ?? "none")” version “\(file.metadata["version"] ?? "none")”",
        expected: "format “\(format)” version “1”",
        hint: "point at the output of the stage that writes \(format)")
    }
    func value(_ key: String) throws -> String {
      guard let value = file.metadata[key] else {
        throw UserError(
          .data, at: file.path, problem: "no “\(key)” in the metadata",
          expected: "a shard of \(format)",
          hint: "make it again with the stage that writes \(format)")
      }
      return value
    }
    let classNames = try value("labels")
    guard let names = try? JSONDecoder().decode([String].self, from: Data(classNames.utf8)),
      !names.isEmpty
    else {
      throw UserError(
        .data, at: "\(file.path): metadata “labels”", problem: classNames,
        expected: "a JSON array of class names")
    }
    guard let split = Split(rawValue: try value("split")) else {
      throw UserError(
        .data, at: "\(file.path): metadata “split”", problem: "“\(try value("split"))”",
        expected: "train, validation or test")
    }
    self.init(
      task: try value("task"), split: split, splitScheme: file.metadata["setup"] ?? "",
      classNames: names)
  }

  fileprivate func metadata(format: String) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var metadata = [
      "format": format, "version": "1", "task": task, "split": split.rawValue,
      "labels": String(decoding: try encoder.encode(classNames), as: UTF8.self),
    ]
    if !splitScheme.isEmpty { metadata["setup"] = splitScheme }
    return metadata
  }
}

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
///     label          I32 [rows]            the class, an index into the class names
///     group          I32 [rows]            the text ID, equal for rows of equal text
///     id, id.offset                        the ID of each row, a ``StringColumn``
///     source, source.offset                the text of each row as it was written, if it is kept; in
///                                          `examples` empty where it equals `text`
///
/// and the metadata `format` (`examples` or `tokens`), `version` (`1`), `task`, `split`, `labels`
/// (the class names as a JSON array) and, unless empty, `setup` (the split scheme). The files of a
/// shard that is read are memory-mapped.
@dynamicMemberLookup
public struct Shard<Element: ShardElement>: Sendable {
  /// The properties that all rows share.
  public var header: ShardHeader
  /// The class of each row.
  public var labels: [Int32]
  /// A number for the text of each row, equal for equal texts.
  public var textIDs: [Int32]
  private var chunks: [Chunk]

  /// The rows of one file.
  private struct Chunk: Sendable {
    var firstRow: Int
    /// Where each row begins; one more than there are rows.
    var offsets: [Int64]
    var elements: TensorView<Element>
    var ids: StringColumn
    var sources: StringColumn?
  }

  /// A shard in memory: the elements of all rows; where each row begins, and the end; the label and
  /// the text ID of each row.
  /// - Parameters:
  ///   - ids: the ID of each row; empty IDs if nil.
  ///   - sources: the text of each row as it was written, if it is kept.
  public init(
    _ header: ShardHeader, elements: [Element], offsets: [Int64], labels: [Int32],
    textIDs: [Int32], ids: StringColumn? = nil, sources: StringColumn? = nil
  ) {
    self.header = header
    self.labels = labels
    self.textIDs = textIDs
    let ids = ids ?? StringColumn(bytes: [], offsets: labels.map { _ in 0 } + [0])
    chunks = [
      Chunk(
        firstRow: 0, offsets: offsets, elements: TensorView(elements), ids: ids, sources: sources)
    ]
  }

  /// Reads a file and checks offsets and labels, but not the elements.
  /// - Throws: ``UserError`` with exit status `data`.
  public init(_ file: SafetensorsFile) throws {
    header = try ShardHeader(file, format: Element.shardFormat)
    labels = try file.values("label", shape: [nil])
    textIDs = try file.values("group", shape: [labels.count])
    let offsets: [Int64] = try file.values("offset", shape: [labels.count + 1])
    let elements: TensorView<Element> = try file.elements(Element.tensorName, shape: [nil])
    try checkOffsets(offsets, of: Element.tensorName, count: elements.count, in: file)
    guard file.names.contains("id") else {
      throw UserError(
        .data, at: file.path, problem: "rows without IDs, as earlier versions wrote them",
        expected: "a tensor “id”", hint: "make it again with ingest, then vocab")
    }
    chunks = [
      Chunk(
        firstRow: 0, offsets: offsets, elements: elements,
        ids: try StringColumn("id", rows: labels.count, in: file),
        sources: file.names.contains("source")
          ? try StringColumn("source", rows: labels.count, in: file) : nil)
    ]
    if let bad = labels.firstIndex(where: { $0 < 0 || $0 >= header.classNames.count }) {
      throw UserError(
        .data, at: "\(file.path): tensor “label”, row \(bad)", problem: "\(labels[bad])",
        expected: "a class below \(header.classNames.count)")
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

  /// The stored text of a row as it was written; nil if it is not kept.
  fileprivate func storedSource(of row: Int) -> TensorView<UInt8>? {
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
      return part
    }
  }

  /// The shard as a single file.
  /// - Parameter includesIDs: whether with the IDs and the texts as they were written, which do not
  ///   affect training.
  public func document(includesIDs: Bool = true) throws -> SafetensorsDocument {
    var document = SafetensorsDocument(
      metadata: try header.metadata(format: Element.shardFormat))
    document.set(Element.tensorName, shape: [elementCount], elements)
    document.set("offset", shape: [count + 1], offsets)
    document.set("label", shape: [count], labels)
    document.set("group", shape: [count], textIDs)
    guard includesIDs else { return document }
    ids.write(to: &document, as: "id")
    sources?.write(to: &document, as: "source")
    return document
  }

  /// The IDs of all rows.
  public var ids: StringColumn {
    chunks.count == 1
      ? chunks[0].ids
      : StringColumn(chunks.flatMap { chunk in (0..<chunk.ids.count).map { chunk.ids[$0] } })
  }

  /// The texts of all rows as they were written; nil if they are not kept.
  private var sources: StringColumn? {
    guard chunks.contains(where: { $0.sources != nil }) else { return nil }
    return chunks.count == 1
      ? chunks[0].sources
      : StringColumn((0..<count).map { storedSource(of: $0) ?? TensorView([]) })
  }

  /// Appends the rows of another part of the same split.
  fileprivate mutating func append(_ next: Shard) {
    chunks += next.chunks.map { chunk in
      var chunk = chunk
      chunk.firstRow = count
      return chunk
    }
    labels += next.labels
    textIDs += next.textIDs
  }
}

extension Shard: Equatable {
  /// Whether both hold the same rows, however they are distributed over files.
  public static func == (left: Shard, right: Shard) -> Bool {
    left.header == right.header && left.labels == right.labels && left.textIDs == right.textIDs
      && (0..<left.count).allSatisfy { row in
        left.row(row).elementsEqual(right.row(row)) && left.id(of: row) == right.id(of: row)
          && (left.storedSource(of: row) ?? TensorView([]))
            .elementsEqual(right.storedSource(of: row) ?? TensorView([]))
      }
  }
}

extension TextShard {
  /// Maps the file at `path` and checks that every row is UTF-8.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String) throws {
    try self.init(SafetensorsFile(path: path, mapped: true))
    for index in 0..<count where String(validating: row(index), as: UTF8.self) == nil {
      throw UserError(
        .data, at: "\(path): tensor “text”, row \(index)", problem: "bytes that are not UTF-8",
        expected: "a text", hint: "make the shard again with ingest")
    }
  }
}

extension TextShard {
  /// The text of a row as it was written or, if that is not kept, as it was cleaned.
  public func source(of row: Int) -> TensorView<UInt8> {
    if let source = storedSource(of: row), !source.isEmpty { return source }
    return self.row(row)
  }
}

extension TokenShard {
  /// The text of a row as it was written; nil if it is not kept.
  public func source(of row: Int) -> String? {
    storedSource(of: row).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension TokenShard {
  /// Maps the file at `path` and checks that every token ID is below `vocabularySize`.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String, vocabularySize: Int) throws {
    try self.init(SafetensorsFile(path: path, mapped: true))
    let tokens = chunks[0].elements
    if let bad = tokens.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) {
      throw UserError(
        .data, at: "\(path): tensor “token”, element \(bad)", problem: "\(tokens[bad])",
        expected: "a word number below \(vocabularySize), the size of the vocabulary",
        hint: "use token shards and vocabulary of the same vocab run")
    }
  }

  /// Maps and checks the files of one split and concatenates their rows. Nil if there is no file.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init?(paths: [String], vocabularySize: Int) throws {
    guard let first = paths.first else { return nil }
    try self.init(path: first, vocabularySize: vocabularySize)
    for path in paths.dropFirst() {
      let next = try TokenShard(path: path, vocabularySize: vocabularySize)
      guard next.header == header else {
        throw UserError(
          .data, at: path, problem: "another task, split or other classes than in \(first)",
          expected: "parts of one split", hint: "make the folder again")
      }
      append(next)
    }
    guard count <= Int(Int32.max) else {
      throw UserError(.data, at: first, problem: "\(count) rows", expected: "fewer than 2^31")
    }
  }
}
