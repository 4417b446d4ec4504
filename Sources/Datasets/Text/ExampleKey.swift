/// Bytes as a key of sets and dictionaries. Two texts are equal if their bytes are, whatever Unicode
/// may think of their characters; hashed in one go, where an array would be hashed byte by byte.
struct ExampleKey: Hashable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}
