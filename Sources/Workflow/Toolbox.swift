import Foundation
import Tensors

/// Where the executables of the stages are found, and what they say of themselves.
public struct Toolbox: Sendable {
  /// The folder of the executables.
  public let folder: String

  /// The executables in `folder`.
  public init(folder: String) { self.folder = folder }

  /// The executables beside the running one, by its real path.
  public static var besideThis: Toolbox {
    let link = "/proc/self/exe"
    let real = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    let path = real ?? Bundle.main.executablePath ?? CommandLine.arguments.first ?? "."
    return Toolbox(folder: path.parentPath)
  }

  /// The path of an executable, relative to the working folder if it lies below it.
  /// - Throws: ``Refusal`` of kind `unavailable`.
  func path(of name: String) throws -> String {
    let path = "\(folder)/\(name)"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Refusal(
        .unavailable, at: path, saw: "no such executable", advice: "build it first: swift build")
    }
    let here = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
  }

  /// Asks an executable what it accepts.
  /// - Throws: ``Refusal`` of kind `unavailable`.
  func interface(of name: String) async throws -> ToolInterface {
    let command = Command(
      executable: try path(of: name), arguments: ["--experimental-dump-help"])
    let answer = try await command.answer()
    guard answer.status == .exited(0), let interface = try? ToolInterface(dump: answer.output)
    else {
      throw Refusal(
        .unavailable, at: command.executable, saw: "no stage: it does not say what it accepts",
        advice: "name one of the stages' executables, or build it again: swift build")
    }
    return interface
  }

  /// The interfaces of several executables by name, asked side by side.
  /// - Throws: ``Refusal`` of kind `unavailable`.
  func interfaces(of names: [String]) async throws -> [String: ToolInterface] {
    let answers = try await concurrently(Array(Set(names)).sorted()) {
      ($0, try await interface(of: $0))
    }
    return Dictionary(uniqueKeysWithValues: answers)
  }
}

/// `body` of every element, a few at a time, in the order of the elements.
func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Result
) async throws -> [Result] {
  let width = max(2, ProcessInfo.processInfo.activeProcessorCount)
  return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var results: [(Int, Result)] = []
    for (index, element) in elements.enumerated() {
      if index >= width, let result = try await group.next() { results.append(result) }
      group.addTask { (index, try await body(element)) }
    }
    for try await result in group { results.append(result) }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
