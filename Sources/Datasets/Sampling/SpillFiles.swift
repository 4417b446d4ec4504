import Foundation
import Safetensors
import Support

/// More texts than memory holds, on disk, parted by their priority, so that they come back in order
/// a part at a time (the partitioning of Grace hash join: Kitsuregawa et al. 1983).
final class SpillFiles {
  private let bins: [Bin]
  /// Priorities begin with the number of their bin.
  private static let bits = 7

  /// - Throws: ``UserError`` of kind `io` if files cannot be made in `folder`.
  init(in folder: String) throws {
    bins = try (0..<1 << Self.bits).map { _ in try Bin("\(folder)/.spool-\(UUID().uuidString)") }
  }

  /// Puts a text away.
  /// - Throws: ``UserError`` of kind `io`.
  func append(
    _ text: UnsafeRawBufferPointer, priority: UInt64, label: Int, copies: Int = 1
  ) throws {
    let head = Head(
      priority: priority, copies: Int64(copies), label: Int32(truncatingIfNeeded: label),
      size: Int32(truncatingIfNeeded: text.count))
    try bins[Int(priority >> (64 - UInt64(Self.bits)))].append(head, text)
  }

  /// Calls `body` with all texts, the lowest priority first; equal texts of one strand as one.
  /// - Parameter strand: tells what texts of one label share a strand.
  /// - Throws: ``UserError`` of kind `io`, and what `body` throws.
  func forEach(stratum: (Int) -> Int, _ body: (BottomKSample.Entry) throws -> Void) throws {
    for bin in bins {
      let texts = try bin.contents()
      try texts.withUnsafeBytes { bytes in
        let order = Self.records(bytes, stratum: stratum).sorted {
          ($0.head.priority, $0.stratum, $0.head.label) < (
            $1.head.priority, $1.stratum, $1.head.label
          )
        }
        var start = 0
        while start < order.count {
          let first = order[start]
          let end = order[start...].firstIndex {
            $0.head.priority != first.head.priority || $0.stratum != first.stratum
          }
          let equal = order[start..<(end ?? order.count)]
          try body(
            BottomKSample.Entry(
              priority: first.head.priority, text: Array(bytes[first.text]),
              label: Int(first.head.label), copies: equal.reduce(0) { $0 + Int($1.head.copies) }))
          start = equal.endIndex
        }
      }
    }
  }

  private struct CSVRecord {
    var head: Head
    var stratum: Int
    var text: Range<Int>
  }

  private static func records(
    _ bytes: UnsafeRawBufferPointer, stratum: (Int) -> Int
  ) -> [CSVRecord] {
    var records: [CSVRecord] = []
    var place = 0
    while place + MemoryLayout<Head>.size <= bytes.count {
      let head = bytes.loadUnaligned(fromByteOffset: place, as: Head.self)
      let start = place + MemoryLayout<Head>.size
      place = start + Int(head.size)
      records.append(
        CSVRecord(head: head, stratum: stratum(Int(head.label)), text: start..<place))
    }
    return records
  }
}

/// What stands before a text in a bin.
private struct Head: BitwiseCopyable {
  var priority: UInt64
  var copies: Int64
  var label: Int32
  var size: Int32
}

/// A file without a name, which vanishes with the process.
private final class Bin {
  private let path: String
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private static let full = 1 << 16

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

  func append(_ head: Head, _ text: UnsafeRawBufferPointer) throws {
    withUnsafeBytes(of: head) { buffer.append(contentsOf: $0) }
    buffer.append(contentsOf: text)
    if buffer.count >= Self.full { try flush() }
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

  private func failure(_ what: String, _ error: any Error) -> UserError {
    UserError(
      .io, at: path, problem: "\(what) texts that do not fit in memory failed: \(systemMessage(error))",
      hint: "make room for all texts or choose another --output; the previous output is unchanged"
    )
  }
}
