import Foundation

/// A folder for one test, removed with everything in it when the test ends.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path, without links.
  public let path: String

  /// A new, empty folder.
  public init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("workbench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something in the folder.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, and the folders above it.
  public func write(_ data: Data, to name: String) throws {
    let file = URL(fileURLWithPath: self(name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  /// Writes a file of text, and the folders above it.
  public func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  /// The text of a file; nothing if there is no such file.
  public func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: self(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether there is such a file or folder.
  public func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  /// The names in a folder, sorted.
  public func names(in folder: String = ".") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self(folder))) ?? []).sorted()
  }

  /// Removes a file or folder, if it is there.
  public func remove(_ name: String) { try? FileManager.default.removeItem(atPath: self(name)) }
}

/// A program that was started by a test.
public struct Program {
  private let process: Process
  private let files: (output: String, error: String)

  /// The folder of the programs that are built with the tests.
  public static var folder: String {
    let link = "/proc/self/exe"
    let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
    return URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  /// Starts the program at `path` in the folder of `bench`, without input.
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
    // Files rather than pipes: nobody has to read while the program runs.
    for file in [files.output, files.error] {
      _ = FileManager.default.createFile(atPath: file, contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: files.output)
    process.standardError = FileHandle(forWritingAtPath: files.error)
    try process.run()
  }

  /// What it has printed on standard error so far.
  public var errorSoFar: String {
    String(decoding: FileManager.default.contents(atPath: files.error) ?? Data(), as: UTF8.self)
  }

  /// Its number, for signals.
  public var identifier: Int32 { process.processIdentifier }

  /// Waits for the end.
  /// - Returns: the exit status, 128 and the signal's number after a signal, and what was printed.
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

/// Waits until `condition` holds, for 100 seconds at most.
/// - Returns: whether it came to hold.
public func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<20_000 {
    if condition() { return true }
    usleep(5_000)
  }
  return false
}
