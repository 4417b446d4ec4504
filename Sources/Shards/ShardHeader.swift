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

  /// Creates a header.
  public init(task: String, split: Split, splitScheme: String = "", classNames: [String]) {
    self.task = task
    self.split = split
    self.splitScheme = splitScheme
    self.classNames = classNames
  }

  /// Reads the metadata of a shard whose `format` is `format`.
  init(_ file: SafetensorsFile, format: String) throws {
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
      classNames: names)
  }

  func metadata(format: String) throws -> [String: String] {
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
