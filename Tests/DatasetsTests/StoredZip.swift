/// A zip archive of members that are stored as they are, in which headers can be made to lie.
struct StoredZip {
  /// What a central header can say otherwise than the local one.
  enum Field: Int, CaseIterable {
    case method = 10
    case checksum = 16
    case packedSize = 20
    case size = 24
    case localHeader = 42

    var width: Int { self == .method ? 2 : 4 }
  }

  struct ArchiveEntry {
    var name: [UInt8]
    var content: [UInt8]
    var centralName: [UInt8]?
    var flags: UInt16 = 0
    /// What stands in the central header in place of the truth.
    var lies: [Field: UInt32] = [:]

    init(name: [UInt8], content: [UInt8]) {
      self.name = name
      self.content = content
    }
  }

  var members: [ArchiveEntry]

  var bytes: [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for member in members {
      let sum = Self.checksum(member.content)
      let size = UInt32(member.content.count)
      let place = UInt32(file.count)
      // Versions, flags, method, time and date, checksum, sizes, length of the name, of the rest.
      file += [0x50, 0x4B, 3, 4] + little(20, 2) + little(UInt32(member.flags), 2) + little(0, 6)
      file += little(sum, 4) + little(size, 4) + little(size, 4)
      file += little(UInt32(member.name.count), 2) + little(0, 2) + member.name + member.content
      let name = member.centralName ?? member.name
      var header: [UInt8] = [0x50, 0x4B, 1, 2] + little(20, 2) + little(20, 2)
      header += little(UInt32(member.flags), 2) + little(0, 6)
      header += little(sum, 4) + little(size, 4) + little(size, 4)
      header += little(UInt32(name.count), 2) + little(0, 12) + little(place, 4)
      for (field, value) in member.lies {
        let range = field.rawValue..<field.rawValue + field.width
        header.replaceSubrange(range, with: little(value, field.width))
      }
      directory += header + name
    }
    let count = UInt32(members.count)
    let end = [0x50, 0x4B, 5, 6] + little(0, 4) + little(count, 2) + little(count, 2)
    return file + directory + end + little(UInt32(directory.count), 4)
      + little(UInt32(file.count), 4) + little(0, 2)
  }

  private func little(_ value: UInt32, _ width: Int) -> [UInt8] {
    (0..<width).map { $0 < 4 ? UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) : 0 }
  }

  /// CRC-32 as zip wants it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1) * 0xEDB8_8320 }
    }
  }
}
