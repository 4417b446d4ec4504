import CLibarchive
import Support

/// The formats of containers.
extension LibarchiveEntrySource {
  /// The size up to which a container within another one is read in any order: 256 MiB.
  private static let maxContentSize = 256 << 20

  /// The whole content of a container within another one.
  static func content(
    of entry: SourceEntry, at location: ArchiveLocation
  ) throws -> [UInt8] {
    var content: [UInt8] = []
    while let block = try entry.bytes.nextBlock() {
      guard block.count <= maxContentSize - content.count else {
        throw UserError(
          .data, at: location.description,
          problem: "more than \(maxContentSize >> 20) MiB, inside another archive",
          expected: "a smaller one", hint: "take it out of the other archive, and name it")
      }
      content.append(contentsOf: block)
    }
    return content
  }

  func enable(_ type: FileType) throws {
    switch type {
    case .workbook: archive_read_support_format_zip_seekable(handle)
    case .zip where file != nil: archive_read_support_format_zip_seekable(handle)
    case .zip: archive_read_support_format_zip_streamable(handle)
    case .sevenZip: archive_read_support_format_7zip(handle)
    case .tar: enableTar()
    case .compressed(let compression): try enable(compression)
    case .other: break
    }
  }

  /// Tars that were concatenated are read as one; by default, libarchive stops after the first.
  private func enableTar() {
    archive_read_support_format_tar(handle)
    archive_read_set_format_option(handle, "tar", "read_concatenated_archives", "1")
  }

  private func enable(_ compression: Compression) throws {
    let status =
      switch compression {
      case .gzip: archive_read_support_filter_gzip(handle)
      case .bzip2: archive_read_support_filter_bzip2(handle)
      case .xz: archive_read_support_filter_xz(handle)
      case .zstandard: archive_read_support_filter_zstd(handle)
      case .lz4: archive_read_support_filter_lz4(handle)
      }
    // Otherwise libarchive lacks the library and would start a program.
    guard status == ARCHIVE_OK else {
      throw UserError(
        .data, at: container.description,
        problem: "compressed with \(compression), which the installed libarchive cannot read",
        expected: "a zip, tar or gzip file", hint: "decompress it, or pack it with gzip")
    }
    enableTar()
    archive_read_support_format_raw(handle)
  }
}
