import Datasets
import Foundation
import Shards
import StageKit
import Support

/// A task and the files, archives or folders with its rows, as they are named on the command line.
struct TaskInput: Equatable {
  /// The name of the task.
  var name: String
  /// The paths, read as one.
  var paths: [String]

  /// Groups the arguments into tasks. `NAME=PATH` names the task of a path. Otherwise it is called as
  /// its file, without extensions and the name of a split; files that differ in the split only, such
  /// as `mails-train.csv` and `mails-test.csv`, are one task.
  /// - Throws: ``UserError`` with exit status `usage` if two inputs would have one name.
  static func parse(_ arguments: [String]) throws -> [TaskInput] {
    var tasks: [(input: TaskInput, isNamed: Bool)] = []
    for argument in arguments {
      let (name, path) = try split(argument)
      let input = TaskInput(name: name ?? defaultName(for: path), paths: [path])
      guard let index = tasks.firstIndex(where: { $0.input.name == input.name }) else {
        tasks.append((input, name != nil))
        continue
      }
      let isNamed = name != nil && tasks[index].isNamed
      let paths = tasks[index].input.paths + [path]
      guard isNamed || name == nil && !tasks[index].isNamed && areSplits(paths) else {
        throw sameName(input.name, tasks[index].input.paths[0], path)
      }
      tasks[index].input.paths = paths
    }
    return tasks.map(\.input)
  }

  /// The parts of `NAME=PATH`; the name is nil for a path.
  private static func split(_ argument: String) throws -> (name: String?, path: String) {
    guard argument != "-" else {
      throw UserError(
        .usage, at: "-", problem: "standard input, which the run could not read again",
        expected: "files, archives or folders", hint: "save it to a file first")
    }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, isDirectory(argument) == nil,
      String(parts[0]) == plainName(String(parts[0]))
    else {
      try check(argument)
      return (nil, argument)
    }
    try check(String(parts[1]))
    return (String(parts[0]), String(parts[1]))
  }

  private static func check(_ path: String) throws {
    guard isDirectory(path) == nil else { return }
    throw missingInput(path, hint: "check the path")
  }

  /// Whether each path is named as another split.
  private static func areSplits(_ paths: [String]) -> Bool {
    let splits = paths.compactMap { Split(path: $0.lastPathName) }
    return Set(splits).count == paths.count
  }

  private static func sameName(_ name: String, _ first: String, _ second: String) -> UserError {
    UserError(
      .usage, at: second, problem: "the name “\(name)”, which \(first) has, too",
      expected: "another name for each input",
      hint: realPath(first) == realPath(second)
        ? "name it once; or, for two tasks of one file, name both: "
          + "one=\(first) two=\(second) --label-column one:COLUMN --label-column two:COLUMN"
        : "name them, as in one=\(first) two=\(second); one name for both reads them as one task")
  }

  // MARK: Names

  private static let extensions: Set<String> = [
    "csv", "tsv", "tab", "jsonl", "ndjson", "json", "ft", "fasttext", "txt", "text", "data", "zip",
    "tar", "tgz", "gz", "bz2", "xz", "zst", "lz4", "7z", "xlsx",
  ]

  /// The name of a task after its path: that of the file, or of the folder around it if the file is
  /// named as a split.
  static func defaultName(for path: String) -> String {
    var path = realPath(path)
    while !path.isEmpty, path != "/" {
      var parts = path.lastPathName.split(separator: ".")
      while parts.count > 1, let last = parts.last, extensions.contains(last.lowercased()) {
        parts.removeLast()
      }
      let words = parts.joined(separator: "-").split {
        !($0.isASCII && ($0.isLetter || $0.isNumber))
      }
      let others = words.filter { Split(path: $0) == nil }
      // A name with two splits, such as `train-test`, is a name.
      let kept = Split(path: words.joined(separator: "-")) == nil ? words : others
      let name = plainName(kept.joined(separator: "-"))
      if !name.isEmpty { return reserved.contains(name) ? "own-\(name)" : name }
      path = path.parentPath
    }
    return "data"
  }

  /// The names that `ingest` does not accept because they mean something else.
  private static let reserved = Set(Dataset.allCases.map(\.rawValue) + ["none"])

  /// A name of a task and a folder: small letters, digits, - and _.
  static func plainName(_ text: String) -> String {
    let plain = text.lowercased().map { character in
      character.isASCII && (character.isLetter || character.isNumber) || character == "_"
        ? character : "-"
    }
    return String(String(plain).drop { $0 == "-" || $0 == "_" }.prefix(40))
  }
}
