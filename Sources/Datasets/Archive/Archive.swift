import Foundation
import Synchronization
import Support

/// An archive of whatever form, read member by member in one pass with nothing unpacked to disk.
///
/// The source may be a zip, a tar, a gzip-compressed tar, a gzip-compressed or a plain file, or a
/// folder of such; a container inside a container (the tar in Yelp's zip) is walked as if its
/// members stood in the outer one. What a file is, is told by its first bytes, never by its name.
/// Directories, links, devices and the litter of desktop systems are passed over.
///
///     let archive = try Archive(path: path)
///     while let member = try archive.next() {
///       try member.forEachLine { line in … }
///     }
public final class Archive {
  /// The path that was opened, for messages.
  public let path: String
  private var layers: [any EntrySource] = []
  private weak var current: ArchiveEntry?
  private let limits: Limits
  private var expansion = DecompressionBudget(size: 0)

  /// Is told how far the reading of a file has come, in bytes of the file and of its size.
  public typealias Watch = @Sendable (_ done: Int64, _ size: Int64) -> Void

  private static let watches = Mutex<[String: Watch]>([:])

  /// Has `watch` told of the reading of the file at `path` while `body` runs. What lies between who
  /// asks and the archive need not know. (Not a task-local: a function as the value of one crashes
  /// in release builds of Swift 6.3.)
  public static func watching<Result>(
    _ path: String, _ watch: @escaping Watch, _ body: () throws -> Result
  ) rethrows -> Result {
    watches.withLock { $0[path] = watch }
    defer { _ = watches.withLock { $0.removeValue(forKey: path) } }
    return try body()
  }

  /// What an archive may not exceed, against those that are made to do harm.
  struct Limits {
    /// How deep containers may lie in each other.
    var nesting = 4
    /// A container may grow to this many times its own size, or to `freeSize` bytes, whichever is
    /// larger, and so may a file on disk with all containers in it; the text of these corpora grows
    /// three- to tenfold, a bomb a thousandfold.
    var growth: Int64 = 200
    /// The size up to which any growth is accepted: 1 GiB.
    var freeSize: Int64 = 1 << 30
  }

  /// Opens the file or folder at `path`.
  /// - Throws: ``UserError`` of kind `noInput` if there is nothing to read, `data` if the file is not
  ///   an archive but one of the things that are often found in its place.
  public convenience init(path: String) throws { try self.init(path: path, limits: Limits()) }

  init(path: String, limits: Limits) throws {
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
    case S_IFDIR: layers = [try DirectoryEntrySource(path: path)]
    case S_IFREG: layers = [FileEntrySource(path: path, source: try FileSource(path: path))]
    default:
      throw UserError(
        .noInput, at: path, problem: "neither a file nor a folder",
        expected: "an archive, or the folder it was unpacked to")
    }
    if let file = layers.first as? FileEntrySource {
      file.source.watch = Self.watches.withLock { $0[path] }
      try FileType.refuseLookalikes(file.source.peek(FileType.headSize), at: path)
    }
  }

  /// The next regular file, or nothing at the end. Whatever was left of the previous member is
  /// passed over and that member can no longer be read.
  /// - Throws: ``UserError`` of kind `data` if the archive is damaged, cut or beyond the limits.
  public func next() throws -> ArchiveEntry? {
    current?.retire()
    while let layer = layers.last {
      guard let entry = try layer.next() else {
        try layer.finish()
        layers.removeLast()
        continue
      }
      guard !isLitter(entry.path) else { continue }
      let head = try entry.source.peek(FileType.headSize)
      let content = FileType(head: head)
      guard content != .other else {
        let member = ArchiveEntry(entry, of: self, at: layer.place(of: entry.path))
        current = member
        return member
      }
      try enter(entry, content, at: layer.place(of: entry.path))
    }
    return nil
  }

  /// Steps into a container; its members come next.
  private func enter(_ entry: SourceEntry, _ content: FileType, at place: ArchiveLocation) throws {
    guard layers.count <= limits.nesting else {
      throw UserError(
        .data, at: place.description, problem: "a container inside \(layers.count - 1) others",
        expected: "at most \(limits.nesting) containers in each other",
        hint: "this is not an archive of the data; unpack it by hand if you trust it")
    }
    if let file = entry.source as? FileSource { expansion = DecompressionBudget(size: file.size) }
    layers.append(
      try LibarchiveEntrySource(
        entry, content: content, limits: limits, expansion: expansion, at: place))
  }
}

/// How much has come out of a file on disk, through all containers in it.
final class DecompressionBudget {
  /// The size of the file.
  let size: Int64
  /// How many bytes have come out of it and of what lies in it.
  var produced: Int64 = 0

  init(size: Int64) { self.size = size }
}

/// Whether a member is none of the publisher's: resource forks and folder notes of desktop systems.
private func isLitter(_ path: String) -> Bool {
  let components = path.split(separator: "/")
  return components.contains("__MACOSX") || components.last.map { $0.hasPrefix("._") } ?? true
    || components.last == ".DS_Store"
}
