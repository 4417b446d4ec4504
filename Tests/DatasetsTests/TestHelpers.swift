import CLibarchive
import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

extension TemporaryDirectory {
  /// Writes a plain file, with the folders it lies in.
  @discardableResult
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try write(Data(bytes), to: name)
    return self(name)
  }

  @discardableResult
  func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

  /// How members are packed.
  enum Packing: CaseIterable {
    case zip, sevenZip, tar, tarGzip, tarBzip2, tarXz, tarZstandard, tarLZ4, gzip, bzip2, xz,
      zstandard, lz4

    /// Whether there is one member, which has no name.
    var isSingleFile: Bool { [.gzip, .bzip2, .xz, .zstandard, .lz4].contains(self) }

    fileprivate func addFilter(to writer: OpaquePointer) {
      switch self {
      case .zip, .sevenZip, .tar: break
      case .gzip, .tarGzip: archive_write_add_filter_gzip(writer)
      case .bzip2, .tarBzip2: archive_write_add_filter_bzip2(writer)
      case .xz, .tarXz: archive_write_add_filter_xz(writer)
      case .zstandard, .tarZstandard: archive_write_add_filter_zstd(writer)
      case .lz4, .tarLZ4: archive_write_add_filter_lz4(writer)
      }
    }
  }

  /// Writes an archive through libarchive; of a single file the one member is the content.
  @discardableResult
  func archive(_ name: String, _ packing: Packing, _ members: [(String, [UInt8])]) throws -> String
  {
    let writer = try #require(archive_write_new())
    defer { archive_write_free(writer) }
    if packing.isSingleFile {
      archive_write_set_format_raw(writer)
    } else if packing == .zip {
      archive_write_set_format_zip(writer)
    } else if packing == .sevenZip {
      archive_write_set_format_7zip(writer)
    } else {
      archive_write_set_format_ustar(writer)
    }
    packing.addFilter(to: writer)
    try #require(archive_write_open_filename(writer, self(name)) == ARCHIVE_OK)
    for (member, content) in members {
      let entry = try #require(archive_entry_new())
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, member)
      archive_entry_set_size(entry, Int64(content.count))
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_perm(entry, 0o644)
      try #require(archive_write_header(writer, entry) == ARCHIVE_OK)
      _ = archive_write_data(writer, content, content.count)
    }
    try #require(archive_write_close(writer) == ARCHIVE_OK)
    return self(name)
  }

  func archive(_ name: String, _ packing: Packing, _ members: [(String, String)]) throws -> String {
    try archive(name, packing, members.map { ($0, Array($1.utf8)) })
  }

  /// Makes a symbolic link.
  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: self(name), withDestinationPath: target)
  }

  /// Packs a folder, its links as links.
  func tar(_ folder: String) throws -> String {
    let tar = try Process.run(
      URL(fileURLWithPath: "/bin/tar"),
      arguments: ["-C", path, "-cf", self("\(folder).tar"), folder])
    tar.waitUntilExit()
    try #require(tar.terminationStatus == 0)
    return self("\(folder).tar")
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: self(name))))
  }
}

/// The folder of the package, wherever the tests are run.
let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

func fixture(_ name: String) -> String { "\(packageFolder)/fixtures/\(name)" }

/// Real data beside the package, which the tests use where they find it.
enum RealData {
  static let folder = "\(packageFolder)/../shared/data"
  static func path(_ name: String) -> String { "\(folder)/\(name)" }
  static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

/// Returns the error that `body` throws.
func userError(_ body: () throws -> Void) throws -> UserError {
  do { try body() } catch let error as UserError { return error }
  throw TestFailure(text: "no error was thrown")
}

struct TestFailure: Error { var text: String }

extension TextShard {
  var texts: [String] { (0..<count).map { String(decoding: row($0), as: UTF8.self) } }
}

extension IngestResult {
  subscript(split: Split) -> TextShard {
    shards[Split.labelled.firstIndex(of: split) ?? 0]
  }
}

extension IngestResult {
  /// The shards without the IDs of rows, which are locations in files.
  var contents: [TextShard] {
    shards.map {
      TextShard(
        $0.header, elements: $0.elements, offsets: $0.offsets, labels: $0.labels,
        textIDs: $0.textIDs)
    }
  }
}

extension IngestReport {
  func dropped(_ reason: String) -> Int { dropped.first { $0.name == reason }?.rows ?? 0 }
}

extension DatasetReader {
  /// Reads a data set into memory.
  func read(path: String) throws -> IngestResult {
    var shards: [TextShard] = []
    let writer = ShardWriter(shardSize: .max, memoryLimit: .max) { shard, _ in
      shards.append(shard)
    }
    let report = try read(Archive(path: path), into: writer)
    return IngestResult(shards: shards, report: report)
  }
}
