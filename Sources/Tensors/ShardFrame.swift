import Foundation

/// What example shards (text) and token shards (word numbers) have in common: a task, a split,
/// class names, and for each row where it begins, its class and its text group.
public struct ShardFrame: Equatable, Sendable {
  /// The name of the task.
  public var task: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// How the rows were chosen and divided, as far as it sets results apart, such as `official`;
  /// empty when there is nothing to say. The metadata leaves it out then.
  public var setup: String
  /// The names of the classes.
  public var labels: [String]
  /// Where each row begins; one more than there are rows.
  public var offsets: [Int64]
  /// The class of each row, an index into `labels`.
  public var classes: [Int32]
  /// A number for the text of each row, equal for equal texts.
  public var groups: [Int32]

  /// A frame of these parts.
  public init(
    task: String, split: String, setup: String = "", labels: [String], offsets: [Int64],
    classes: [Int32], groups: [Int32]
  ) {
    self.task = task
    self.split = split
    self.setup = setup
    self.labels = labels
    self.offsets = offsets
    self.classes = classes
    self.groups = groups
  }

  /// Reads and checks the common part of a shard.
  /// - Parameters:
  ///   - format: the `format` that the metadata must name, `examples` or `tokens`.
  ///   - elements: the tensor that `offset` points into.
  /// - Throws: ``Refusal`` of kind `data`.
  public init(_ file: TensorFile, format: String, elements: String) throws {
    func text(_ key: String) throws -> String {
      guard let value = file.metadata[key] else {
        throw Refusal(
          .data, at: file.path, saw: "no “\(key)” in the metadata",
          expected: "a shard of \(format)",
          advice: "make it again with the stage that writes \(format)")
      }
      return value
    }
    guard file.metadata["format"] == format, file.metadata["version"] == "1" else {
      throw Refusal(
        .data, at: file.path,
        saw:
          "format “\(file.metadata["format"] ?? "none")” version “\(file.metadata["version"] ?? "none")”",
        expected: "format “\(format)” version “1”",
        advice: "point at the output of the stage that writes \(format)")
    }
    guard let labels = try? JSONDecoder().decode([String].self, from: Data(text("labels").utf8)),
      !labels.isEmpty
    else {
      throw Refusal(
        .data, at: "\(file.path): metadata “labels”", saw: try text("labels"),
        expected: "a JSON array of class names")
    }
    let classes = try file.values("label", shape: [nil], as: Int32.self)
    let size = file.header.tensors[elements]?.shape.first ?? 0
    self.init(
      task: try text("task"), split: try text("split"), setup: file.metadata["setup"] ?? "",
      labels: labels,
      offsets: try file.values("offset", shape: [classes.count + 1]),
      classes: classes, groups: try file.values("group", shape: [classes.count]))
    guard offsets.first == 0, offsets.last == Int64(size),
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw Refusal(
        .data, at: "\(file.path): tensor “offset”",
        saw: "offsets that do not rise from 0 to \(size)",
        expected: "the beginning of each row in “\(elements)”")
    }
    if let bad = classes.firstIndex(where: { $0 < 0 || $0 >= labels.count }) {
      throw Refusal(
        .data, at: "\(file.path): tensor “label”, row \(bad)", saw: "\(classes[bad])",
        expected: "a class below \(labels.count)")
    }
  }

  /// The common tensors and metadata, to which the caller adds the elements.
  public func document(format: String) throws -> TensorDocument {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var document = TensorDocument(metadata: [
      "format": format, "version": "1", "task": task, "split": split,
      "labels": String(decoding: try encoder.encode(labels), as: UTF8.self),
    ])
    if !setup.isEmpty { document.metadata["setup"] = setup }
    document.set("offset", shape: [offsets.count], offsets)
    document.set("label", shape: [classes.count], classes)
    document.set("group", shape: [groups.count], groups)
    return document
  }
}
