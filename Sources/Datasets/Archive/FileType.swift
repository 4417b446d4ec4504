import Shards
import Support

/// What the first bytes of a file say it is. Names are not asked: Yelp's `.tar` is a gzip file.
enum FileType {
  case zip
  case gzip
  case tar
  /// Not a container that we read.
  case other

  /// How many bytes are looked at, enough for the first line of 300-dimensional vectors.
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

  /// A tar header carries the sum of its own bytes, with the eight of the sum taken as spaces.
  private static func isTarHeader(_ head: UnsafeRawBufferPointer) -> Bool {
    guard head.count >= 512, head[0] != 0 else { return false }
    var stated = 0
    var digits = 0
    for byte in head[148..<156] where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "7") {
      stated = stated << 3 | Int(byte - UInt8(ascii: "0"))
      digits += 1
    }
    let sum = head[..<512].indices.reduce(0) { sum, index in
      sum + (148..<156 ~= index ? 0x20 : Int(head[index]))
    }
    return digits > 0 && sum == stated
  }

  /// Refuses what people hand over by mistake in place of an archive.
  /// - Throws: ``UserError`` of kind `data`.
  static func refuseLookalikes(_ head: UnsafeRawBufferPointer, at path: String) throws {
    func refuse(_ problem: String, _ hint: String) -> UserError {
      UserError(
        .data, at: path, problem: problem, expected: "a zip, tar, gzip or text file", hint: hint)
    }
    if head.isEmpty {
      throw refuse("an empty file (0 bytes)", "the download failed; download it again")
    }
    if isPointer(head) {
      throw refuse(
        "a Git LFS pointer, not the file it stands for",
        "run “git lfs pull” where it was cloned, or download the archive itself")
    }
    if isPage(head) {
      throw refuse(
        "an HTML page",
        "the server sent a page (an error, a login, a quota) instead of the file; open it in a "
          + "browser to see what it says, and download the archive again")
    }
    for (magic, name) in strangers where head.starts(with: magic) {
      throw refuse("\(name)", "pack the files as zip or tar.gz, or unpack them and name the folder")
    }
  }

  /// Whether a file begins as Git LFS pointers do.
  static func isPointer(_ head: UnsafeRawBufferPointer) -> Bool {
    head.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }

  private static func isPage(_ head: UnsafeRawBufferPointer) -> Bool {
    let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.prefix(15)
      .map { $0 | 0x20 }
    return start.starts(with: "<!doctype html".utf8.map { $0 | 0x20 })
      || start.starts(with: "<html".utf8)
  }

  private static let strangers: [([UInt8], String)] = [
    ([0x42, 0x5A, 0x68], "a bzip2 file"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"),
    ([0x28, 0xB5, 0x2F, 0xFD], "a zstandard file"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip file"),
    ([0x52, 0x61, 0x72, 0x21], "a RAR file"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
    ([0x50, 0x4B, 0x07, 0x08], "a zip split over several files"),
  ]
}
