import CLibarchive
import Foundation
import Safetensors
import Support

/// Writes archives as Yelp ships them: a compressed tar, and that in a zip.
enum NestedArchive {
  /// Writes `source` as the only member of a gzip-compressed tar.
  /// - Throws: ``UserError`` if it cannot be written.
  static func tar(_ source: String, as member: String, to path: String) throws {
    try write(source, as: member, to: path) { archive in
      archive_write_add_filter_gzip(archive)
      archive_write_set_format_ustar(archive)
    }
  }

  /// Writes `source` as the only member of a zip.
  /// - Throws: ``UserError`` if it cannot be written.
  static func zip(_ source: String, as member: String, to path: String) throws {
    try write(source, as: member, to: path) { archive_write_set_format_zip($0) }
  }

  private static func write(
    _ source: String, as member: String, to path: String, format: (OpaquePointer?) -> Void
  ) throws {
    let archive = archive_write_new()
    let entry = archive_entry_new()
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    func check(_ status: Int) throws {
      guard status < Int(ARCHIVE_WARN) else { return }
      let reason = archive_error_string(archive).map { String(cString: $0) } ?? "no reason given"
      throw UserError(.io, at: path, problem: reason)
    }
    format(archive)
    try check(Int(archive_write_open_filename(archive, path)))
    guard let input = FileHandle(forReadingAtPath: source) else {
      throw UserError(.noInput, at: source, problem: "cannot be read")
    }
    let size = try input.seekToEnd()
    try input.seek(toOffset: 0)
    archive_entry_set_pathname(entry, member)
    archive_entry_set_size(entry, Int64(size))
    archive_entry_set_filetype(entry, S_IFREG)
    archive_entry_set_perm(entry, 0o644)
    try check(Int(archive_write_header(archive, entry)))
    while let block = try input.read(upToCount: 1 << 20), !block.isEmpty {
      try check(block.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) })
    }
    try check(Int(archive_write_close(archive)))
  }
}
