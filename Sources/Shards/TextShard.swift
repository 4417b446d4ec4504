import Foundation
import Safetensors
import Support

/// One split of one task as text: what `ingest` writes and `vocab` reads. A safetensors file with
///
///     text    U8  [bytes]    the texts of all rows as UTF-8, one behind the other
///     offset  I64 [rows+1]   where each row begins in `text`; the last is the number of bytes
///     label   I32 [rows]     the class, an index into `classNames`
///     group   I32 [rows]     equal for rows of equal text
///
/// and the metadata `format` = "examples", `version` = "1", `task`, `split`, `classNames` (a JSON
/// array) and, unless empty, `splitScheme`.
public struct TextShard: Equatable, Sendable {
  /// The name of the task.
  public var task: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// How the rows were chosen and divided, as far as it sets results apart, such as `official`.
  public var splitScheme: String
  /// The names of the classes.
  public var classNames: [String]
  /// The texts of all rows, UTF-8.
  public private(set) var text: [UInt8] = []
  /// Where each row begins; one more than there are rows.
  public private(set) var offsets: [Int64] = [0]
  /// The class of each row.
  public private(set) var labels: [Int32] = []
  /// A number for the text of each row, equal for equal texts.
  public private(set) var groups: [Int32] = []

  /// How many rows there are.
  public var count: Int { labels.count }

  /// A shard without rows.
  public init(task: String, split: String, splitScheme: String = "", classNames: [String]) {
    self.task = task
    self.split = split
    self.splitScheme = splitScheme
    self.classNames = classNames
  }

  /// Adds a row.
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - label: the class, an index into `classNames`.
  ///   - group: a number for the text.
  public mutating func append(_ text: [UInt8], label: Int, group: Int) {
    self.text.append(contentsOf: text)
    offsets.append(Int64(self.text.count))
    labels.append(Int32(label))
    groups.append(Int32(group))
  }

  /// The bytes of one row, UTF-8.
  public func row(_ index: Int) -> ArraySlice<UInt8> {
    text[Int(offsets[index])..<Int(offsets[index + 1])]
  }

  /// How many rows each class has.
  public var classCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: classNames.count)) { $0[Int($1)] += 1 }
  }

  /// Reads and checks the shard at `path`.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  public init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    let frame = try ShardHeader(file, format: "examples", elements: "text")
    self.init(
      task: frame.task, split: frame.split, splitScheme: frame.splitScheme,
      classNames: frame.classNames)
    text = try file.values("text", shape: [nil])
    (offsets, labels, groups) = (frame.offsets, frame.labels, frame.groups)
    for index in 0..<count where String(validating: row(index), as: UTF8.self) == nil {
      throw UserError(
        .data, at: "\(path): tensor “text”, row \(index)", problem: "bytes that are not UTF-8",
        expected: "a text", hint: "make the shard again with ingest")
    }
  }

  /// The shard as a file.
  /// - Throws: what encoding the labels throws, which is nothing.
  public func document() throws -> SafetensorsDocument {
    var document = try ShardHeader(
      task: task, split: split, splitScheme: splitScheme, classNames: classNames, offsets: offsets,
      labels: labels,
      groups: groups
    ).document(format: "examples")
    document.set("text", shape: [text.count], text)
    return document
  }
}
