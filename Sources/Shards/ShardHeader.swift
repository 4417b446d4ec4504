import Safetensors
import Support
import Foundation

/// What example shards (text) and token shards (word numbers) have in common: a task, a split,
/// class names, and for each row where it begins, its class and its text group.
public struct ShardHeader: Equatable, Sendable {
  /// The name of the task.
  public var task: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// How the rows were chosen and divided, as far as it sets results apart, such as `official`;
  /// empty when there is nothing to say. The metadata leaves it out then.
  public var splitScheme: String
  /// The names of the classes.
  public var classNames: [String]
  /// Where each row begins; one more than there are rows.
  public var offsets: [Int64]
  /// The class of each row, an index into `classNames`.
  public var labels: [Int32]
  /// A number for the text of each row, equal for equal texts.
  public var groups: [Int32]

  /// A frame of these parts.
  public init(
    task: String, split: String, splitScheme: String = "", classNames: [String], offsets: [Int64],
    labels: [Int32], groups: [Int32]
  ) {
    self.task = task
    self.split = split
    self.splitScheme = splitScheme
    self.classNames = classNames
    self.offsets = offsets
    self.labels = labels
    self.groups = groups
  }

  /// Reads and checks the common part of a shard.
  /// - Parameters:
  ///   - format: the `format` that the metadata must name, `examples` or `tokens`.
  ///   - elements: the tensor that `offset` points into.
  /// - Throws: ``UserError`` of kind `data`.
  public init(_ file: SafetensorsFile, format: String, elements: String) throws {
    func text(_ key: String) throws -> String {
      guard let value = file.metadata[key] else {
        throw UserError(
          .data, at: file.path, problem: "no “\(key)” in the metadata",
          expected: "a shard of \(format)",
          hint: "make it again with the stage that writes \(format)")
      }
      return value
    }
    guard file.metadata["format"] == format, file.metadata["version"] == "1" else {
      throw UserError(
        .data, at: file.path,
        problem:
          "format “\(file.metadata["format"] ?? "none")” version “\(file.metadata["version"] ?? "none")”",
        expected: "format “\(format)” version “1”",
        hint: "point at the output of the stage that writes \(format)")
    }
    guard
      let classNames = try? JSONDecoder().decode([String].self, from: Data(text("labels").utf8)),
      !classNames.isEmpty
    else {
      throw UserError(
        .data, at: "\(file.path): metadata “labels”", problem: try text("labels"),
        expected: "a JSON array of class names")
    }
    let labels = try file.values("label", shape: [nil], as: Int32.self)
    let size = file.header.tensors[elements]?.shape.first ?? 0
    self.init(
      task: try text("task"), split: try text("split"), splitScheme: file.metadata["setup"] ?? "",
      classNames: classNames,
      offsets: try file.values("offset", shape: [labels.count + 1]),
      labels: labels, groups: try file.values("group", shape: [labels.count]))
    guard offsets.first == 0, offsets.last == Int64(size),
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw UserError(
        .data, at: "\(file.path): tensor “offset”",
        problem: "offsets that do not rise from 0 to \(size)",
        expected: "the beginning of each row in “\(elements)”")
    }
    if let bad = labels.firstIndex(where: { $0 < 0 || $0 >= classNames.count }) {
      throw UserError(
        .data, at: "\(file.path): tensor “label”, row \(bad)", problem: "\(labels[bad])",
        expected: "a class below \(classNames.count)")
    }
  }

  /// The common tensors and metadata, to which the caller adds the elements.
  public func document(format: String) throws -> SafetensorsDocument {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var document = SafetensorsDocument(metadata: [
      "format": format, "version": "1", "task": task, "split": split,
      "labels": String(decoding: try encoder.encode(classNames), as: UTF8.self),
    ])
    if !splitScheme.isEmpty { document.metadata["setup"] = splitScheme }
    document.set("offset", shape: [offsets.count], offsets)
    document.set("label", shape: [labels.count], labels)
    document.set("group", shape: [groups.count], groups)
    return document
  }
}
