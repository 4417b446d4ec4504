/// Numbers on their way between the processes of a ``Communicator``, which run the same program on machines
/// of one kind: raw bytes, taken out in the order in which they were put in.
struct MessageBuffer {
  private(set) var bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  mutating func put<Number: BitwiseCopyable>(_ numbers: UnsafePointer<Number>, _ count: Int) {
    bytes.append(
      contentsOf: UnsafeRawBufferPointer(start: numbers, count: count * MemoryLayout<Number>.stride)
    )
  }

  mutating func put<Number: BitwiseCopyable>(_ numbers: [Number]) {
    numbers.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// The next `count` numbers, or zeros where the parcel ends before them.
  mutating func take<Number: BitwiseCopyable & Numeric>(_ count: Int) -> [Number] {
    var numbers = [Number](repeating: 0, count: count)
    numbers.withUnsafeMutableBytes { target in
      let end = min(bytes.count, place + target.count)
      bytes.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<end]))
      }
      place = end
    }
    return numbers
  }
}
