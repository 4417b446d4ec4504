import Foundation
import Support

/// Decodes a text that arrives in blocks to UTF-8, without its byte order mark.
///
/// Without a given encoding the text is UTF-16 or UTF-32 if its first bytes show it, and else UTF-8,
/// which is passed on without a copy, valid or not.
public final class TextDecoder {
  private let encoding: TextEncoding?
  private let location: () -> String
  private var isStarted = false
  /// Nil for UTF-8 that is passed on.
  private var converter: TextConverter?
  /// Bytes at the end of a block that are not a whole mark or character.
  private var pending: [UInt8] = []
  /// The number of bytes and of lines decoded so far.
  private var (offset, lines) = (0, 0)

  /// Creates a decoder.
  /// - Parameters:
  ///   - encoding: the encoding; by default it is detected.
  ///   - location: the file, for messages.
  public init(_ encoding: TextEncoding?, at location: @escaping @autoclosure () -> String) {
    (self.encoding, self.location) = (encoding, location)
  }

  /// Calls `body` with the text of a block, in parts that are valid during the call.
  /// - Throws: ``UserError`` with exit status `data` if the bytes are not in the encoding; the errors
  ///   of `body`.
  public func decode(
    _ block: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard pending.isEmpty else {
      let bytes = pending + block
      pending = []
      return try bytes.withUnsafeBytes { try decode($0, body) }
    }
    var text = block
    if !isStarted {
      guard !TextEncoding.isPartOfMark(block) else {
        pending = Array(block)
        return
      }
      text = try start(block)
    }
    guard let converter else { return text.isEmpty ? () : try body(text) }
    try convert(text, converter, body)
  }

  /// Calls `body` with the rest of the text, if any.
  /// - Throws: as ``decode(_:_:)``.
  public func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let bytes = pending
    pending = []
    try bytes.withUnsafeBytes { bytes in
      let text = isStarted ? bytes : try start(bytes)
      guard let converter else { return text.isEmpty ? () : try body(text) }
      try convert(text, converter, body)
      guard pending.isEmpty else { throw invalid(converter, "ends within a character") }
      try body(converter.flush())
    }
  }

  /// Chooses the encoding by the first bytes and returns those after a byte order mark.
  private func start(_ head: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    isStarted = true
    let detected = TextEncoding.detected(head)
    if let encoding, let detected, !encoding.reads(detected) {
      throw UserError(
        .data, at: location(), problem: "text in \(detected.name)",
        expected: "text in \(encoding.name), as --encoding says",
        hint: "leave --encoding out; \(detected.name) is detected")
    }
    if encoding != nil || detected != .utf8 {
      converter = (detected ?? encoding).flatMap { TextConverter($0.name) }
    }
    let mark = TextEncoding.marks.first { head.starts(with: $0.bytes) }?.bytes.count ?? 0
    offset = mark
    return UnsafeRawBufferPointer(rebasing: head[mark...])
  }

  private func convert(
    _ bytes: UnsafeRawBufferPointer, _ converter: TextConverter,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var rest = bytes
    while !rest.isEmpty {
      let (text, count, result) = converter.convert(rest)
      offset += count
      // In some encodings, iconv passes on numbers above U+10FFFF, the last character of Unicode.
      guard String(validating: text, as: UTF8.self) != nil else {
        let valid = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
          .prefix { String(validating: $0, as: UTF8.self) != nil }
        lines += valid.count
        throw invalid(converter, "bytes that are no character of Unicode")
      }
      lines += text.count { $0 == UInt8(ascii: "\n") }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if !text.isEmpty { try body(text) }
      switch result {
      case .converted: break
      case .incomplete:
        pending = Array(rest)
        return
      case .invalid:
        let byte = rest.first.map { " (0x\(String($0, radix: 16, uppercase: true)))" } ?? ""
        throw invalid(converter, "byte \(offset)\(byte) is not \(converter.name)")
      }
    }
  }

  private func invalid(_ converter: TextConverter, _ problem: String) -> UserError {
    UserError(
      .data, at: "\(location()): line \(lines + 1)", problem: problem,
      expected: "text in \(converter.name)",
      hint: "name the encoding of the file with --encoding; “iconv -l” lists all of them")
  }
}

extension TextEncoding {
  /// Whether text in another encoding of Unicode can be read as this one, such as UTF-16LE as UTF-16.
  fileprivate func reads(_ other: TextEncoding) -> Bool {
    guard let mark = Self.marks.first(where: { $0.encoding == other })?.bytes,
      let converter = TextConverter(name)
    else { return false }
    return mark.withUnsafeBytes { mark in
      let (text, count, _) = converter.convert(mark)
      return count == mark.count && (text.isEmpty || text.elementsEqual("\u{FEFF}".utf8))
    }
  }
}

/// A conversion to UTF-8 by iconv.
final class TextConverter {
  enum Result {
    /// All bytes were converted, or as many as fit at once.
    case converted
    /// The last bytes are the beginning of a character.
    case incomplete
    /// The next bytes are no character.
    case invalid
  }

  let name: String
  private let descriptor: iconv_t
  private let buffer: UnsafeMutableBufferPointer<CChar>

  /// Nil if iconv does not know the encoding.
  init?(_ name: String) {
    self.name = name
    guard let descriptor = iconv_open("UTF-8", name), Int(bitPattern: descriptor) != -1 else {
      return nil
    }
    self.descriptor = descriptor
    buffer = .allocate(capacity: 64 << 10)
  }

  deinit {
    iconv_close(descriptor)
    buffer.deallocate()
  }

  /// Converts bytes as far as possible.
  /// - Returns: the text, valid until the next call, and the number of bytes that it was made from.
  func convert(
    _ bytes: UnsafeRawBufferPointer
  ) -> (text: UnsafeRawBufferPointer, count: Int, result: Result) {
    // iconv does not write to its input.
    var input = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
      .assumingMemoryBound(to: CChar.self)
    var inputLeft = bytes.count
    let (text, error) = run(&input, &inputLeft)
    let result: Result =
      switch error {
      case 0, E2BIG: .converted
      case EINVAL: .incomplete
      default: .invalid
      }
    return (text, bytes.count - inputLeft, result)
  }

  /// The characters that an encoding holds back because a combining one may follow.
  func flush() -> UnsafeRawBufferPointer { run(nil, nil).text }

  private func run(
    _ input: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ inputLeft: UnsafeMutablePointer<Int>?
  ) -> (text: UnsafeRawBufferPointer, error: Int32) {
    var output = buffer.baseAddress
    var outputLeft = buffer.count
    let error = iconv(descriptor, input, inputLeft, &output, &outputLeft) == -1 ? errno : 0
    let text = UnsafeRawBufferPointer(buffer).dropLast(outputLeft)
    return (UnsafeRawBufferPointer(rebasing: text), error)
  }
}
