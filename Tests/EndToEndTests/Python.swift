import Foundation
import Testing
import TestSupport

/// A Python interpreter that has the modules which a test needs, to look at files as others do.
struct Python {
  let path: String

  /// The interpreters to try: those in `DLNC_PYTHON`, separated by colons, or `python3`.
  private static let candidates: [String] = {
    let named = ProcessInfo.processInfo.environment["DLNC_PYTHON"] ?? "python3"
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return named.split(separator: ":").compactMap { name in
      (name.contains("/") ? [String(name)] : folders.map { "\($0)/\(name)" })
        .first(where: FileManager.default.isExecutableFile(atPath:))
    }
  }()

  /// The first interpreter that has all of these modules.
  static func with(_ modules: String...) -> Python? {
    let question = """
      from importlib.util import find_spec
      raise SystemExit(any(find_spec(name) is None for name in \(modules)))
      """
    return candidates.lazy.map(Python.init).first { python in
      guard let bench = try? TemporaryDirectory() else { return false }
      return (try? python.run(question, in: bench))?.status == 0
    }
  }

  /// Runs a script in the folder of `bench`.
  func run(
    _ script: String, _ arguments: [String] = [], in bench: TemporaryDirectory
  ) throws -> (status: Int32, output: String, error: String) {
    try Program(path, ["-c", script] + arguments, in: bench).end()
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test where no Python has these modules.
  static func python(_ found: Python?, _ modules: String) -> Self {
    .enabled(
      if: found != nil,
      "no python3 with \(modules); DLNC_PYTHON may list interpreters, separated by colons")
  }
}
