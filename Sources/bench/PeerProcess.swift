import Foundation
import Support

/// A peer in its own process, `peers/peers.py`, which answers each line of JSON with a line of JSON.
/// It keeps running between rounds, so that its start-up is never measured.
final class PeerProcess {
  struct Request: Encodable {
    var work: String
    var path: String
    var threads = 1
    var seconds: Double?
    var classes: Int?
    /// `bf16` for all numbers in bfloat16, `autocast` for those that PyTorch chooses, `int8` for the
    /// products of an LSTM in 8 bits; nil for single precision.
    var precision: String?
    /// The file of the wanted words.
    var words: String?
    var vocabularySize: Int?
    var rows: Int?
    var dimension: Int?
    var epochs: Int?
    var batch: Int?
    var maxLength: Int?
    /// The text to classify.
    var text: String?
  }

  private struct Response: Decodable {
    var version: String?
    var missing: String?
    var error: String?
    /// The speed, or the seconds of one run.
    var best: Double?
    var seconds: Double?
  }

  /// The Python program of all peers.
  static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "peers/peers.py").path

  private static let environment = [
    // Our data stages use one thread, so those of the peers do, too.
    "POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
    // Keeps PyTorch from returning its memory after each step and paying for page faults again.
    "GLIBC_TUNABLES": "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=100000000000:"
      + "glibc.malloc.top_pad=268435456:glibc.malloc.hugetlb=1",
  ]

  let name: String
  /// Name and version of the peer's library.
  private(set) var version = ""
  private let process = Process()
  private let requests = Pipe(), responses = Pipe()
  private var pending = Data()

  /// Starts a peer.
  /// - Parameters:
  ///   - name: its name in `peers.py`, followed by `+avx512` if it runs with `preload`.
  ///   - preload: a library for `LD_PRELOAD`.
  /// - Throws: ``UserError`` if its libraries are missing.
  init(_ name: String, python: String, preload: String?) throws {
    self.name = name
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, Self.script, name.replacing("+avx512", with: "")]
    process.environment = ProcessInfo.processInfo.environment
      .merging(Self.environment) { $1 }
      .merging(preload.map { ["LD_PRELOAD": $0] } ?? [:]) { $1 }
    process.standardInput = requests
    process.standardOutput = responses
    try process.run()
    let hello = try response()
    version = hello.version ?? ""
    if let missing = hello.missing {
      throw UserError(.unavailable, at: name, problem: missing)
    }
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Sends a request and returns the peer's speed.
  /// - Throws: ``UserError`` if the peer fails.
  func speed(_ request: Request) throws -> Double {
    guard process.isRunning else {
      throw UserError(.unavailable, at: name, problem: "the process has ended")
    }
    try requests.fileHandleForWriting.write(
      contentsOf: try JSONEncoder().encode(request) + [UInt8(ascii: "\n")])
    let response = try response()
    if let speed = response.best ?? response.seconds.map({ 1 / $0 }) { return speed }
    throw UserError(.unavailable, at: name, problem: response.error ?? "no speed")
  }

  private func response() throws -> Response {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = pending[..<end]
        pending = Data(pending[(end + 1)...])
        return try JSONDecoder().decode(Response.self, from: line)
      }
      let more = responses.fileHandleForReading.availableData
      guard !more.isEmpty else {
        throw UserError(.unavailable, at: name, problem: "the process has ended")
      }
      pending.append(more)
    }
  }
}

/// Builds a library that makes MKL, PyTorch's matrix library, use AVX-512 on processors that are not
/// from Intel, so that the peers are as fast as they can be.
/// - Returns: the path of the library; nil if it is not needed or there is no C compiler.
func buildMKLPreload(in folder: String, on machine: MachineInfo) -> String? {
  guard machine.vendor != "GenuineIntel", machine.simdLevel.hasPrefix("avx512") else { return nil }
  let (source, path) = ("\(folder)/mkl.c", "\(folder)/libmkl-avx512.so")
  let text = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"
  let isBuilt =
    (try? text.write(toFile: source, atomically: true, encoding: .utf8)) != nil
    && (try? run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-O2", source, "-o", path])) != nil
  return isBuilt ? path : nil
}

/// Runs a program until it exits and discards its output.
/// - Returns: the run time in seconds.
/// - Throws: ``UserError`` if it cannot be started or fails.
@discardableResult
func run(_ path: String, _ arguments: [String], in folder: String? = nil) throws -> Double {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  let seconds = try timed {
    try process.run()
    process.waitUntilExit()
  }
  guard process.terminationStatus == 0 else {
    throw UserError(
      .software, at: ([path] + arguments).joined(separator: " "),
      problem: "exit status \(process.terminationStatus)")
  }
  return seconds
}

/// Runs one of the package's executables, which are in the same folder as this one.
/// - Returns: the run time in seconds.
/// - Throws: ``UserError`` if it fails.
@discardableResult
func runStage(_ name: String, _ arguments: [String], in folder: String) throws -> Double {
  let executables = (executablePath ?? "").parentPath
  let quiet = name == "pipeline" ? [] : ["--quiet"]
  return try run("\(executables)/\(name)", arguments + quiet, in: folder)
}

/// Whether the shell finds a program of this name.
func isInstalled(_ program: String) -> Bool {
  (try? run("/bin/sh", ["-c", "command -v \(program)"])) != nil
}
