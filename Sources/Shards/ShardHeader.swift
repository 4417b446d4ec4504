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
  /// The names of the classes; a label is an index into them. Empty for unlabelled rows.
  public var classNames: [String]

  /// Whether a row can have any number of classes, also none.
  public var isMultiLabel: Bool

  /// Creates a header.
  public init(
    task: String, split: Split, splitScheme: String = "", classNames: [String],
    isMultiLabel: Bool = false
  ) {
    self.task = task
    self.split = split
    self.splitScheme = splitScheme
    self.classNames = classNames
    self.isMultiLabel = isMultiLabel
  }

  /// The versions of the format: that of tasks with one class a row, and that of multi-label tasks.
  private static let versions = ["1", "2"]

  /// Reads the metadata of a shard whose `format` is `format`.
  init(_ file: SafetensorsFile, format: String) throws {
    guard file.metadata["format"] == format,
      let version = file.metadata["version"].flatMap(Self.versions.firstIndex)
    else {
      throw UserError(
        .data, at: file.path,
        problem:
          "format “\(file.metadata["format"] ?? "none")” version “\(file.metadata["version"] ?? "none")”",
        expected: "format “\(format)” version “1” or “2”",
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
    guard let split = Split(rawValue: try value("split")) else {
      throw UserError(
        .data, at: "\(file.path): metadata “split”", problem: "“\(try value("split"))”",
        expected: "train, validation, test or unlabelled")
    }
    let classNames = try value("labels")
    guard let names = try? JSONDecoder().decode([String].self, from: Data(classNames.utf8)),
      names.isEmpty == (split == .unlabelled)
    else {
      throw UserError(
        .data, at: "\(file.path): metadata “labels”", problem: classNames,
        expected: split == .unlabelled ? "no class" : "a JSON array of class names")
    }
    self.init(
      task: try value("task"), split: split, splitScheme: file.metadata["setup"] ?? "",
      classNames: names, isMultiLabel: version == 1)
  }

  func metadata(format: String) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var metadata = [
      "format": format, "version": Self.versions[isMultiLabel ? 1 : 0], "task": task,
      "split": split.rawValue,
      "labels": String(decoding: try encoder.encode(classNames), as: UTF8.self),
    ]
    if !splitScheme.isEmpty { metadata["setup"] = splitScheme }
    return metadata
  }
}
