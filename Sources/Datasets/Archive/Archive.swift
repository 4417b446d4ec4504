import Foundation
import Support

/// An archive in any supported form, read entry by entry in one pass; nothing is unpacked to disk.
///
/// The source is a zip, a 7-Zip file, a tar, a compressed tar, a compressed or plain file, or a folder of such
/// files; or several of these. A container inside a container (the tar in Yelp's zip) is read as if
/// its entries were entries of the outer one. File types are detected by content, never by name.
/// Links are followed, and each file is read once. Devices are skipped, and so are hidden files and
/// those of desktop systems.
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

  /// The files and folders that are read.
  private let inputs: [ArchiveInput]
  private var remainingInputs: ArraySlice<ArchiveInput> = []
  /// The input that is read.
  private var currentInput: ArchiveInput?
  /// The open containers, the innermost last.
  private var sources: [any EntrySource] = []
  private weak var current: ArchiveEntry?
  private let progress: Progress?
  private let limits: Limits
  /// The files that the reader accepts, for messages.
  private let expected: String
  private var budget = DecompressionBudget(size: 0)
  /// The links that were skipped because they lead to files that are read under another name.
  private var skippedLinks: (first: String, count: Int)?

  /// The inputs, for messages.
  public var path: String { inputs.map(\.name).joined(separator: ", ") }

  /// Whether there is one input, which is a file.
  var isSingleFile: Bool { inputs.count == 1 && isDirectory(inputs[0].path) != true }

  /// Whether an input is also one of another archive, or in a folder of it.
  func overlaps(_ other: Archive) -> Bool {
    inputs.contains { input in other.inputs.contains { overlap($0.path, input.path) } }
  }

  /// Opens a file or folder.
  /// - Parameters:
  ///   - progress: called while a file (not a folder) is read.
  ///   - expected: the files that the reader accepts, for messages; by default all.
  /// - Throws: ``UserError`` with exit status `noInput` if there is nothing to read, `data` if the
  ///   file is of an unsupported type that is often mistaken for an archive.
  public convenience init(
    path: String, progress: Progress? = nil, expected: String? = nil
  ) throws {
    try self.init([ArchiveInput(path)], progress: progress, expected: expected)
  }

  /// Opens several files and folders, which are read as one archive.
  /// - Throws: as ``init(path:progress:expected:)``.
  public convenience init(
    _ inputs: [ArchiveInput], progress: Progress? = nil, expected: String? = nil
  ) throws {
    try self.init(inputs, progress: progress, limits: Limits(), expected: expected)
  }

  init(
    _ inputs: [ArchiveInput], progress: Progress? = nil, limits: Limits, expected: String? = nil
  ) throws {
    (self.inputs, self.progress, self.limits) = (inputs, progress, limits)
    self.expected = expected ?? FileType.readable
    try rewind()
  }

  /// Starts again with the first entry.
  /// - Throws: as ``init(path:progress:expected:)``.
  public func rewind() throws {
    current?.close()
    (sources, skippedLinks, remainingInputs) = ([], nil, inputs[...])
    try openNextInput()
  }

  private func openNextInput() throws {
    guard let input = remainingInputs.popFirst() else { return }
    currentInput = input
    var status = stat()
    guard stat(input.path, &status) == 0 else {
      throw missingInput(
        input.name, problem: String(cString: strerror(errno)).lowercased(),
        expected: "an archive or a folder",
        hint: "check the path; the README says where to download the data")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: sources = [try DirectoryEntrySource(path: input.path)]
    case S_IFREG:
      let file = try FileSource(path: input.path, progress: progress)
      sources = [FileEntrySource(path: input.name, file: file)]
      try FileType.rejectUnsupported(
        file.peek(FileType.headSize), at: input.name, expected: expected)
    default:
      throw UserError(
        .noInput, at: input.name, problem: "neither a file nor a folder",
        expected: "an archive, or the folder it was unpacked to")
    }
  }

  /// A warning about the links that were skipped so far, because each file is read once; nil if
  /// there are none.
  var linkWarning: String? {
    skippedLinks.map {
      "links to files that are read under another name were skipped: \($0.count), the first "
        + "\($0.first)"
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
        addSkippedLinks(of: source)
        sources.removeLast()
        if sources.isEmpty { try openNextInput() }
        continue
      }
      let location = source.location(of: entry.path)
      let isInput = location.path == nil && inputs.contains { $0.name == location.container }
      guard isInput || !isHiddenOrSystemPath(entry.path) else { continue }
      let head = try entry.bytes.peek(FileType.headSize)
      let type = FileType(head: head)
      guard type != .other, type != .workbook else {
        if ForeignFormat.isPointer(head) {
          try FileType.rejectForeign(head, at: location.description, expected: expected)
        }
        if let file = entry.bytes as? FileSource { budget = DecompressionBudget(size: file.size) }
        let input = location.member.isEmpty || inputs.count > 1 ? currentInput : nil
        let found = ArchiveEntry(
          entry, of: self, at: location, isInput: isInput,
          input: input?.rowName(among: inputs) ?? "")
        current = found
        return found
      }
      try open(entry, type, at: location)
    }
    return nil
  }

  private func addSkippedLinks(of source: any EntrySource) {
    guard let first = source.skippedLinks.first else { return }
    skippedLinks = (
      skippedLinks?.first ?? source.location(of: first).description,
      (skippedLinks?.count ?? 0) + source.skippedLinks.count
    )
  }

  /// The members of a workbook.
  func members(of entry: SourceEntry, at location: ArchiveLocation) throws -> any EntrySource {
    try LibarchiveEntrySource(
      entry, type: .workbook, limits: limits, budget: budget, at: location)
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

/// A file or folder that is read as an archive or as a part of one.
public struct ArchiveInput: Hashable, Sendable {
  /// The name in messages.
  public let name: String
  /// The path of its content, which is another one for what came through a pipe.
  public let path: String

  /// Creates an input.
  /// - Parameter name: the name in messages; by default the path.
  public init(_ path: String, name: String? = nil) {
    (self.path, self.name) = (path, name ?? path)
  }

  /// The name in IDs of rows: the last component or, if several inputs share it, the whole name.
  public func rowName(among inputs: [ArchiveInput]) -> String {
    let name = self.name.lastPathName
    return inputs.count { $0.name.lastPathName == name } > 1 ? self.name : name
  }
}

/// Whether an entry, or a folder that it is in, is hidden or made by a desktop system.
func isHiddenOrSystemPath(_ path: String) -> Bool {
  path.split(separator: "/").contains { isHiddenOrSystemFile($0) }
}
