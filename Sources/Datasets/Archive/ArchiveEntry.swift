import Support

/// The location of an entry for messages; formatted only when there is a message.
struct ArchiveLocation: CustomStringConvertible {
  /// The file on disk, or the container with its own location.
  var container: String
  /// The path within the container, if that can have several entries.
  var path: String?
  /// The path within the input, through all containers; empty if the file is the input.
  var member = ""

  var description: String {
    path.map { "\(container): \(escapingControlCharacters($0))" } ?? container
  }
}

/// One file of an ``Archive``. It can be read once, before the archive advances.
public final class ArchiveEntry {
  /// The path within the innermost container or folder, with `/` between folders, as stored.
  public let path: String
  /// The location for messages: the archive, the containers on the way and the path.
  public var location: String { archiveLocation.description }
  private let archiveLocation: ArchiveLocation
  /// The path for IDs of rows: within the input or, if that is this file or one of several, from the
  /// name of the input. It does not depend on where the input is.
  let rowPath: String
  /// Whether the user named this file, not a folder or archive that it is in.
  let isInput: Bool
  private var openBytes: ByteSource?
  /// Keeps the archive alive as long as the entry can be read.
  private var archive: Archive?

  /// - Parameter input: the name of the input in ``rowPath``; empty if it is left out.
  init(
    _ entry: SourceEntry, of archive: Archive, at location: ArchiveLocation, isInput: Bool,
    input: String
  ) {
    path = entry.path
    rowPath = [input, location.member].filter { !$0.isEmpty }.joined(separator: "/")
    openBytes = entry.bytes
    self.archive = archive
    self.isInput = isInput
    archiveLocation = location
  }

  /// The last component of the path.
  public var name: Substring { path.split(separator: "/").last ?? "" }

  /// The first 16 KiB or more, or the whole content if it is shorter. They stay in the stream.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt.
  public func head() throws -> [UInt8] { Array(try bytes.peek(FileType.headSize)) }

  /// Whether the first character is the `[` of a JSON array.
  func isJSONArray() throws -> Bool {
    try head().first { $0 > 0x20 && $0 < 0x80 } == UInt8(ascii: "[")
  }

  /// Rejects content that is no text.
  /// - Parameter expected: the files that the reader accepts, for the message; by default all.
  /// - Throws: ``UserError`` with exit status `data`.
  public func rejectForeign(expected: String? = nil) throws {
    try FileType.rejectForeign(
      try bytes.peek(FileType.headSize), at: location, expected: expected ?? FileType.readable)
  }

  /// Whether the content is a workbook of a spreadsheet.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt.
  public func isWorkbook() throws -> Bool {
    FileType(head: try bytes.peek(FileType.headSize)) == .workbook
  }

  /// Calls `body` with the path and the content of each member of a workbook.
  /// - Throws: ``UserError`` with exit status `data` if the workbook is corrupt; errors of `body`.
  func forEachWorkbookMember(_ body: (String, ByteSource) throws -> Void) throws {
    guard let archive else { return }
    let members = try archive.members(
      of: SourceEntry(path: path, bytes: try bytes), at: archiveLocation)
    while let member = try members.next() { try body(member.path, member.bytes) }
    try members.finish()
  }

  /// The format, if no program reads it.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt.
  func foreignFormat() throws -> ForeignFormat? {
    ForeignFormat(head: try bytes.peek(FileType.headSize))
  }

  /// Calls `body` with the content block by block. A block is valid only during the call.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt; errors of `body`.
  public func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let bytes = try bytes
    while let block = try bytes.nextBlock() { try body(block) }
  }

  /// The whole content, decoded to UTF-8.
  /// - Parameter encoding: the encoding of the text; by default it is detected.
  /// - Throws: ``UserError`` with exit status `data` if it has more than `maxSize` bytes, the archive
  ///   is corrupt or the text is not in the encoding.
  public func content(maxSize: Int, encoding: TextEncoding? = nil) throws -> [UInt8] {
    var content: [UInt8] = []
    try forEachTextBlock(encoding) { block in
      guard block.count <= maxSize - content.count else {
        throw UserError(
          .data, at: location, problem: "more than \(maxSize) bytes", expected: "a text",
          hint: "this is not one of the publisher's files; remove it, or download the archive again"
        )
      }
      content.append(contentsOf: block)
    }
    return content
  }

  /// Ends the access to the content, because the archive advances.
  func close() {
    openBytes = nil
    archive = nil
  }

  private var bytes: ByteSource {
    get throws {
      guard let openBytes else {
        throw UserError(.software, at: location, problem: "read after the archive advanced")
      }
      return openBytes
    }
  }
}
