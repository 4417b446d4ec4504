import Datasets
import Foundation
import StageKit
import Support
import Yams

/// A file that gives the class of each label: a YAML or JSON mapping of labels to classes, or a CSV or
/// TSV of two columns without a line of names.
enum LabelFile {
  private static let expected = "a class for each label, as in “1: negative”"

  /// Reads the pairs in their order.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  static func pairs(in file: InputPath) throws -> [LabelPair] {
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw missingInput(
        file.path, problem: isDirectory(file.path) == true ? "a folder" : "it cannot be read",
        expected: "a file with the class of each label", hint: "check the path of --label-file")
    }
    let bytes = data.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(data.dropFirst(3)) : Array(data)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(
        .data, at: file.path, problem: "bytes that are not UTF-8", expected: "text in UTF-8",
        hint: "save the file as UTF-8")
    }
    let name = file.path.lowercased()
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") {
      return try pairs(inTable: bytes, name.hasSuffix(".tsv") ? "\t" : ",", at: file.path)
    }
    return try pairs(inYAML: text, at: file.path)
  }

  private static func pairs(
    inTable bytes: [UInt8], _ delimiter: Unicode.Scalar, at path: String
  ) throws -> [LabelPair] {
    try csvRows(bytes, delimiter: UInt8(ascii: delimiter)).map { row in
      guard row.error == nil, row.fields.count == 2 else {
        throw UserError(
          .data, at: "\(path): line \(row.line)",
          problem: row.error?.problem ?? NumberFormat.count(row.fields.count, "field"),
          expected: "two fields, a label and its class",
          hint: row.error?.hint ?? "put names with the delimiter in double quotes")
      }
      return LabelPair(label: row.fields[0], name: row.fields[1])
    }
  }

  private static func pairs(inYAML text: String, at path: String) throws -> [LabelPair] {
    func error(_ problem: String, _ mark: Mark?) -> UserError {
      UserError(
        .data, at: path + (mark.map { ": line \($0.line), column \($0.column)" } ?? ""),
        problem: problem, expected: expected, hint: "put names with special characters in quotes")
    }
    let root: Node?
    do {
      // Scalars stay as written: `no` and `1.0` are labels.
      root = try Yams.compose(yaml: text, .basic)
    } catch let failure as YamlError {
      switch failure {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        throw error("not YAML: \(problem)", mark)
      case .duplicatedKeysInMapping(let keys, let context):
        let names = keys.map { "“\($0)”" }.joined(separator: ", ")
        throw error("the label \(names) twice", context.mark)
      default: throw error("not YAML", nil)
      }
    }
    guard let root, case .mapping(let mapping) = root else {
      throw error(root == nil ? "an empty file" : "no mapping", root?.mark)
    }
    return try mapping.map { label, name in
      guard let label = label.scalar?.string else {
        throw error("a label that is no name", label.mark)
      }
      guard let text = name.scalar?.string else {
        throw error("a class of “\(label)” that is no name", name.mark)
      }
      return LabelPair(label: label, name: text)
    }
  }
}
