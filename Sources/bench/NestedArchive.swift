import CLibarchive
import Foundation
import Support

/// An archive as Yelp distributes its data: a compressed tar file in a zip file.
enum NestedArchive {
  /// Writes `source` as the only entry of a gzip-compressed tar file.
  /// - Throws: ``UserError`` if it cannot be written.
  static func tar(_ source: String, as entryName: String, to path: String) throws {
    try write(source, as: entryName, to: path) { archive in
      archive_write_add_filter_gzip(archive)
      archive_write_set_format_ustar(archive)
    }
  }

  /// Writes `source` as the only entry of a zip file.
  /// - Throws: ``UserError`` if it cannot be written.
  static func zip(_ source: String, as entryName: String, to path: String) throws {
    try write(source, as: entryName, to: path) { archive_write_set_format_zip($0) }
  }

  private static func write(
    _ source: String, as entryName: String, to path: String, setFormat: (OpaquePointer?) -> Void
  ) throws {
    let archive = archive_write_new()
    let entry = archive_entry_new()
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    func check(_ status: Int) throws {
      guard status < Int(ARCHIVE_WARN) else { return }
      let message = archive_error_string(archive).map { String(cString: $0) } ?? "no message"
      throw UserError(.io, at: path, problem: message)
    }
    setFormat(archive)
    try check(Int(archive_write_open_filename(archive, path)))
    guard let input = FileHandle(forReadingAtPath: source) else {
      throw UserError(.noInput, at: source, problem: "cannot be read")
    }
    let size = try input.seekToEnd()
    try input.seek(toOffset: 0)
    archive_entry_set_pathname(entry, entryName)
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
