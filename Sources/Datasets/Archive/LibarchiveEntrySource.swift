import CLibarchive
import Foundation
import Support

/// The entries of a zip, 7-Zip, tar or compressed file, read with libarchive. Only the format that the
/// first bytes indicate is enabled, so that no other decoder sees the data.
final class LibarchiveEntrySource: EntrySource {
  let handle: OpaquePointer
  private let input: LibarchiveInput
  private let limits: Archive.Limits
  private let budget: DecompressionBudget
  private let type: FileType
  private let path: String
  let container: ArchiveLocation
  /// The file, if this is a zip or 7-Zip file on disk; libarchive then reads it in any order.
  let file: FileSource?
  /// The content of a container that libarchive reads in any order, but that is no file on disk.
  private var content = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// The number of bytes produced by all entries, headers included.
  private var produced: Int64 = 0
  /// The number of bytes read from the current entry.
  private var position: Int64 = 0
  private var entry: EntryBytes?
  private var entryPath: String?
  private var links = MemberLinks()
  private(set) var skippedLinks: [String] = []

  /// - Parameters:
  ///   - entry: the path and bytes of the container.
  ///   - budget: the budget of the file on disk that contains it.
  ///   - location: the location of the container for messages.
  /// - Throws: ``UserError`` with exit status `data`.
  init(
    _ entry: SourceEntry, type: FileType, limits: Archive.Limits, budget: DecompressionBudget,
    at location: ArchiveLocation
  ) throws {
    guard let handle = archive_read_new() else {
      throw UserError(
        .unavailable, at: location.description, problem: "libarchive could not be started")
    }
    self.handle = handle
    self.limits = limits
    self.budget = budget
    self.type = type
    (path, container) = (entry.path, location)
    input = LibarchiveInput(entry.bytes)
    // A zip on disk is read through the directory at its end; without one it is truncated.
    file = type.hasDirectory ? entry.bytes as? FileSource : nil
    if file == nil, type.needsDirectory {
      let bytes = try Self.content(of: entry, at: location)
      content = .allocate(byteCount: bytes.count, alignment: 16)
      content.copyBytes(from: bytes)
    }
    try enable(type)
    if let file {
      try check(archive_read_open_filename(handle, file.path, 256 << 10))
    } else if type.needsDirectory {
      try check(archive_read_open_memory(handle, content.baseAddress, content.count))
    } else {
      let client = Unmanaged.passUnretained(input).toOpaque()
      try check(archive_read_open(handle, client, nil, pullLibarchiveInput, nil))
    }
  }

  deinit {
    archive_read_free(handle)
    content.deallocate()
  }

  func next() throws -> SourceEntry? {
    if let entry {
      // A zip on disk can seek; elsewhere skipping means decompressing, which counts for the budget.
      if file == nil || type == .sevenZip { while try entry.nextBlock() != nil {} }
      entry.close()
    }
    while true {
      var header: OpaquePointer?
      (entryPath, position) = (nil, 0)
      let status = archive_read_next_header(handle, &header)
      if status == ARCHIVE_EOF { return nil }
      try check(status)
      try charge(Self.headerSize)
      // libarchive treats a compressed file with a truncated header as a plain file.
      if case .compressed(let compression) = type,
        archive_filter_code(handle, 0) != compression.filterCode
      {
        throw corruptError()
      }
      guard let header else { continue }
      let name = isRaw ? uncompressedPath : try pathName(header)
      entryPath = name
      if let target = archive_entry_hardlink(header) {
        links.addHardLink(name, to: String(cString: target))
        continue
      }
      if let target = archive_entry_symlink(header) {
        links.addSymbolicLink(name, to: String(cString: target))
        continue
      }
      guard archive_entry_filetype(header) == S_IFREG else { continue }
      links.addMember(name)
      guard archive_entry_is_data_encrypted(header) == 0 else {
        throw UserError(
          .data, at: currentLocation, problem: "an encrypted member",
          expected: "an archive that is not encrypted",
          hint: "unpack it with its password and name the folder")
      }
      let source = EntryBytes(self)
      entry = source
      return SourceEntry(path: name, bytes: source)
    }
  }

  func finish() throws {
    try input.drain()
    if case .compressed(let compression) = type,
      input.contentEnd > archive_filter_bytes(handle, -1)
    {
      throw UserError(
        .data, at: container.description,
        problem: "data after the end of the \(compression) stream",
        expected: "compressed data only",
        hint: "decompress the parts of the file separately")
    }
    let (duplicates, dangling) = links.resolved()
    skippedLinks = duplicates
    guard let dangling else { return }
    throw UserError(
      .data, at: location(of: dangling.link).description,
      problem: "a link to \(dangling.target), which is not in the archive",
      expected: "the file that it leads to",
      hint: "pack it with “tar --dereference”, or unpack the archive and name the folder")
  }

  func location(of name: String) -> ArchiveLocation {
    guard !isRaw else { return container }
    let folder = container.member.isEmpty ? "" : container.member + "/"
    return ArchiveLocation(
      container: container.description, path: name, member: folder + name)
  }

  /// The location of the current entry or, between entries, of the container.
  private var currentLocation: String {
    (entryPath.map { location(of: $0) } ?? container).description
  }

  /// The next block of the current entry.
  fileprivate func readBlock() throws -> UnsafeRawBufferPointer? {
    var start: UnsafeRawPointer?
    var size = 0
    var offset: Int64 = 0
    while true {
      let status = archive_read_data_block(handle, &start, &size, &offset)
      if status == ARCHIVE_EOF { return nil }
      guard status == ARCHIVE_OK else { throw corruptError() }
      if size > 0 { break }
    }
    guard offset == position else {
      throw UserError(
        .data, at: currentLocation, problem: "a sparse member, with a hole at byte \(position)",
        expected: "text")
    }
    position += Int64(size)
    if let file { file.progress?(archive_filter_bytes(handle, -1), file.size) }
    try charge(Int64(size))
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  /// The budget of a header, as in a tar: entries without content take time, too.
  private static let headerSize: Int64 = 512

  /// Charges the budgets of this container and of the file on disk, which may contain many containers
  /// that are each within their limits.
  private func charge(_ size: Int64) throws {
    produced += size
    budget.produced += size
    guard produced <= limit(for: file?.size ?? max(Int64(content.count), input.bytesRead)),
      budget.produced <= limit(for: budget.size)
    else {
      throw UserError(
        .data, at: currentLocation,
        problem: "content more than \(limits.growth) times its container",
        expected: "text, which compresses less",
        hint: "this looks like a decompression bomb; unpack it by hand if you trust it")
    }
  }

  private func limit(for size: Int64) -> Int64 {
    let (product, overflow) = size.multipliedReportingOverflow(by: limits.growth)
    return overflow ? .max : max(limits.freeSize, product)
  }

  private func pathName(_ header: OpaquePointer) throws -> String {
    guard let name = archive_entry_pathname(header) else { return "(a member without a name)" }
    guard strlen(name) <= Self.maxNameLength else {
      throw UserError(
        .data, at: currentLocation, problem: "a member whose name has \(strlen(name)) bytes",
        expected: "at most \(Self.maxNameLength), the longest path that there is",
        hint: "this is not an archive of the data; unpack it by hand if you trust it")
    }
    return String(cString: name)
  }

  private static let maxNameLength = 4096

  /// The path of the content of a compressed file.
  private var uncompressedPath: String {
    guard case .compressed(let compression) = type, path.hasSuffix(".\(compression.fileExtension)")
    else { return path }
    return String(path.dropLast(compression.fileExtension.count + 1))
  }

  /// Whether the container is a single compressed file, not an archive.
  private var isRaw: Bool {
    archive_format(handle) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_RAW
  }

  private func check(_ status: Int32) throws {
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw corruptError() }
  }

  /// A message of libarchive; some end with a newline.
  private static func message(_ text: UnsafePointer<CChar>) -> String {
    String(String(cString: text).prefix { $0 != "\n" })
  }

  /// The error of the stream that libarchive reads, or else of libarchive.
  private func corruptError() -> any Error {
    if let error = input.error { return error }
    // A truncated zip lacks the directory at its end, which is read first.
    let lacksDirectory = type == .zip && file != nil && archive_format(handle) == 0
    let reason =
      lacksDirectory
      ? "the directory at the end of the zip is missing"
      : archive_error_string(handle).map(Self.message) ?? "no reason given"
    return UserError(
      .data, at: currentLocation, problem: "damaged or cut: \(reason)", expected: "a whole archive",
      hint: "download it again and compare its size with the publisher's")
  }
}

/// The bytes of the current entry of a container; empty once the container has advanced.
private final class EntryBytes: ByteSource {
  private weak var container: LibarchiveEntrySource?

  init(_ container: LibarchiveEntrySource) { self.container = container }

  override func readBlock() throws -> UnsafeRawBufferPointer? { try container?.readBlock() }

  func close() { container = nil }
}

/// The input callback of libarchive: reads the bytes of the container.
final class LibarchiveInput {
  private let source: ByteSource
  private(set) var bytesRead: Int64 = 0
  /// The number of bytes without the zeros at the end, which pad files on tapes.
  private(set) var contentEnd: Int64 = 0
  private(set) var error: (any Error)?

  init(_ source: ByteSource) { self.source = source }

  /// Reads to the end, unless libarchive reads the file itself.
  func drain() throws {
    if bytesRead > 0 { while try nextBlock() != nil {} }
  }

  func pull(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do {
      guard let block = try nextBlock() else { return 0 }
      buffer.pointee = block.baseAddress
      return block.count
    } catch {
      self.error = error
      return -1
    }
  }

  private func nextBlock() throws -> UnsafeRawBufferPointer? {
    guard let block = try source.nextBlock() else { return nil }
    if let last = block.lastIndex(where: { $0 != 0 }) { contentEnd = bytesRead + Int64(last) + 1 }
    bytesRead += Int64(block.count)
    return block
  }
}

/// Passes the call of libarchive on to the ``LibarchiveInput`` that it was opened with.
func pullLibarchiveInput(
  _: OpaquePointer?, _ client: UnsafeMutableRawPointer?,
  _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let client, let buffer else { return -1 }
  return Unmanaged<LibarchiveInput>.fromOpaque(client).takeUnretainedValue().pull(buffer)
}
