import CLibarchive
import Foundation
import Safetensors
import Support

/// A zip, tar or gzip file, read by libarchive from a stream of bytes. Only the format that the
/// first bytes call for is enabled, so that no other decoder ever sees the data.
final class LibarchiveEntrySource: EntrySource {
  private let handle: OpaquePointer
  private let feed: Feed
  private let limits: Archive.Limits
  private let expansion: DecompressionBudget
  private let content: FileType
  private let path: String
  private let container: ArchiveLocation
  /// A zip on disk, of which libarchive reads parts in any order.
  private let file: FileSource?
  /// How many bytes have come out, headers included, of all entries and of the current one.
  private var produced: Int64 = 0
  private var position: Int64 = 0
  private var entry: EntryBytes?
  private var entryPath: String?

  /// - Parameters:
  ///   - entry: the container's own path and bytes.
  ///   - expansion: what has come out of the file on disk that it lies in.
  ///   - place: how the container is named in messages.
  /// - Throws: ``UserError`` of kind `data`.
  init(
    _ entry: SourceEntry, content: FileType, limits: Archive.Limits, expansion: DecompressionBudget,
    at place: ArchiveLocation
  ) throws {
    guard let handle = archive_read_new() else {
      throw UserError(
        .unavailable, at: place.description, problem: "libarchive could not be started")
    }
    self.handle = handle
    self.limits = limits
    self.expansion = expansion
    self.content = content
    (path, container) = (entry.path, place)
    feed = Feed(entry.source)
    // A zip on disk is read by the directory at its end; without one it is cut.
    file = content == .zip ? entry.source as? FileSource : nil
    enable(content, isOnDisk: file != nil)
    if let file {
      try check(archive_read_open_filename(handle, file.path, 256 << 10))
    } else {
      let client = Unmanaged.passUnretained(feed).toOpaque()
      try check(archive_read_open(handle, client, nil, pull, nil))
    }
  }

  deinit { archive_read_free(handle) }

  private func enable(_ content: FileType, isOnDisk: Bool) {
    switch content {
    case .zip where isOnDisk: archive_read_support_format_zip_seekable(handle)
    case .zip: archive_read_support_format_zip_streamable(handle)
    case .tar: archive_read_support_format_tar(handle)
    case .gzip, .other:
      archive_read_support_filter_gzip(handle)
      archive_read_support_format_tar(handle)
      archive_read_support_format_raw(handle)
    }
  }

  func next() throws -> SourceEntry? {
    if let entry {
      // A zip on disk can skip; elsewhere skipping means decompressing, and that is watched.
      if file == nil { while try entry.nextBlock() != nil {} }
      entry.end()
    }
    while true {
      var header: OpaquePointer?
      (entryPath, position) = (nil, 0)
      let status = archive_read_next_header(handle, &header)
      if status == ARCHIVE_EOF { return nil }
      try check(status)
      try account(for: Self.headerSize)
      // libarchive takes a gzip file whose header is cut for any other file.
      if content == .gzip, archive_filter_code(handle, 0) != ARCHIVE_FILTER_GZIP { throw damage() }
      guard let header, archive_entry_filetype(header) == S_IFREG,
        archive_entry_hardlink(header) == nil
      else { continue }
      let name = isRaw ? unwrapped(path) : try pathName(header)
      entryPath = name
      guard archive_entry_is_data_encrypted(header) == 0 else {
        throw UserError(
          .data, at: here, problem: "an encrypted member", expected: "the publisher's archive",
          hint: "unpack it with its password and name the folder")
      }
      let source = EntryBytes(self)
      entry = source
      return SourceEntry(path: name, source: source)
    }
  }

  func finish() throws { try feed.drain() }

  func place(of name: String) -> ArchiveLocation {
    isRaw ? container : ArchiveLocation(container: container.description, path: name)
  }

  /// The entry that is being read or, between entries, the container.
  private var here: String { (entryPath.map { place(of: $0) } ?? container).description }

  /// The next block of the current entry.
  fileprivate func readBlock() throws -> UnsafeRawBufferPointer? {
    var start: UnsafeRawPointer?
    var size = 0
    var offset: Int64 = 0
    while true {
      let status = archive_read_data_block(handle, &start, &size, &offset)
      if status == ARCHIVE_EOF { return nil }
      guard status == ARCHIVE_OK else { throw damage() }
      if size > 0 { break }
    }
    guard offset == position else {
      throw UserError(
        .data, at: here, problem: "a sparse member, with a hole at byte \(position)",
        expected: "text")
    }
    position += Int64(size)
    if let file { file.watch?(archive_filter_bytes(handle, -1), file.size) }
    try account(for: Int64(size))
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  /// What a header counts, as in a tar: members without content take time, too.
  private static let headerSize: Int64 = 512

  /// Enters what has come out, and refuses what grows too much: this container, or the file on disk
  /// by many containers that each stay within their limits.
  private func account(for size: Int64) throws {
    produced += size
    expansion.produced += size
    guard produced <= allowed(of: file?.size ?? feed.pulled),
      expansion.produced <= allowed(of: expansion.size)
    else {
      throw UserError(
        .data, at: here, problem: "content more than \(limits.growth) times its container",
        expected: "text, which compresses less",
        hint: "this looks like a decompression bomb; unpack it by hand if you trust it")
    }
  }

  private func allowed(of size: Int64) -> Int64 {
    let (product, overflow) = size.multipliedReportingOverflow(by: limits.growth)
    return overflow ? .max : max(limits.freeSize, product)
  }

  /// The name of an entry.
  private func pathName(_ header: OpaquePointer) throws -> String {
    guard let name = archive_entry_pathname(header) else { return "(a member without a name)" }
    guard strlen(name) <= Self.longestName else {
      throw UserError(
        .data, at: here, problem: "a member whose name has \(strlen(name)) bytes",
        expected: "at most \(Self.longestName), the longest path that there is",
        hint: "this is not an archive of the data; unpack it by hand if you trust it")
    }
    return String(cString: name)
  }

  private static let longestName = 4096

  /// Whether the content is a single compressed file and no archive.
  private var isRaw: Bool {
    archive_format(handle) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_RAW
  }

  private func check(_ status: Int32) throws {
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw damage() }
  }

  /// Some of libarchive's messages end with a newline.
  private static func line(_ text: UnsafePointer<CChar>) -> String {
    String(String(cString: text).prefix { $0 != "\n" })
  }

  /// What libarchive, or the stream it reads from, says is wrong.
  private func damage() -> any Error {
    if let error = feed.error { return error }
    // Of a zip on disk the directory at the end is read first; whoever cut the file took it.
    let isUnknown = file != nil && archive_format(handle) == 0
    let said =
      isUnknown
      ? "the directory at the end of the zip is missing"
      : archive_error_string(handle).map(Self.line) ?? "no reason given"
    return UserError(
      .data, at: here, problem: "damaged or cut: \(said)", expected: "a whole archive",
      hint: "download it again and compare its size with the publisher's")
  }
}

/// The bytes of the entry that a container stands at; none when the container has moved on.
private final class EntryBytes: ByteSource {
  private weak var layer: LibarchiveEntrySource?

  init(_ layer: LibarchiveEntrySource) { self.layer = layer }

  override func readBlock() throws -> UnsafeRawBufferPointer? { try layer?.readBlock() }

  func end() { layer = nil }
}

/// The bytes that a container is made of, on their way into libarchive.
private final class Feed {
  private let source: ByteSource
  private(set) var pulled: Int64 = 0
  private(set) var error: (any Error)?

  init(_ source: ByteSource) { self.source = source }

  /// Reads to the end, unless libarchive reads the file by itself.
  func drain() throws {
    if pulled > 0 { while try source.nextBlock() != nil {} }
  }

  func pull(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do {
      guard let block = try source.nextBlock() else { return 0 }
      buffer.pointee = block.baseAddress
      pulled += Int64(block.count)
      return block.count
    } catch {
      self.error = error
      return -1
    }
  }
}

private func pull(
  _: OpaquePointer?, _ client: UnsafeMutableRawPointer?,
  _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let client, let buffer else { return -1 }
  return Unmanaged<Feed>.fromOpaque(client).takeUnretainedValue().pull(buffer)
}

/// The name of what a compressed file holds.
private func unwrapped(_ path: String) -> String {
  path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
}
