import Foundation
import Support

/// A hash map from words to consecutive ids, counted from 0 in the order of insertion.
///
/// Open addressing over one arena of bytes. Nothing depends on a hash seed, on the machine or on
/// Unicode equivalence: two words are equal if their bytes are equal.
package struct TokenInterner: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// The start of each word in `bytes`, and the end: one more than there are words.
  package private(set) var offsets: [Int] = [0]
  private var slots: [Slot]

  /// Most words have at most eight bytes: these are stored in the slot itself and compared without
  /// looking at the arena.
  private struct Slot {
    var hash = TokenHash(bits: 0, length: 0)
    /// The id plus one; 0 if the slot is free.
    var number: UInt32 = 0
  }

  /// The number of words.
  package var count: Int { offsets.count - 1 }

  /// Creates an empty map with capacity for about `capacity` words.
  package init(capacity: Int = 0) {
    var size = 1024
    while 2 * size < 3 * min(capacity, 1 << 24) { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
  }

  /// A map of the words in `bytes`, whose starts and the end of the last are `offsets`, in their order; nil
  /// if a word is there twice.
  package init?(bytes: [UInt8], offsets: [Int]) {
    self.init(capacity: offsets.count)
    (self.bytes, self.offsets) = (bytes, offsets)
    let isDistinct = bytes.withUnsafeBufferPointer { bytes in
      (0..<count).allSatisfy { id in
        insert(UnsafeBufferPointer(rebasing: bytes[offsets[id]..<offsets[id + 1]]), id)
      }
    }
    guard isDistinct else { return nil }
  }

  /// Stores the id of a word of `bytes`; returns false if the word has one already.
  private mutating func insert(_ word: UnsafeBufferPointer<UInt8>, _ id: Int) -> Bool {
    let hash = TokenHash(word)
    let index = slotIndex(of: word, hash)
    guard slots[index].number == 0 else { return false }
    slots[index] = Slot(hash: hash, number: UInt32(truncatingIfNeeded: id + 1))
    if 3 * (id + 1) > 2 * slots.count { grow() }
    return true
  }

  /// The word with this id.
  package subscript(id: Int) -> ArraySlice<UInt8> { bytes[offsets[id]..<offsets[id + 1]] }

  /// The id of `word`, or nil if it is absent.
  package func id(of word: UnsafeBufferPointer<UInt8>) -> Int? {
    let slot = slots[slotIndex(of: word, TokenHash(word))]
    return slot.number == 0 ? nil : Int(slot.number) - 1
  }

  /// The id of `word`, or nil if it is absent.
  @inlinable
  package func id(of word: some Collection<UInt8>) -> Int? {
    word.withContiguousStorageIfAvailable { id(of: $0) }
      ?? Array(word).withUnsafeBufferPointer { id(of: $0) }
  }

  /// Inserts `word` if it is absent, and returns its id.
  package mutating func add(_ word: UnsafeBufferPointer<UInt8>) -> Int {
    add(word, TokenHash(word))
  }

  /// Inserts `word` if it is absent, and returns its id.
  @discardableResult
  package mutating func add(_ word: some Collection<UInt8>) -> Int {
    Array(word).withUnsafeBufferPointer { add($0) }
  }

  @inline(__always)
  private mutating func add(_ word: UnsafeBufferPointer<UInt8>, _ hash: TokenHash) -> Int {
    let index = slotIndex(of: word, hash)
    if slots[index].number != 0 { return Int(slots[index].number) - 1 }
    bytes.append(contentsOf: word)
    offsets.append(bytes.count)
    slots[index] = Slot(hash: hash, number: UInt32(truncatingIfNeeded: count))
    if 3 * count > 2 * slots.count { grow() }
    return count - 1
  }

  /// Inserts the absent tokens, and appends the id of every token to `ids`.
  ///
  /// All hashes are computed before any slot is read: the second loop has no unpredictable branch, so
  /// the processor loads the slots of several tokens at a time when the table exceeds its cache.
  package mutating func add(_ tokens: TokenBuffer, to ids: inout [Int32]) {
    guard tokens.count > 0 else { return }
    let hashes = hashes(of: tokens)
    var found = lookUp(tokens, hashes)
    if found.contains(-1) {
      for (index, token) in tokens.tokens.enumerated() where found[index] < 0 {
        found[index] = Int32(truncatingIfNeeded: add(token, hashes[index]))
      }
    }
    ids.append(contentsOf: found)
  }

  /// The id of each token, or -1 if it is absent.
  package func ids(of tokens: TokenBuffer) -> [Int32] {
    tokens.count > 0 ? lookUp(tokens, hashes(of: tokens)) : []
  }

  /// Whether the first words are those of `other`, under the same ids.
  func hasPrefix(_ other: TokenInterner) -> Bool {
    count >= other.count && bytes.starts(with: other.bytes) && offsets.starts(with: other.offsets)
  }

  private func hashes(of tokens: TokenBuffer) -> [TokenHash] {
    [TokenHash](unsafeUninitializedCapacity: tokens.count) { hashes, count in
      for token in tokens.tokens {
        hashes.initializeElement(at: count, to: TokenHash(token))
        count += 1
      }
    }
  }

  private func lookUp(_ tokens: TokenBuffer, _ hashes: [TokenHash]) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: hashes.count) { ids, count in
      for token in tokens.tokens {
        let slot = slots[slotIndex(of: token, hashes[count])]
        ids.initializeElement(at: count, to: Int32(truncatingIfNeeded: slot.number) - 1)
        count += 1
      }
    }
  }

  /// The index of the slot that holds `word`, or of the free slot where it belongs.
  @inline(__always)
  private func slotIndex(of word: UnsafeBufferPointer<UInt8>, _ hash: TokenHash) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: hash.slot) & mask
    while slots[index].number != 0 {
      let slot = slots[index]
      if slot.hash == hash, hash.isExact || isEqual(word, Int(slot.number) - 1) { return index }
      index = (index + 1) & mask
    }
    return index
  }

  private func isEqual(_ word: UnsafeBufferPointer<UInt8>, _ id: Int) -> Bool {
    let start = offsets[id]
    guard let first = word.baseAddress, start + word.count <= bytes.count else {
      return word.isEmpty
    }
    return bytes.withUnsafeBytes {
      $0.baseAddress.map { memcmp($0 + start, first, word.count) } == 0
    }
  }

  private mutating func grow() {
    var larger = [Slot](repeating: Slot(), count: slots.count * 2)
    let mask = larger.count - 1
    for slot in slots where slot.number != 0 {
      var index = Int(truncatingIfNeeded: slot.hash.slot) & mask
      while larger[index].number != 0 { index = (index + 1) & mask }
      larger[index] = slot
    }
    slots = larger
  }
}

extension TokenInterner: Equatable {
  package static func == (left: TokenInterner, right: TokenInterner) -> Bool {
    left.offsets == right.offsets && left.bytes == right.bytes
  }
}

/// The hash of a word: its bytes if there are at most eight, otherwise a digest of them.
private struct TokenHash: Equatable, Sendable {
  let bits: UInt64
  let length: UInt32

  /// Whether equal hashes mean equal words.
  @inline(__always) var isExact: Bool { length <= 8 }

  /// Where the search in a table starts; equal on every machine and in every run.
  @inline(__always) var slot: UInt64 { wyhashMix(bits ^ UInt64(length)) }

  @inline(__always)
  init(bits: UInt64, length: UInt32) {
    self.bits = bits
    self.length = length
  }

  @inline(__always)
  init(_ word: UnsafeBufferPointer<UInt8>) {
    let raw = UnsafeRawBufferPointer(word)
    length = UInt32(truncatingIfNeeded: raw.count)
    bits = raw.count <= 8 ? raw.packed : wyhash(raw)
  }
}

/// A digest of bytes. If there are more than eight, the last eight overlap those before them.
package func wyhash(_ raw: UnsafeRawBufferPointer) -> UInt64 {
  var state = UInt64(truncatingIfNeeded: raw.count)
  var index = 0
  while index + 8 < raw.count {
    state = wyhashMix(state ^ raw.load8(at: index))
    index += 8
  }
  return wyhashMix(state ^ (raw.count < 8 ? raw.packed : raw.load8(at: raw.count - 8)))
}

/// Mixes all bits by a widening multiplication, as wyhash does.
@inline(__always)
package func wyhashMix(_ value: UInt64) -> UInt64 {
  let (high, low) = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
  return high ^ low
}

extension UnsafeRawBufferPointer {
  /// At most eight bytes as one little-endian number.
  @inline(__always)
  fileprivate var packed: UInt64 {
    if count == 8 { return load8(at: 0) }
    if count >= 4 { return load4(at: 0) | load4(at: count - 4) << UInt64(8 * (count - 4)) }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(self[index]) << UInt64(8 * index) }
    return value
  }

  @inline(__always)
  fileprivate func load8(at index: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  @inline(__always)
  fileprivate func load4(at index: Int) -> UInt64 {
    UInt64(UInt32(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt32.self)))
  }
}
