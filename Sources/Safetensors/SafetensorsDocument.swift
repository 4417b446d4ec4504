import Foundation
import Support

/// Collects tensors and metadata and encodes them as a safetensors file.
///
/// The bytes are canonical: header keys sorted by their UTF-8, data in the order of (element size
/// descending, name), header padded with spaces to a multiple of 8. Equal content gives equal
/// bytes, and every tensor is aligned to its element size.
public struct SafetensorsDocument: Sendable {
  struct Tensor: Sendable {
    var type: DType
    var shape: [Int]
    var data: Data

    /// A copy of the elements, which are of the type `Element`.
    func elements<Element: TensorScalar>(as type: Element.Type) -> [Element] {
      [Element](unsafeUninitializedCapacity: data.count / MemoryLayout<Element>.size) {
        $1 = data.copyBytes(to: $0) / MemoryLayout<Element>.size
      }
    }
  }

  private(set) var tensors: [String: Tensor] = [:]
  /// The strings under `__metadata__`.
  public var metadata: [String: String]

  /// Creates a document without tensors.
  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// Adds or replaces a tensor; the product of `shape` must be the number of `values`.
  public mutating func set<Element: TensorScalar>(
    _ name: String, shape: [Int], _ values: [Element]
  ) {
    precondition(shape.reduce(1, *) == values.count, "\(name): \(shape) holds \(values.count)")
    tensors[name] = Tensor(
      type: Element.dtype, shape: shape, data: values.withUnsafeBytes { Data($0) })
  }

  /// Returns the bytes of the file.
  public func encoded() -> Data {
    let order = tensors.sorted { left, right in
      let (a, b) = (left.value.type.bitWidth, right.value.type.bitWidth)
      return a != b ? a > b : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }
    var offset = 0
    var entries: [(key: String, json: String)] = []
    for (name, tensor) in order {
      let end = offset + tensor.data.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        (
          name,
          "{\"data_offsets\":[\(offset),\(end)],\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)]}"
        ))
      offset = end
    }
    if !metadata.isEmpty {
      let strings = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(quotedAsJSON($0.key)):\(quotedAsJSON($0.value))" }
      entries.append(("__metadata__", "{\(strings.joined(separator: ","))}"))
    }
    entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var header = "{\(entries.map { "\(quotedAsJSON($0.key)):\($0.json)" }.joined(separator: ","))}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)

    var file = Data(capacity: 8 + header.utf8.count + offset)
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { file.append(contentsOf: $0) }
    file.append(contentsOf: header.utf8)
    for (_, tensor) in order { file.append(tensor.data) }
    return file
  }
}
