import Foundation
import Support

/// An archive in any supported form, read entry by entry in one pass; nothing is unpacked to disk.
///
/// The source is a zip, a tar, a gzip-compressed tar, a gzip-compressed or plain file, or a folder of
/// such files. A container inside a container (the tar in Yelp's zip) is read as if its entries were
/// entries of the outer one. File types are detected by content, never by name. Directories, links,
/// devices and the metadata files of desktop systems are skipped.
///
///     let archive = try Archive(path: path)
///     while let entry = try archive.next() {
///       try entry.forEachLine { line in … }
///     }
public final class Archive {
  /// Receives the number of bytes read so far and the size of the file on disk.
  public typealias Progress = @Sendable (_ bytesRead: Int64, _ size: Int64) -> Void

  /// Limits that protect against archive bombs.
  struct Limits {
    /// The greatest depth of containers inside each other.
    var nesting = 4
    /// A container may expand to this many times its own size or to `freeSize` bytes, whichever is
    /// larger; the same holds for a file on disk with all containers in it. The text of these
    /// corpora expands three- to tenfold, a bomb a thousandfold.
    var growth: Int64 = 200
    /// The size up to which any expansion is accepted: 1 GiB.
    var freeSize: Int64 = 1 << 30
  }

  /// The path that was opened, for messages.
  public let path: String
  /// The open containers, the innermost last.
  private var sources: [any EntrySource] = []
  private weak var current: ArchiveEntry?
  private let limits: Limits
  private var budget = DecompressionBudget(size: 0)

  /// Opens the file or folder at `path`.
  /// - Parameter progress: called while a file (not a folder) is read.
  /// - Throws: ``UserError`` with exit status `noInput` if there is nothing to read, `data` if the
  ///   file is of an unsupported type that is often mistaken for an archive.
  public convenience init(path: String, progress: Progress? = nil) throws {
    try self.init(path: path, progress: progress, limits: Limits())
  }

  init(path: String, progress: Progress? = nil, limits: Limits) throws {
    self.path = path
    self.limits = limits
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw UserError(
        .noInput, at: path, problem: String(cString: strerror(errno)).lowercased(),
        expected: "an archive or a folder",
        hint: "check the path; the README says where to download the data")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: sources = [try DirectoryEntrySource(path: path)]
    case S_IFREG:
      let file = try FileSource(path: path, progress: progress)
      sources = [FileEntrySource(path: path, file: file)]
      try FileType.rejectUnsupported(file.peek(FileType.headSize), at: path)
    default:
      throw UserError(
        .noInput, at: path, problem: "neither a file nor a folder",
        expected: "an archive, or the folder it was unpacked to")
    }
  }

  /// The next regular file, or nil at the end. The previous entry can no longer be read.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt, truncated or beyond
  ///   the limits.
  public func next() throws -> ArchiveEntry? {
    current?.close()
    while let source = sources.last {
      guard let entry = try source.next() else {
        try source.finish()
        sources.removeLast()
        continue
      }
      guard !isSystemJunk(entry.path) else { continue }
      let type = FileType(head: try entry.bytes.peek(FileType.headSize))
      let location = source.location(of: entry.path)
      guard type != .other else {
        let found = ArchiveEntry(entry, of: self, at: location)
        current = found
        return found
      }
      try open(entry, type, at: location)
    }
    return nil
  }

  /// Opens a container; its entries come next.
  private func open(_ entry: SourceEntry, _ type: FileType, at location: ArchiveLocation) throws {
    guard sources.count <= limits.nesting else {
      throw UserError(
        .data, at: location.description, problem: "a container inside \(sources.count - 1) others",
        expected: "at most \(limits.nesting) containers in each other",
        hint: "this is not an archive of the data; unpack it by hand if you trust it")
    }
    if let file = entry.bytes as? FileSource { budget = DecompressionBudget(size: file.size) }
    sources.append(
      try LibarchiveEntrySource(entry, type: type, limits: limits, budget: budget, at: location))
  }
}

/// The amount of data decompressed from a file on disk and all containers in it.
final class DecompressionBudget {
  /// The size of the file in bytes.
  let size: Int64
  /// The number of bytes produced so far.
  var produced: Int64 = 0

  init(size: Int64) { self.size = size }
}

/// Whether an entry is a resource fork or folder metadata of a desktop system.
private func isSystemJunk(_ path: String) -> Bool {
  let components = path.split(separator: "/")
  return components.contains("__MACOSX") || components.last.map { $0.hasPrefix("._") } ?? true
    || components.last == ".DS_Store"
}
