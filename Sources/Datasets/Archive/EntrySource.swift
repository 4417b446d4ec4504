import Foundation
import Safetensors
import Shards
import Support

/// One thing found in a layer: where it stands in it, and its bytes.
struct SourceEntry {
  /// The path within the layer, with `/` between folders.
  var path: String
  var source: ByteSource
}

/// Something that hands out entries one after the other: a folder, a container, a single file.
protocol EntrySource: AnyObject {
  /// The next regular file; what was left of the previous one is passed over.
  func next() throws -> SourceEntry?
  /// Reads what stands behind the last entry, so that checksums at the very end are compared, too.
  func finish() throws
  /// How an entry is named in messages.
  func place(of path: String) -> ArchiveLocation
}

/// How a member is named in messages; spelt out only when there is a message, for archives have
/// many members.
struct ArchiveLocation: CustomStringConvertible {
  /// The file on disk, or the container and where it lies.
  var container: String
  /// The path within it, if it has more than one member.
  var path: String?

  var description: String {
    path.map { "\(container): \(escapingControlCharacters($0))" } ?? container
  }
}

extension EntrySource {
  func finish() throws {}
}

/// A file that the user named.
final class FileEntrySource: EntrySource {
  let source: FileSource
  private let path: String
  private var isRead = false

  init(path: String, source: FileSource) {
    self.path = path
    self.source = source
  }

  func next() -> SourceEntry? {
    guard !isRead else { return nil }
    isRead = true
    return SourceEntry(path: path.lastPathName, source: source)
  }

  func place(of _: String) -> ArchiveLocation { ArchiveLocation(container: path) }
}

/// A folder that the user named: all regular files in it, in the order of their paths' bytes.
final class DirectoryEntrySource: EntrySource {
  private let path: String
  private var files: [String]

  /// - Throws: ``UserError`` of kind `noInput` if the folder cannot be listed.
  init(path: String) throws {
    self.path = path
    do {
      files = try FileManager.default.subpathsOfDirectory(atPath: path)
    } catch {
      throw UserError(
        .noInput, at: path, problem: "cannot be listed: \(systemMessage(error))",
        hint: "check its permissions")
    }
    // Backwards, to be taken from the end.
    files.sort { $1.utf8.lexicographicallyPrecedes($0.utf8) }
  }

  func next() throws -> SourceEntry? {
    while let name = files.popLast() {
      var status = stat()
      let file = "\(path)/\(name)"
      guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let source = try FileSource(path: file)
      let head = try source.peek(FileType.headSize)
      if FileType.isPointer(head) { try FileType.refuseLookalikes(head, at: file) }
      return SourceEntry(path: name, source: source)
    }
    return nil
  }

  func place(of name: String) -> ArchiveLocation { ArchiveLocation(container: "\(path)/\(name)") }
}
