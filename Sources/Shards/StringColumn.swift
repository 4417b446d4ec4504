import Safetensors
import Support

/// A string for each row: in a file two tensors, `NAME` U8 [bytes] with all strings as UTF-8, and
/// `NAME.offset` I64 [rows+1] with the position where each begins, and the end.
public struct StringColumn: Sendable {
  private let bytes: TensorView<UInt8>
  private let offsets: TensorView<Int64>

  /// A column of these strings.
  public init(_ strings: some Sequence<some Collection<UInt8>>) {
    var (bytes, offsets): ([UInt8], [Int64]) = ([], [0])
    for string in strings {
      bytes += string
      offsets.append(Int64(bytes.count))
    }
    self.init(bytes: bytes, offsets: offsets)
  }

  package init(bytes: [UInt8], offsets: [Int64]) {
    (self.bytes, self.offsets) = (TensorView(bytes), TensorView(offsets))
  }

  /// Reads a column and checks its offsets.
  /// - Throws: ``UserError`` with exit status `data`.
  package init(_ name: String, rows: Int, in file: SafetensorsFile) throws {
    offsets = try file.integers("\(name).offset", shape: [rows + 1])
    bytes = try file.elements(name, shape: [nil])
    try checkOffsets(offsets, of: name, count: bytes.count, in: file)
  }

  /// Copies of the bytes of all strings, and of where each begins, and the end.
  package var arrays: (bytes: [UInt8], offsets: [Int]) { (Array(bytes), offsets.map { Int($0) }) }

  /// The number of strings.
  package var count: Int { offsets.count - 1 }

  /// The bytes of a string; UTF-8 in all files that this project writes.
  public subscript(row: Int) -> TensorView<UInt8> {
    bytes[Int(offsets[row])..<Int(offsets[row + 1])]
  }

  /// Adds the tensors of the column.
  package func write(to document: inout SafetensorsDocument, as name: String) {
    document.set(name, shape: [bytes.count], Array(bytes))
    document.set("\(name).offset", shape: [offsets.count], Array(offsets))
  }
}

/// Checks that offsets rise from 0 to the number of elements.
/// - Throws: ``UserError`` with exit status `data`.
func checkOffsets(
  _ offsets: some Collection<Int64>, of name: String, count: Int, in file: SafetensorsFile
) throws {
  let tensor = ["text", "token"].contains(name) ? "offset" : "\(name).offset"
  guard offsets.first == 0, offsets.dropFirst(offsets.count - 1).first == Int64(count),
    zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
  else {
    throw UserError(
      .data, at: "\(file.path): tensor “\(tensor)”",
      problem: "offsets that do not rise from 0 to \(count)",
      expected: "the beginning of each row in “\(name)”")
  }
}
