import Foundation
import Safetensors
import Support

/// A peer at work in a process of its own, `peers.py`, which answers a line of JSON with another.
/// It stays there between the rounds, so that none pays for starting.
final class PeerProcess {
  /// What it is asked to do.
  struct Request: Encodable {
    var work: String
    var path: String
    var threads = 1
    var seconds: Double?
    var classes: Int?
    var words: Words?
    var rows: Int?
    var dimension: Int?
    var epochs: Int?
    var batch: Int?
    var longest: Int?

    /// The file of the wanted words, or how many words there are.
    enum Words: Encodable {
      case file(String)
      case count(Int)

      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .file(let path): try container.encode(path)
        case .count(let count): try container.encode(count)
        }
      }
    }
  }

  private struct Answer: Decodable {
    var version: String?
    var missing: String?
    var error: String?
    var best: Double?
    var seconds: Double?
  }

  /// The program that all peers are made of.
  static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "peers.py").path

  private static let environment = [
    // Data peers get one thread, as ours have.
    "POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
    // PyTorch gives its memory back after each step; without this it pays for each page anew.
    "GLIBC_TUNABLES": "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=100000000000:"
      + "glibc.malloc.top_pad=268435456:glibc.malloc.hugetlb=1",
  ]

  let name: String
  /// The library that it stands for, with its version.
  private(set) var version = ""
  private let process = Process()
  private let requests = Pipe(), answers = Pipe()
  private var pending = Data()

  /// Starts a peer.
  /// - Parameters:
  ///   - name: as `peers.py` knows it, and `+avx512` for one that runs with `preload`.
  ///   - preload: a library that is loaded before all others.
  /// - Throws: ``UserError`` if it cannot take part.
  init(_ name: String, python: String, preload: String?) throws {
    self.name = name
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, Self.script, name.replacing("+avx512", with: "")]
    process.environment = ProcessInfo.processInfo.environment
      .merging(Self.environment) { $1 }
      .merging(preload.map { ["LD_PRELOAD": $0] } ?? [:]) { $1 }
    process.standardInput = requests
    process.standardOutput = answers
    try process.run()
    let hello = try answer()
    version = hello.version ?? ""
    if let missing = hello.missing {
      throw UserError(.unavailable, at: name, problem: missing)
    }
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Asks it to work.
  /// - Returns: its speed: what it says of itself, or runs a second.
  /// - Throws: ``UserError`` if it fails.
  func speed(_ request: Request) throws -> Double {
    guard process.isRunning else {
      throw UserError(.unavailable, at: name, problem: "it has ended")
    }
    var line = try JSONEncoder().encode(request)
    line.append(UInt8(ascii: "\n"))
    try requests.fileHandleForWriting.write(contentsOf: line)
    let answer = try answer()
    if let speed = answer.best ?? answer.seconds.map({ 1 / $0 }) { return speed }
    throw UserError(.unavailable, at: name, problem: answer.error ?? "no figure")
  }

  private func answer() throws -> Answer {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = pending[..<end]
        pending = Data(pending[(end + 1)...])
        return try JSONDecoder().decode(Answer.self, from: line)
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else { throw UserError(.unavailable, at: name, problem: "it has ended") }
      pending.append(more)
    }
  }
}

/// MKL, which PyTorch multiplies with, keeps AVX-512 for processors of its own maker. This library
/// tells it that every processor is one, so that on others the peers are as fast as they can be.
/// - Returns: its path; nothing if it is not needed or there is no C compiler.
func librarySpeedingUpMKL(in folder: String, on machine: MachineInfo) -> String? {
  guard machine.vendor != "GenuineIntel", machine.vectorLevel == "avx512" else { return nil }
  let (source, path) = ("\(folder)/mkl.c", "\(folder)/libmkl-avx512.so")
  let text = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"
  let built =
    (try? text.write(toFile: source, atomically: true, encoding: .utf8)) != nil
    && (try? run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-O2", source, "-o", path])) != nil
  return built ? path : nil
}
