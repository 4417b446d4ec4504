import Foundation

/// A directory for one test, removed with everything in it when the test ends.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path, without links.
  public let path: String

  /// Creates an empty directory.
  public init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Returns the path of a file in the directory.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and the directories above it.
  public func write(_ data: Data, to name: String) throws {
    let file = URL(fileURLWithPath: self(name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  /// Writes a text file and the directories above it.
  public func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  /// Returns the text of a file; nil if it does not exist.
  public func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: self(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a file or directory exists.
  public func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  /// Returns the sorted names in a directory.
  public func names(in folder: String = ".") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self(folder))) ?? []).sorted()
  }

  /// Removes a file or directory, if it exists.
  public func remove(_ name: String) { try? FileManager.default.removeItem(atPath: self(name)) }
}

/// A program started by a test.
public struct Program {
  private let process: Process
  private let files: (output: String, error: String)

  /// The directory of the programs that are built with the tests.
  public static var folder: String {
    let link = "/proc/self/exe"
    let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
    return URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  /// Starts the program at `path` in the given directory, without input.
  public init(
    _ path: String, _ arguments: [String], in bench: TemporaryDirectory,
    environment: [String: String] = [:]
  ) throws {
    let name = bench(".\(UUID().uuidString)")
    files = (name + ".output", name + ".error")
    process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files need no reader while the program runs, unlike pipes.
    for file in [files.output, files.error] {
      _ = FileManager.default.createFile(atPath: file, contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: files.output)
    process.standardError = FileHandle(forWritingAtPath: files.error)
    try process.run()
  }

  /// The text on standard error so far.
  public var errorSoFar: String {
    String(decoding: FileManager.default.contents(atPath: files.error) ?? Data(), as: UTF8.self)
  }

  /// The process identifier.
  public var identifier: Int32 { process.processIdentifier }

  /// Waits for the end.
  /// - Returns: the exit status, or 128 plus the signal, and the printed text.
  public func end() -> (status: Int32, output: String, error: String) {
    process.waitUntilExit()
    func text(_ path: String) -> String {
      defer { try? FileManager.default.removeItem(atPath: path) }
      return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    let status = process.terminationStatus
    return (
      process.terminationReason == .uncaughtSignal ? 128 + status : status, text(files.output),
      text(files.error)
    )
  }
}

/// Waits until `condition` holds, for at most 100 seconds.
/// - Returns: whether it holds.
public func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<20_000 {
    if condition() { return true }
    usleep(5_000)
  }
  return false
}
