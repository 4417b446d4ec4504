import Foundation
import Testing
import TestSupport

/// The tool `predict` at the ends of pipes and at a terminal.
@Suite(.trainedModels)
struct InteractivePredictTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try #require(TrainedModels.bench) }

  /// The program at work, its standard error going to `complaints`.
  private func start(_ arguments: [String], input: Any, output: Pipe) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(Program.folder)/predict")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
    process.standardInput = input
    process.standardOutput = output
    let complaints = bench("complaints-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: complaints, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: complaints)
    process.environment = ["COMPLAINTS": complaints]
    try process.run()
    return process
  }

  private func complaints(_ process: Process) -> String {
    let path = process.environment?["COMPLAINTS"] ?? ""
    return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  /// What has come up to the given number of line ends.
  private func lines(_ count: Int, from output: Pipe) -> [Substring] {
    var text = Data()
    while text.count(where: { $0 == 0x0A }) < count {
      let part = output.fileHandleForReading.availableData
      if part.isEmpty { break }
      text += part
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
  }

  @Test(.timeLimit(.minutes(1)))
  func `who asks line by line gets each answer before the next question`() throws {
    let (input, output) = (Pipe(), Pipe())
    let process = try start(["-q", "--json"], input: input, output: output)
    let writer = input.fileHandleForWriting
    try writer.write(contentsOf: Data("good\n".utf8))
    #expect(lines(1, from: output).first?.hasPrefix("{\"line\":1,") == true)
    // Half a line is no question yet.
    try writer.write(contentsOf: Data("bad\nug".utf8))
    #expect(lines(1, from: output).first?.hasPrefix("{\"line\":2,") == true)
    try writer.write(contentsOf: Data("ly".utf8))
    try writer.close()
    #expect(lines(9, from: output).map { $0.prefix(10) } == ["{\"line\":3,"])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(complaints(process) == "")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a reader that goes away is the silent end of the run`() throws {
    let texts = (0..<20_000).map { "text \($0) of many" }.joined(separator: "\n")
    try bench.write(texts, to: "many.txt")
    let output = Pipe()
    let process = try start(["-q", "many.txt"], input: FileHandle.nullDevice, output: output)
    #expect(lines(1, from: output).first == "line\tlabel\tknown\tnegative\tpositive")
    try output.fileHandleForReading.close()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    #expect(complaints(process) == "")
  }

  @Test(.timeLimit(.minutes(1)))
  func `at a terminal it says what it waits for`() throws {
    // What posix_openpt, unlockpt and ptsname do; Glibc's module does not have them.
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(master >= 0)
    defer { close(master) }
    var (unlocked, number): (Int32, Int32) = (0, 0)
    let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    try #require(ioctl(master, setLock, &unlocked) == 0 && ioctl(master, getNumber, &number) == 0)
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    let output = Pipe()
    let process = try start(
      ["--task", "imdb"], input: FileHandle(fileDescriptor: slave, closeOnDealloc: true),
      output: output)
    let typed = "a good film\n"
    #expect(write(master, typed, typed.utf8.count) == typed.utf8.count)
    #expect(lines(2, from: output).last?.hasPrefix("1\t") == true)
    #expect(write(master, "\u{4}", 1) == 1)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(complaints(process) == "predict: reading from the terminal; end with Ctrl-D\n")
  }
}
