import Foundation
import StageKit
import Support

/// The executables of the stages.
public struct StageExecutables: Sendable {
  private let folder: String

  /// The executables in `folder`.
  public init(folder: String) { self.folder = folder }

  /// The executables in the folder of the running one.
  public static var besideCurrentProcess: StageExecutables {
    let name = CommandLine.arguments.first ?? ""
    let real = executablePath ?? name
    // Prefer the path by which the process was started, such as .build/debug, which is shorter; but
    // not a link in another folder, such as /usr/bin.
    let isPath = name.contains("/") && realPath(name) == real && fileType(name) == S_IFREG
    return StageExecutables(folder: (isPath ? name : real).parentPath)
  }

  /// The path of an executable, relative to the working directory if it is below it.
  func path(of name: String) -> String {
    let path = "\(folder)/\(name)"
    let workingDirectory = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(workingDirectory) ? String(path.dropFirst(workingDirectory.count)) : path
  }

  /// The command line of an executable for a POSIX shell.
  public func commandLine(_ name: String, _ arguments: [String]) -> String {
    Command(executable: path(of: name), arguments: arguments).line
  }

  /// The schemas of executables by name, from the cache or by asking each program once. Those that
  /// do not exist or do not describe their options are left out.
  /// - Throws: ``UserError`` with exit status `unavailable` if one cannot be run.
  func schemas(of names: [String], cache: SchemaCache) async throws -> [String: CommandLineSchema] {
    var cache = cache
    let names = names.unique.filter { FileManager.default.isExecutableFile(atPath: path(of: $0)) }
    let programs = names.map { "\(realPath(folder))/\($0)" }
    let unknown = programs.filter { cache.schema(of: $0) == nil }
    let schemas = try await concurrentMap(unknown) { program in
      let result = try await Command(
        executable: program, arguments: [CommandLineSchema.argument]
      ).result()
      let schema =
        result.status == .exited(0)
        ? try? JSONDecoder().decode(CommandLineSchema.self, from: result.output) : nil
      return schema.map { (path: program, schema: $0) }
    }.compactMap { $0 }
    if !schemas.isEmpty { cache.add(schemas) }
    let known = zip(names, programs).compactMap { name, program in
      cache.schema(of: program).map { (name, $0) }
    }
    return Dictionary(uniqueKeysWithValues: known)
  }

  /// The error text and hint for an executable without a schema.
  func notFoundMessage(for name: String) -> (problem: String, hint: String) {
    let path = path(of: name)
    if FileManager.default.isExecutableFile(atPath: path) {
      return (
        "\(path) is not a stage: it does not describe its options", "build it again: swift build"
      )
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let near = nearest(to: name, in: names.filter(\.isName).sorted())
    return (
      "there is no executable \(path)",
      near.map { "did you mean “\($0)”?" }
        ?? "name ingest, vocab, train, finetune or evaluate; if it is one, build it: swift build"
    )
  }
}

/// The schemas of executables, in a file beside the outputs, so that a run that has nothing to do
/// need not start them. A rebuilt executable is asked again. The cache is optional: errors in
/// reading or writing it are ignored.
struct SchemaCache {
  private struct Entry: Codable {
    let signature: [Int64]
    let schema: CommandLineSchema
  }

  private let path: String
  private var entries: [String: Entry]

  /// The cache in a folder of outputs.
  init(in folder: String) {
    path = "\(folder)/.tools.json"
    let data = FileManager.default.contents(atPath: path) ?? Data()
    entries = (try? JSONDecoder().decode([String: Entry].self, from: data)) ?? [:]
  }

  /// The schema of the executable at `path`; nil if the file has changed since.
  func schema(of path: String) -> CommandLineSchema? {
    guard let entry = entries[path], entry.signature == (try? FileDigest.signature(of: path))
    else { return nil }
    return entry.schema
  }

  /// Adds schemas, and writes the file if the folder exists.
  mutating func add(_ schemas: [(path: String, schema: CommandLineSchema)]) {
    for (path, schema) in schemas {
      guard let signature = try? FileDigest.signature(of: path) else { continue }
      entries[path] = Entry(signature: signature, schema: schema)
    }
    try? JSONEncoder.canonical.encode(entries)
      .write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
