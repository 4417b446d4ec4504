import Support
/// The description of one tensor.
public struct TensorInfo: Equatable, Sendable {
  /// The element type.
  public let type: DType
  /// The sizes of the axes, slowest first; empty for a scalar.
  public let shape: [Int]
  /// The bytes of the tensor, counted from the start of the file.
  public let range: Range<Int>
}

/// The validated header of a safetensors file.
///
/// Rejected, as the specification demands: a file shorter than its header, a header over 100 MB or
/// not a JSON object starting with `{`, duplicate keys, unknown element types, negative or
/// overflowing sizes, data offsets that do not match the shape, and data with holes, overlaps,
/// extra or missing bytes.
public struct SafetensorsHeader: Equatable, Sendable {
  /// Every tensor by name.
  public let tensors: [String: TensorInfo]
  /// The strings under `__metadata__`.
  public let metadata: [String: String]

  /// The maximum size of a header in bytes, as in the reference implementation.
  public static let maxHeaderSize = 100_000_000

  /// Parses and validates the header of a file.
  /// - Throws: ``UserError`` with exit status `data`.
  public init(fileBytes: UnsafeRawBufferPointer, path: String) throws {
    func refuse(_ problem: String, _ expected: String) -> UserError {
      UserError(
        .data, at: path, problem: problem, expected: expected,
        hint: "run the stage that makes this file again, or download it again")
    }
    guard fileBytes.count >= 8 else {
      throw refuse("\(fileBytes.count) bytes", "a safetensors file of at least 8 bytes")
    }
    let length = UInt64(littleEndian: fileBytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(fileBytes.count - 8) else {
      throw refuse(
        "a header of \(length) bytes announced in a file of \(fileBytes.count)",
        "a safetensors file: 8 bytes of header length, the header, the data")
    }
    guard length <= UInt64(Self.maxHeaderSize) else {
      throw refuse("a header of \(length) bytes", "at most \(Self.maxHeaderSize)")
    }
    let start = 8 + Int(length)
    var parser = SafetensorsHeaderParser(
      bytes: UnsafeRawBufferPointer(rebasing: fileBytes[8..<start]), path: path)
    let parsed = try parser.parse()

    var tensors: [String: TensorInfo] = [:]
    var end = 0
    for (name, entry) in parsed.entries.sorted(by: {
      ($0.1.begin, $0.1.end) < ($1.1.begin, $1.1.end)
    }) {
      guard let type = DType(rawValue: entry.type) else {
        throw refuse(
          "tensor “\(name)” of type “\(entry.type)”",
          "one of \(DType.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      var size = type.size
      for axis in entry.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: axis)
        guard !overflow else {
          throw refuse("tensor “\(name)” of shape \(entry.shape)", "a size that fits")
        }
        size = product
      }
      guard entry.begin == end, entry.end >= entry.begin, entry.end - entry.begin == size else {
        throw refuse(
          "tensor “\(name)” at data bytes \(entry.begin)..<\(entry.end)",
          "\(size) bytes starting at \(end): no holes, no overlaps")
      }
      end = entry.end
      guard end <= fileBytes.count - start else {
        throw refuse(
          "the file ends \(end - (fileBytes.count - start)) bytes before tensor “\(name)” does",
          "the whole data")
      }
      let info = TensorInfo(
        type: type, shape: entry.shape, range: start + entry.begin..<start + entry.end)
      // Swift considers canonically equivalent strings equal; the specification compares bytes.
      guard tensors.updateValue(info, forKey: name) == nil else {
        throw refuse("two tensors called “\(name)” in different spellings", "names that differ")
      }
    }
    guard end == fileBytes.count - start else {
      throw refuse("\(fileBytes.count - start - end) bytes after the last tensor", "none")
    }
    self.tensors = tensors
    self.metadata = parsed.metadata
  }
}
