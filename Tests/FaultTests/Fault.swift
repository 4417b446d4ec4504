import Foundation
import Testing
import TestSupport

/// A fault that is injected into a program at one of the calls with which it changes files.
struct Fault {
  /// The kinds of faults, described in `faults.c`.
  enum Kind: String, CaseIterable {
    case kill, power, fail, full, quota

    /// Whether the program dies of it silently.
    var isDeadly: Bool { self == .kill || self == .power }
  }

  var kind: Kind
  /// The number of the call, from 1.
  var call: Int

  /// Returns the environment that injects the fault into `program`; without a fault, calls are only
  /// written to `log`.
  static func environment(
    _ fault: Fault?, in program: String, log: String? = nil, library: String
  ) -> [String: String] {
    var environment = ["LD_PRELOAD": library, "FAULT_PROGRAM": program]
    environment["FAULT_LOG"] = log
    environment["FAULT_KIND"] = fault?.kind.rawValue
    environment["FAULT_AT"] = fault.map { String($0.call) }
    return environment
  }

  /// Compiles `faults.c` into the directory of a test.
  static func library(in directory: TemporaryDirectory) throws -> String {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/faults.c"
    let path = directory("faults.so")
    let run = try Program(
      "/bin/sh",
      ["-c", "\(compiler) -O1 -shared -fPIC -o \"$0\" \"$1\" -ldl", path, source], in: directory
    ).end()
    try #require(run.status == 0, "\(run.error)")
    return path
  }

  /// Whether there is a C compiler and a loader that accepts the library.
  static let isSupported: Bool = {
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
