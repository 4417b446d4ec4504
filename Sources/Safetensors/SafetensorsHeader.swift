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
    if fileBytes.count < 9 || fileBytes[8] != UInt8(ascii: "{"),
      let format = ForeignFormat(head: UnsafeRawBufferPointer(rebasing: fileBytes.prefix(1 << 14))),
      format != .binary
    {
      throw UserError(
        .data, at: path, problem: format.name, expected: "a safetensors file",
        hint: format.kind == .pointer ? format.hint : "name a file that a stage wrote")
    }
    guard !fileBytes.isEmpty else { throw refuse("0 bytes", "a safetensors file") }
    let notSafetensors = UserError(
      .data, at: path, problem: "not a safetensors file",
      expected: "8 bytes of header length, the header as a JSON object, the data",
      hint: "check the path; only safetensors files are read here, whatever their name is")
    guard fileBytes.count >= 8 else { throw notSafetensors }
    let length = UInt64(littleEndian: fileBytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(fileBytes.count - 8) else {
      guard fileBytes.count > 8, fileBytes[8] == UInt8(ascii: "{") else { throw notSafetensors }
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
      var bits = type.bitWidth
      for axis in entry.shape {
        let (product, overflow) = bits.multipliedReportingOverflow(by: axis)
        guard !overflow else {
          throw refuse("tensor “\(name)” of shape \(entry.shape)", "a size that fits")
        }
        bits = product
      }
      guard bits % 8 == 0 else {
        throw refuse(
          "tensor “\(name)” of type \(type.rawValue) and shape \(entry.shape)", "whole bytes")
      }
      let size = bits / 8
      guard entry.begin == end, entry.end >= entry.begin, entry.end - entry.begin == size else {
        throw refuse(
          "tensor “\(name)” at data bytes \(entry.begin)..<\(entry.end)",
          "\(size) bytes starting at \(end): no holes, no overlaps")
      }
      end = entry.end
      guard end <= fileBytes.count - start else {
        throw refuse(
          "tensor “\(name)” ends \(NumberFormat.count(end - (fileBytes.count - start), "byte")) "
            + "after the file",
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
      throw refuse(
        "\(NumberFormat.count(fileBytes.count - start - end, "byte")) after the last tensor", "none"
      )
    }
    self.tensors = tensors
    self.metadata = parsed.metadata
  }
}
