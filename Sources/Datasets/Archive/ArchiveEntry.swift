import Support

/// One file of an ``Archive``, to be read once and before the archive moves on.
public final class ArchiveEntry {
  /// The path within the innermost container or folder, with `/` between folders, as stored.
  public let path: String
  /// How the member is named in messages: the archive, the containers on the way and the path.
  public var place: String { location.description }
  private let location: ArchiveLocation
  private var source: ByteSource?
  /// The archive lives as long as a member of it can be read.
  private var archive: Archive?

  init(_ entry: SourceEntry, of archive: Archive, at location: ArchiveLocation) {
    path = entry.path
    source = entry.source
    self.archive = archive
    self.location = location
  }

  /// The last component of the path.
  public var name: Substring { path.split(separator: "/").last ?? "" }

  /// The first bytes, at least 16 KiB if there are as many, without taking them from the stream.
  /// - Throws: ``UserError`` of kind `data` if the archive is damaged.
  public func head() throws -> [UInt8] { Array(try stream.peek(FileType.headSize)) }

  /// Hands over the content block by block. A block is valid only during the call.
  /// - Throws: ``UserError`` of kind `data` if the archive is damaged, and what `body` throws.
  public func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let source = try stream
    while let block = try source.nextBlock() { try body(block) }
  }

  /// The whole content.
  /// - Throws: ``UserError`` of kind `data` if it is larger than `largest` or the archive is damaged.
  public func content(atMost largest: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachBlock { block in
      guard block.count <= largest - bytes.count else {
        throw UserError(
          .data, at: place, problem: "more than \(largest) bytes", expected: "a text",
          hint:
            "this is none of the publisher's files; take it out, or download the archive again")
      }
      bytes.append(contentsOf: block)
    }
    return bytes
  }

  /// The archive has moved on.
  func retire() {
    source = nil
    archive = nil
  }

  private var stream: ByteSource {
    get throws {
      guard let source else {
        throw UserError(.software, at: place, problem: "read after the archive had moved on")
      }
      return source
    }
  }
}
