import Foundation
import Support

/// An external sort of texts by priority: temporary files partition the texts by the first bits of
/// their priority, and each file is then sorted in memory (as in Grace hash join; Kitsuregawa et al.
/// 1983).
final class SpillFiles {
  private let partitions: [Partition]
  private static let partitionBits = 7

  /// - Throws: ``UserError`` with exit status `cannotCreate` if files cannot be created in `folder`.
  init(in folder: String) throws {
    partitions = try (0..<1 << Self.partitionBits).map { _ in
      try Partition("\(folder)/.spool-\(UUID().uuidString)")
    }
  }

  /// Stores a text.
  /// - Throws: ``UserError`` with exit status `io`.
  func append(
    _ text: UnsafeRawBufferPointer, priority: UInt64, label: Int, id: String, copies: Int = 1
  ) throws {
    let header = RecordHeader(
      priority: priority, copies: Int64(copies), label: Int32(truncatingIfNeeded: label),
      size: Int32(truncatingIfNeeded: text.count),
      idSize: Int32(truncatingIfNeeded: id.utf8.count))
    try partitions[Int(priority >> (64 - UInt64(Self.partitionBits)))].append(header, id, text)
  }

  /// Calls `body` with all texts, lowest priority first; equal texts of one stratum are merged.
  /// - Parameter stratum: maps a label to its stratum.
  /// - Throws: ``UserError`` with exit status `io`; errors of `body`.
  func forEach(stratum: (Int) -> Int, _ body: (BottomKSample.Entry) throws -> Void) throws {
    for partition in partitions {
      try partition.contents().withUnsafeBytes { bytes in
        let records = Self.records(bytes, stratum: stratum).sorted {
          ($0.header.priority, $0.stratum, $0.header.label, $0.id) < (
            $1.header.priority, $1.stratum, $1.header.label, $1.id
          )
        }
        var start = 0
        while start < records.count {
          let first = records[start]
          let end = records[start...].firstIndex {
            $0.header.priority != first.header.priority || $0.stratum != first.stratum
          }
          let equal = records[start..<(end ?? records.count)]
          try body(
            BottomKSample.Entry(
              priority: first.header.priority, text: Array(bytes[first.text]),
              label: Int(first.header.label), id: first.id,
              copies: equal.reduce(0) { $0 + Int($1.header.copies) }))
          start = equal.endIndex
        }
      }
    }
  }

  private struct Record {
    var header: RecordHeader
    var stratum: Int
    var id: String
    /// The position of the text in the file.
    var text: Range<Int>
  }

  private static func records(
    _ bytes: UnsafeRawBufferPointer, stratum: (Int) -> Int
  ) -> [Record] {
    var records: [Record] = []
    var position = 0
    while position + MemoryLayout<RecordHeader>.size <= bytes.count {
      let header = bytes.loadUnaligned(fromByteOffset: position, as: RecordHeader.self)
      let start = position + MemoryLayout<RecordHeader>.size
      let textStart = start + Int(header.idSize)
      position = textStart + Int(header.size)
      records.append(
        Record(
          header: header, stratum: stratum(Int(header.label)),
          id: String(decoding: bytes[start..<textStart], as: UTF8.self),
          text: textStart..<position))
    }
    return records
  }
}

/// Precedes the ID and the text of each row in a spill file.
private struct RecordHeader: BitwiseCopyable {
  var priority: UInt64
  var copies: Int64
  var label: Int32
  var size: Int32
  var idSize: Int32
  /// Keeps the records aligned, and their bytes defined.
  var padding: Int32 = 0
}

/// One spill file. It is unlinked at once, so it vanishes with the process.
private final class Partition {
  private let path: String
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 16

  init(_ path: String) throws {
    self.path = path
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw UserError(
        .cannotCreate, at: path, problem: "cannot be created: \(String(cString: strerror(errno)))",
        hint: "choose another --output, or allow more open files (ulimit -n)")
    }
    unlink(path)
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func append(_ header: RecordHeader, _ id: String, _ text: UnsafeRawBufferPointer) throws {
    withUnsafeBytes(of: header) { buffer.append(contentsOf: $0) }
    buffer.append(contentsOf: id.utf8)
    buffer.append(contentsOf: text)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  func contents() throws -> Data {
    try flush()
    do {
      try handle.seek(toOffset: 0)
      return try handle.readToEnd() ?? Data()
    } catch {
      throw failure("reading", error)
    }
  }

  private func flush() throws {
    do {
      try handle.write(contentsOf: buffer)
      buffer.removeAll(keepingCapacity: true)
    } catch {
      throw failure("writing", error)
    }
  }

  private func failure(_ operation: String, _ error: any Error) -> UserError {
    UserError(
      .io, at: path,
      problem: "\(operation) texts that do not fit in memory failed: \(systemMessage(error))",
      hint: "make room for all texts or choose another --output; the previous output is unchanged")
  }
}
