import Foundation
import Testing
import TestSupport

/// Something that befalls a program at one of the calls with which it changes files.
struct Fault {
  /// What befalls it; `faults.c` says what each means.
  enum Kind: String, CaseIterable {
    case kill, power, fail, full, quota

    /// Whether the program dies of it without a word.
    var isDeadly: Bool { self == .kill || self == .power }
  }

  var kind: Kind
  /// The number of the call, from 1.
  var call: Int

  /// The environment in which it befalls `program`; without a fault calls are only written to `log`.
  static func environment(
    _ fault: Fault?, in program: String, log: String? = nil, library: String
  ) -> [String: String] {
    var environment = ["LD_PRELOAD": library, "FAULT_PROGRAM": program]
    environment["FAULT_LOG"] = log
    environment["FAULT_KIND"] = fault?.kind.rawValue
    environment["FAULT_AT"] = fault.map { String($0.call) }
    return environment
  }

  /// Compiles `faults.c` into the folder of a test.
  static func library(in bench: TemporaryDirectory) throws -> String {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/faults.c"
    let path = bench("faults.so")
    let run = try Program(
      "/bin/sh",
      ["-c", "\(compiler) -O1 -shared -fPIC -o \"$0\" \"$1\" -ldl", path, source], in: bench
    ).end()
    try #require(run.status == 0, "\(run.error)")
    return path
  }

  /// Whether there is a compiler of C and a loader that takes the library.
  static let isPossible: Bool = {
    #if os(Linux)
      !compiler.isEmpty
    #else
      false
    #endif
  }()

  private static let compiler: String = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return ["clang", "cc", "gcc"].first { name in
      folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    } ?? ""
  }()
}
