import CLibarchive
import Support

/// The type of a file by its first bytes. Names are ignored: Yelp's `.tar` is a gzip file.
enum FileType: Equatable {
  case zip
  case sevenZip
  case tar
  case compressed(Compression)
  /// A workbook of a spreadsheet: a zip, but no archive of texts.
  case workbook
  /// Not a supported container.
  case other

  /// Whether the container is read through a directory of its members where that is possible.
  var hasDirectory: Bool { self == .zip || needsDirectory }
  /// Whether the container can only be read through its directory.
  var needsDirectory: Bool { self == .sevenZip || self == .workbook }

  /// The number of bytes to inspect: enough for the first line of 300-dimensional vectors.
  static let headSize = 16 << 10

  init(head: UnsafeRawBufferPointer) {
    let isZip =
      head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06])
    if isZip {
      switch ForeignFormat(head: head)?.kind {
      case .packing: self = .zip
      case .workbook: self = .workbook
      default: self = .other
      }
    } else if head.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) {
      self = .sevenZip
    } else if let compression = Compression(head: head) {
      self = .compressed(compression)
    } else if Self.isTarHeader(head) {
      self = .tar
    } else {
      self = .other
    }
  }

  /// A tar header contains the sum of all its bytes, computed with spaces in the checksum field.
  private static func isTarHeader(_ head: UnsafeRawBufferPointer) -> Bool {
    guard head.count >= 512, head[0] != 0 else { return false }
    let checksumField = 148..<156
    let digits = head[checksumField].filter { UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }
    let checksum = digits.reduce(0) { $0 << 3 | Int($1 - UInt8(ascii: "0")) }
    let sum = head[..<512].indices.reduce(0) { sum, index in
      sum + (checksumField ~= index ? 0x20 : Int(head[index]))
    }
    return !digits.isEmpty && sum == checksum
  }

  /// Rejects files that are often given by mistake in place of an archive.
  /// - Throws: ``UserError`` with exit status `data`.
  static func rejectUnsupported(
    _ head: UnsafeRawBufferPointer, at path: String, expected: String = readable
  ) throws {
    if head.isEmpty {
      throw UserError(
        .data, at: path, problem: "an empty file (0 bytes)", expected: expected,
        hint: "the download failed; download it again")
    }
    if isHTML(head) {
      throw UserError(
        .data, at: path, problem: "an HTML page", expected: expected,
        hint: "the server sent a page (an error, a login, a quota) instead of the file; open it in "
          + "a browser to see what it says, and download the archive again")
    }
    guard FileType(head: head) == .other else { return }
    try rejectForeign(head, at: path, expected: expected)
  }

  /// Rejects formats that are no text.
  /// - Throws: ``UserError`` with exit status `data`.
  static func rejectForeign(
    _ head: UnsafeRawBufferPointer, at path: String, expected: String = readable
  ) throws {
    guard let format = ForeignFormat(head: head) else { return }
    throw UserError(
      .data, at: path, problem: format.name, expected: expected, hint: format.hint)
  }

  /// The files that can be read.
  static let readable = "a zip, tar, compressed or text file"

  private static func isHTML(_ head: UnsafeRawBufferPointer) -> Bool {
    let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.prefix(15)
      .map { $0 | 0x20 }
    return start.starts(with: "<!doctype html".utf8.map { $0 | 0x20 })
      || start.starts(with: "<html".utf8)
  }
}

/// A compression of a single file or of a tar.
enum Compression: CaseIterable {
  case gzip
  case bzip2
  case xz
  case zstandard
  case lz4

  /// Recognises a compression by the first bytes of a file.
  init?(head: UnsafeRawBufferPointer) {
    let found = Self.allCases.first { compression in
      compression.signatures.contains { head.starts(with: $0) }
    }
    guard let found else { return nil }
    self = found
  }

  private var signatures: [[UInt8]] {
    switch self {
    case .gzip: [[0x1F, 0x8B, 0x08]]
    // After the size of a block, the number pi or, if there is no block, its root.
    case .bzip2:
      (0x31...0x39).flatMap { size in
        [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]]
          .map { [0x42, 0x5A, 0x68, size] + $0 }
      }
    case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
    case .zstandard: [[0x28, 0xB5, 0x2F, 0xFD]]
    case .lz4: [[0x04, 0x22, 0x4D, 0x18]]
    }
  }

  /// The extension of a compressed file.
  var fileExtension: String {
    switch self {
    case .gzip: "gz"
    case .bzip2: "bz2"
    case .xz: "xz"
    case .zstandard: "zst"
    case .lz4: "lz4"
    }
  }

  /// The code of libarchive.
  var filterCode: Int32 {
    switch self {
    case .gzip: ARCHIVE_FILTER_GZIP
    case .bzip2: ARCHIVE_FILTER_BZIP2
    case .xz: ARCHIVE_FILTER_XZ
    case .zstandard: ARCHIVE_FILTER_ZSTD
    case .lz4: ARCHIVE_FILTER_LZ4
    }
  }
}
