import Support

/// The type of a file by its first bytes. Names are ignored: Yelp's `.tar` is a gzip file.
enum FileType {
  case zip
  case gzip
  case tar
  /// Not a supported container.
  case other

  /// The number of bytes to inspect: enough for the first line of 300-dimensional vectors.
  static let headSize = 16 << 10

  init(head: UnsafeRawBufferPointer) {
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .zip
    } else if head.starts(with: [0x1F, 0x8B, 0x08]) {
      self = .gzip
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
  static func rejectUnsupported(_ head: UnsafeRawBufferPointer, at path: String) throws {
    func error(_ problem: String, _ hint: String) -> UserError {
      UserError(
        .data, at: path, problem: problem, expected: "a zip, tar, gzip or text file", hint: hint)
    }
    if head.isEmpty {
      throw error("an empty file (0 bytes)", "the download failed; download it again")
    }
    if isPointer(head) {
      throw error(
        "a Git LFS pointer instead of the file",
        "run “git lfs pull” where it was cloned, or download the archive itself")
    }
    if isHTML(head) {
      throw error(
        "an HTML page",
        "the server sent a page (an error, a login, a quota) instead of the file; open it in a "
          + "browser to see what it says, and download the archive again")
    }
    for (magic, name) in unsupportedTypes where head.starts(with: magic) {
      throw error("\(name)", "pack the files as zip or tar.gz, or unpack them and name the folder")
    }
  }

  /// Whether a file begins as Git LFS pointers do.
  static func isPointer(_ head: UnsafeRawBufferPointer) -> Bool {
    head.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }

  private static func isHTML(_ head: UnsafeRawBufferPointer) -> Bool {
    let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.prefix(15)
      .map { $0 | 0x20 }
    return start.starts(with: "<!doctype html".utf8.map { $0 | 0x20 })
      || start.starts(with: "<html".utf8)
  }

  private static let unsupportedTypes: [([UInt8], String)] = [
    ([0x42, 0x5A, 0x68], "a bzip2 file"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a zstandard file"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip file"),
    ([0x52, 0x61, 0x72, 0x21], "a RAR file"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
    ([0x50, 0x4B, 0x07, 0x08], "a zip split over several files"),
  ]
}
