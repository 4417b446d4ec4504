import Foundation
import Support

/// A reader of safetensors files. The header is validated before any tensor is returned. A file can
/// be mapped into memory to use only parts of it.
///
/// Layout (safetensors specification): 8 bytes little-endian N, N bytes of JSON header, then the
/// data. Files with a defect that the specification names are rejected: see ``SafetensorsHeader``.
public struct SafetensorsFile: Sendable {
  /// The path, for messages.
  public let path: String
  /// The validated header.
  public let header: SafetensorsHeader
  /// The bytes of the file.
  public let bytes: Data
  /// The mapping of the file, if it is mapped.
  private let mapped: MappedFile?

  /// The strings under `__metadata__`.
  public var metadata: [String: String] { header.metadata }
  /// The names of all tensors, sorted.
  public var names: [String] { header.tensors.keys.sorted() }

  /// Reads or maps the file at `path` and validates its header.
  /// - Throws: ``UserError`` with exit status `noInput` if it cannot be read, `data` if it is not well formed.
  public init(path: String, mapped isMapped: Bool = false) throws {
    let (bytes, mapped): (Data, MappedFile?)
    do {
      mapped = isMapped ? try MappedFile(path: path) : nil
      bytes = try mapped?.data ?? Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw UserError(
        .noInput, at: path, problem: "cannot be read: \(systemMessage(error))",
        expected: "a safetensors file",
        hint: "check the path, or run the stage that makes this file first")
    }
    try self.init(bytes: bytes, mapped: mapped, path: path)
  }

  /// Validates `bytes` as the content of a file; `path` names it in messages.
  /// - Throws: ``UserError`` with exit status `data`.
  public init(bytes: Data, path: String) throws {
    try self.init(bytes: bytes, mapped: nil, path: path)
  }

  private init(bytes: Data, mapped: MappedFile?, path: String) throws {
    self.path = path
    self.bytes = bytes
    self.mapped = mapped
    self.header = try bytes.withUnsafeBytes { try SafetensorsHeader(fileBytes: $0, path: path) }
  }

  /// Returns a copy of the elements of a tensor in row-major order.
  /// - Parameter shape: the expected shape; `nil` at an axis accepts any size there.
  /// - Throws: ``UserError`` with exit status `data` if the tensor is missing, of another type or shape.
  public func values<Element: TensorScalar>(
    _ name: String, shape: [Int?]? = nil, as type: Element.Type = Element.self
  ) throws -> [Element] {
    let info = try info(name, type: Element.dtype, shape: shape)
    let count = info.range.count / MemoryLayout<Element>.size
    guard count > 0 else { return [] }
    return bytes.withUnsafeBytes { raw in
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        let target = UnsafeMutableRawBufferPointer(buffer)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[info.range]))
        initialized = count
      }
    }
  }

  /// Returns a view of the elements of a tensor. It needs no copy if the file is mapped and the
  /// tensor aligned, as in all files that this project writes.
  /// - Throws: ``UserError`` as ``values(_:shape:as:)``.
  public func elements<Element: TensorScalar>(
    _ name: String, shape: [Int?]? = nil, as type: Element.Type = Element.self
  ) throws -> TensorView<Element> {
    let info = try info(name, type: Element.dtype, shape: shape)
    guard let mapped,
      case let part = UnsafeRawBufferPointer(rebasing: mapped.bytes[info.range]),
      UInt(bitPattern: part.baseAddress) % UInt(MemoryLayout<Element>.size) == 0
    else { return TensorView(try values(name, shape: shape)) }
    return TensorView(owner: mapped, bytes: part)
  }

  /// Calls `body` with the elements of a tensor, without a copy if it is aligned, as in all files
  /// that this project writes.
  /// - Throws: ``UserError`` as ``values(_:shape:as:)``, and what `body` throws.
  public func withValues<Element: TensorScalar, Result>(
    _ name: String, shape: [Int?]? = nil, as type: Element.Type = Element.self,
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    let info = try info(name, type: Element.dtype, shape: shape)
    return try bytes.withUnsafeBytes { raw in
      let part = UnsafeRawBufferPointer(rebasing: raw[info.range])
      let address = part.baseAddress.map { UInt(bitPattern: $0) } ?? 0
      if address % UInt(MemoryLayout<Element>.size) == 0 {
        return try body(part.bindMemory(to: Element.self))
      }
      return try values(name, shape: shape, as: type).withUnsafeBufferPointer(body)
    }
  }

  /// The first tensor of a type that this project does not use, such as `BF16`, as a phrase; nil if
  /// there is none.
  public var foreignTensor: String? {
    header.tensors.filter { !$0.value.type.isUsed }
      .min { $0.value.range.lowerBound < $1.value.range.lowerBound }
      .map { "the tensor “\($0.key)” of type \($0.value.type.rawValue)" }
  }

  private static let conversionHint =
    "a program has converted the tensors; take the file as train or finetune wrote it, or convert "
    + "the tensor back, with “tensor.float()” in PyTorch"

  /// Returns the description of a tensor after comparing it with the expected type and shape.
  /// - Throws: ``UserError`` with exit status `data`.
  public func info(_ name: String, type: DType, shape: [Int?]?) throws -> TensorInfo {
    try info(name, types: [type], shape: shape)
  }

  /// Returns the description of a tensor, which may be of any of some types.
  func info(_ name: String, types: [DType], shape: [Int?]?) throws -> TensorInfo {
    guard let info = header.tensors[name] else {
      throw UserError(
        .data, at: path, problem: "no tensor “\(name)”",
        expected: "one of its tensors: \(names.prefix(12).joined(separator: ", "))",
        hint: "check that this file comes from the stage that the input asks for")
    }
    let fits =
      shape.map { wanted in
        wanted.count == info.shape.count && zip(wanted, info.shape).allSatisfy { $0 ?? $1 == $1 }
      } ?? true
    guard types.contains(info.type), fits else {
      let wanted = shape.map { $0.map { $0.map(String.init) ?? "any" } } ?? ["any"]
      throw UserError(
        .data, at: "\(path): tensor “\(name)”", problem: "\(info.type.rawValue) \(info.shape)",
        expected: "\((types.contains(info.type) ? info.type : types[0]).rawValue) "
          + "[\(wanted.joined(separator: ", "))]",
        hint: info.type.isUsed ? nil : Self.conversionHint)
    }
    return info
  }
}
