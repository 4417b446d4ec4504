import Support
import Foundation

/// A safetensors file, fully checked before any tensor is handed out. It is read, or, if the caller
/// wants to look at parts of a large file, mapped into memory.
///
/// Layout (safetensors specification): 8 bytes little-endian N, N bytes of JSON header, then the
/// data. Every defect that the specification names is refused: see ``SafetensorsHeader``.
public struct SafetensorsFile: Sendable {
  /// The path, for messages.
  public let path: String
  /// The checked header.
  public let header: SafetensorsHeader
  /// All of the file.
  public let bytes: Data
  /// The same, if the file is mapped.
  private let mapped: MappedFile?

  /// The free-form strings under `__metadata__`.
  public var metadata: [String: String] { header.metadata }
  /// The names of all tensors, sorted.
  public var names: [String] { header.tensors.keys.sorted() }

  /// Reads or maps the file at `path`, and checks it.
  /// - Throws: ``UserError`` of kind `noInput` if it cannot be read, `data` if it is not well formed.
  public init(path: String, mapped isMapped: Bool = false) throws {
    let (bytes, mapped): (Data, MappedFile?)
    do {
      mapped = isMapped ? try MappedFile(path: path) : nil
      bytes = try mapped?.data ?? Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw UserError(
        .noInput, at: path, problem: "cannot be read: \(reason(error))",
        expected: "a safetensors file",
        hint: "check the path, or run the stage that makes this file first")
    }
    try self.init(bytes: bytes, mapped: mapped, path: path)
  }

  /// Checks `bytes` as the content of a file called `path` in messages.
  /// - Throws: ``UserError`` of kind `data`.
  public init(bytes: Data, path: String) throws {
    try self.init(bytes: bytes, mapped: nil, path: path)
  }

  private init(bytes: Data, mapped: MappedFile?, path: String) throws {
    self.path = path
    self.bytes = bytes
    self.mapped = mapped
    self.header = try bytes.withUnsafeBytes { try SafetensorsHeader(fileBytes: $0, path: path) }
  }

  /// A copy of the elements of one tensor, in row-major order.
  /// - Parameter shape: the expected shape; `nil` at an axis accepts any size there.
  /// - Throws: ``UserError`` of kind `data` if the tensor is missing, of another type or shape.
  public func values<Element: TensorScalar>(
    _ name: String, shape: [Int?]? = nil, as type: Element.Type = Element.self
  ) throws -> [Element] {
    let info = try info(name, type: Element.elementType, shape: shape)
    let count = info.range.count / Element.elementType.size
    guard count > 0 else { return [] }
    return bytes.withUnsafeBytes { raw in
      [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        let target = UnsafeMutableRawBufferPointer(buffer)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[info.range]))
        initialized = count
      }
    }
  }

  /// The elements of one tensor, where they lie if the file is mapped and aligned, as all that this
  /// project writes are.
  /// - Throws: ``UserError`` as ``values(_:shape:as:)``.
  public func elements<Element: TensorScalar>(
    _ name: String, shape: [Int?]? = nil, as type: Element.Type = Element.self
  ) throws -> TensorView<Element> {
    let info = try info(name, type: Element.elementType, shape: shape)
    guard let mapped,
      case let part = UnsafeRawBufferPointer(rebasing: mapped.bytes[info.range]),
      UInt(bitPattern: part.baseAddress) % UInt(Element.elementType.size) == 0
    else { return TensorView(try values(name, shape: shape)) }
    return TensorView(owner: mapped, bytes: part)
  }

  /// Calls `body` with the elements of one tensor where they lie in the file's bytes, without a
  /// copy when the file is aligned, as all that this project writes are.
  /// - Throws: ``UserError`` as ``values(_:shape:as:)``, and what `body` throws.
  public func withValues<Element: TensorScalar, Result>(
    _ name: String, shape: [Int?]? = nil, as type: Element.Type = Element.self,
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    let info = try info(name, type: Element.elementType, shape: shape)
    return try bytes.withUnsafeBytes { raw in
      let part = UnsafeRawBufferPointer(rebasing: raw[info.range])
      let address = part.baseAddress.map { UInt(bitPattern: $0) } ?? 0
      if address % UInt(Element.elementType.size) == 0 {
        return try body(part.bindMemory(to: Element.self))
      }
      return try values(name, shape: shape, as: type).withUnsafeBufferPointer(body)
    }
  }

  /// The description of a tensor, checked against what the caller needs.
  /// - Throws: ``UserError`` of kind `data`.
  public func info(_ name: String, type: DType, shape: [Int?]?) throws -> TensorInfo {
    guard let info = header.tensors[name] else {
      throw UserError(
        .data, at: path, problem: "no tensor “\(name)”",
        expected: "it among: \(names.prefix(12).joined(separator: ", "))",
        hint: "check that this file comes from the stage that the input asks for")
    }
    let fits =
      shape.map { wanted in
        wanted.count == info.shape.count && zip(wanted, info.shape).allSatisfy { $0 ?? $1 == $1 }
      } ?? true
    guard info.type == type, fits else {
      let wanted = shape.map { $0.map { $0.map(String.init) ?? "any" } } ?? ["any"]
      throw UserError(
        .data, at: "\(path): tensor “\(name)”", problem: "\(info.type.rawValue) \(info.shape)",
        expected: "\(type.rawValue) [\(wanted.joined(separator: ", "))]")
    }
    return info
  }
}
