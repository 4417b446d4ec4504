import ArgumentParser
import Foundation
import Support

/// A file or directory that a stage reads. Its content becomes part of the fingerprint.
public struct InputPath: ExpressibleByArgument, Hashable, Sendable {
  /// The path as given; `-` for standard input.
  public var path: String
  /// The copy of the content of a pipe.
  private var copy: String?

  /// Creates an input.
  public init(_ path: String) { self.path = path }

  /// Creates an input from a command-line argument.
  public init?(argument: String) { self.init(argument) }

  /// A path, for shell completion.
  public static var defaultCompletionKind: CompletionKind { .file() }

  /// The name in messages.
  public var name: String { path == "-" ? "standard input" : path }

  /// The path of the content: that of a copy, if this is a pipe.
  public var contentPath: String { copy ?? path }

  /// Whether the content can be read only once, and is not copied yet.
  public var isPipe: Bool {
    guard copy == nil else { return false }
    var status = stat()
    return path == "-"
      || stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Copies the content of a pipe to a file, so that it can be read more than once.
  /// - Throws: ``UserError`` with exit status `noInput` or `io`.
  mutating func copy(to file: String) throws {
    let source = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else {
      throw UserError(
        .noInput, at: name, problem: "cannot be read: \(String(cString: strerror(errno)))",
        hint: "check its permissions")
    }
    let reader = FileHandle(fileDescriptor: source, closeOnDealloc: true)
    guard !ParentWatchdog.watches(source) else { throw pipeError }
    do {
      _ = FileManager.default.createFile(atPath: file, contents: nil)
      let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
      while let block = try reader.read(upToCount: 1 << 20), !block.isEmpty {
        try writer.write(contentsOf: block)
      }
      try writer.close()
    } catch {
      throw UserError(
        .io, at: name, problem: "copying it to \(file) failed: \(systemMessage(error))",
        hint: "make room, or write it to a file first and name that")
    }
    copy = file
  }

  /// Removes the copy of a pipe.
  func removeCopy() {
    if let copy { unlink(copy) }
  }

  /// The error for a pipe where one cannot be read.
  var pipeError: UserError {
    UserError(
      .noInput, at: name, problem: "a pipe, which can be read only once",
      expected: "a file or a folder", hint: "write it to a file first, and name that")
  }
}

/// The flags about the encoding of text files and the dialect of tables.
public struct TextFileFlags: ParsableArguments {
  /// The encoding; by default UTF-8, UTF-16 or UTF-32.
  @Option(
    help: """
      The encoding, by any name that “iconv -l” lists, such as windows-1252. (default: UTF-8, \
      UTF-16 or UTF-32, by the first bytes)
      """)
  public var encoding: String?

  /// The character between the fields of a table.
  @Option(
    help: """
      The character between the fields of a table, such as ';' or tab. (default: the first of \
      comma, semicolon, tab and | with which the columns are found; tsv: tab)
      """)
  public var delimiter: String?

  /// The character that encloses fields of a CSV.
  @Option(help: "csv: the character that encloses fields. (default: \")")
  public var quote: String?

  /// The number of lines before the line of names.
  @Option(help: "Lines to skip before the line of names of a table. (default: 0)")
  public var skipLines: Int?

  /// The name of the sheet of a workbook.
  @Option(help: "xlsx: the name of the sheet. (default: the only one with the columns)")
  public var sheet: String?

  /// Required by ArgumentParser.
  public init() {}
}
