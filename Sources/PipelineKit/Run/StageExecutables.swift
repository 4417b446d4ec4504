import Foundation
import Subprocess
import Safetensors
import Support

/// Where the executables of the stages are found, and what they say of themselves.
public struct StageExecutables: Sendable {
  /// The folder of the executables.
  public let folder: String

  /// The executables in `folder`.
  public init(folder: String) { self.folder = folder }

  /// The executables beside the running one.
  public static var besideThis: StageExecutables {
    let called = CommandLine.arguments.first ?? ""
    let link = "/proc/self/exe"
    let real =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: link))
      ?? Bundle.main.executablePath ?? called
    // The name that it was called by is shorter, if it names a path at all: .build/debug.
    guard called.contains("/"), realPath(called) == real else {
      return StageExecutables(folder: real.parentPath)
    }
    return StageExecutables(folder: called.parentPath)
  }

  /// The path of an executable, relative to the working folder if it lies below it.
  func path(of name: String) -> String {
    let path = "\(folder)/\(name)"
    let here = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
  }

  /// What executables accept: as they said before, else asked side by side, each program once
  /// whatever names it has; nothing for those that do not say.
  /// - Throws: ``UserError`` of kind `unavailable` if one cannot be run.
  func interfaces(
    of names: [String], memory: SchemaCache
  ) async throws -> [String: CommandLineSchema] {
    let names = names.unique.filter { FileManager.default.isExecutableFile(atPath: path(of: $0)) }
    let programs = names.map { realPath(path(of: $0)) }
    let unknown = programs.unique.filter { memory.interface(of: $0) == nil }
    let answers = try await concurrently(unknown) { program in
      let answer = try await Command(
        executable: program, arguments: ["--experimental-dump-help"]
      ).answer()
      let interface =
        answer.status == .exited(0) ? try? CommandLineSchema(dump: answer.output) : nil
      return interface.map { (path: program, interface: $0) }
    }.compactMap { $0 }
    var memory = memory
    if !answers.isEmpty { memory.keep(answers) }
    return Dictionary(
      uniqueKeysWithValues: zip(names, programs).compactMap { name, program in
        memory.interface(of: program).map { (name, $0) }
      })
  }

  /// Why an executable did not say what it accepts, and what to do.
  func complaint(about name: String) -> (problem: String, hint: String) {
    let path = path(of: name)
    if FileManager.default.isExecutableFile(atPath: path) {
      return ("\(path) is no stage: it does not say what it accepts", "build it again: swift build")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let near = nearest(to: name, in: names.filter(\.isName).sorted())
    return (
      "there is no executable \(path)",
      near.map { "did you mean “\($0)”?" } ?? "build it first: swift build"
    )
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
