import DLNC
import Foundation
import Shards
import Support

/// The comparison of an exported model in onnxruntime with the model that was exported.
public struct ONNXCheck: Equatable, Sendable {
  /// The number of rows.
  public var rows: Int
  /// The largest difference of two logits or, of logits beyond 1, the largest relative difference.
  public var difference: Double
  /// The version of onnxruntime.
  public var runtime: String
  /// The version of the package onnx whose checker accepts the file; nil if it is not installed.
  public var checker: String?

  /// The largest difference with which an exported model counts as correct.
  public static let tolerance = 1e-5

  /// Runs the model in a folder on some rows, and compares its logits with those of `model`.
  /// - Parameters:
  ///   - folder: where the files of ``onnxFiles(of:task:)`` are.
  ///   - model: the exported model.
  ///   - rows: rows of the exported task with its classes.
  ///   - python: the interpreter, a path or the name of a program on `PATH`.
  /// - Throws: ``UserError`` with exit status `data` if the rows are not those of the model, `unavailable` if
  ///   the interpreter or one of its packages is missing, or `software` if the model cannot be run or has
  ///   other logits.
  public init(
    of folder: String, _ model: any Classifier, on rows: TokenShard, python: String, threads: Int
  ) throws {
    let expected = try model.logits(rows, threads: threads)
    let answer = try Self.answer(of: folder, model, on: rows, python: python)
    guard let runtime = answer.runtime, let logits = answer.logits, logits.count == expected.count
    else {
      throw UserError(
        .unavailable, at: "--check, \(python)",
        problem: "no module \(answer.missing ?? "") in this Python",
        expected: "a Python with numpy and onnxruntime",
        hint: "install them with \(python) -m pip install numpy onnxruntime, or name another "
          + "interpreter with --python")
    }
    let differences = zip(logits, expected).map { found, expected in
      abs(Double(found) - Double(expected)) / max(1, abs(Double(expected)))
    }
    (self.rows, self.runtime, checker) = (rows.count, runtime, answer.checker)
    difference = differences.reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
    guard difference <= Self.tolerance else {
      let index = differences.firstIndex { !($0 <= Self.tolerance) } ?? 0
      throw UserError(
        .software, at: "--check, row \(index / rows.classNames.count) of “\(rows.task)”",
        problem: "the logit \(logits[index]) in onnxruntime \(runtime), a difference of "
          + "\(NumberFormat.fixed(differences[index], 6))",
        expected: "\(expected[index]) to within \(Self.tolerance)",
        hint:
          "a network of very few hidden units, or one that has hardly been trained, may amplify the "
          + "rounding of single precision; report any other model. Nothing was written")
    }
  }

  /// The answer of the program in Python.
  private struct Answer: Decodable {
    var runtime: String?
    var checker: String?
    var missing: String?
    var logits: [Float]?
  }

  /// Runs `check.py` on the rows.
  private static func answer(
    of folder: String, _ model: any Classifier, on rows: TokenShard, python: String
  ) throws -> Answer {
    let work = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    let (input, output, errors) = (
      work.appending(path: "rows"), work.appending(path: "output"), work.appending(path: "errors")
    )
    try Data(jsonLines(rows, of: model).utf8).write(to: input)
    // Files need no reader while the program runs, unlike pipes.
    for file in [output, errors] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Without -B, Python would write compiled files into the folder.
    process.arguments =
      [python, "-B", "-c", String(decoding: PackageResources.check_py, as: UTF8.self)]
      + [folder, input.path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    let message = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    // The status with which env and shells say that there is no such program.
    guard ![126, 127].contains(process.terminationStatus) else {
      throw UserError(
        .unavailable, at: "--check, \(python)", problem: "it cannot be run",
        expected: "Python 3 with numpy and onnxruntime",
        hint: "install it, or name another interpreter with --python")
    }
    guard process.terminationStatus == 0,
      let answer = try? JSONDecoder().decode(Answer.self, from: try Data(contentsOf: output))
    else {
      throw UserError(
        .software, at: "--check, \(python)",
        problem: "the model cannot be run: "
          + (message.split(separator: "\n").last.map(String.init) ?? "no answer"),
        expected: "the logits of \(rows.count) rows",
        hint: "update onnxruntime; if that does not help, report this model")
    }
    return answer
  }

  /// The rows with the IDs of their tokens and all words.
  private static func jsonLines(_ rows: TokenShard, of model: any Classifier) -> String {
    (0..<rows.count).map { row in
      let words = RowWords(ofRow: row, in: rows, model.vocabulary)
      let spellings = words.indices.map { words.words[$0] }.filter(\.isKept).map {
        quotedAsJSON(String(decoding: $0.spelling, as: UTF8.self))
      }
      return "{\"tokens\":\(words.tokens),\"words\":[\(spellings.joined(separator: ","))]}\n"
    }.joined()
  }
}
