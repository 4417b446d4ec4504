import Safetensors
import Foundation

/// Words as bytes and a number for each, counted from 0 in the order of first sight.
///
/// An open-addressing hash table over one arena of bytes. Nothing depends on a hash seed, on the
/// machine or on what Unicode calls equal: two words are the same when their bytes are.
package struct TokenInterner: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// Where each word begins in `bytes`; one more than there are words.
  package private(set) var offsets: [Int] = [0]
  private var slots: [Slot]

  /// Most words have at most eight bytes: they lie in the slot itself and need no second look.
  private struct Slot {
    var key = TokenHash(bits: 0, length: 0)
    /// The word's number plus one; 0 where the slot is free.
    var number: UInt32 = 0
  }

  /// How many words there are.
  package var count: Int { offsets.count - 1 }

  /// An empty table with room for about `capacity` words.
  package init(capacity: Int = 0) {
    var size = 1024
    while 2 * size < 3 * min(capacity, 1 << 24) { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
  }

  /// The word with number `index`.
  package subscript(index: Int) -> ArraySlice<UInt8> { bytes[offsets[index]..<offsets[index + 1]] }

  /// The number of `word`, if it is here.
  package func number(of word: UnsafeBufferPointer<UInt8>) -> Int? {
    let slot = slots[index(of: word, TokenHash(word))]
    return slot.number == 0 ? nil : Int(slot.number) - 1
  }

  /// The number of `word`, if it is here.
  package func number(of word: some Collection<UInt8>) -> Int? {
    Array(word).withUnsafeBufferPointer { number(of: $0) }
  }

  /// The number of `word`, which is added if it is new.
  package mutating func add(_ word: UnsafeBufferPointer<UInt8>) -> Int {
    add(word, TokenHash(word))
  }

  @inline(__always)
  private mutating func add(_ word: UnsafeBufferPointer<UInt8>, _ key: TokenHash) -> Int {
    let found = index(of: word, key)
    if slots[found].number != 0 { return Int(slots[found].number) - 1 }
    bytes.append(contentsOf: word)
    offsets.append(bytes.count)
    slots[found] = Slot(key: key, number: UInt32(truncatingIfNeeded: count))
    if 3 * count > 2 * slots.count { grow() }
    return count - 1
  }

  /// The number of `word`, which is added if it is new.
  @discardableResult
  package mutating func add(_ word: some Collection<UInt8>) -> Int {
    Array(word).withUnsafeBufferPointer { add($0) }
  }

  /// Adds every token and appends its number to `numbers`.
  ///
  /// First all keys, then all slots: the second loop has no branch that is hard to foresee, so the
  /// processor fetches the slots of several words at a time from a table larger than its cache.
  package mutating func add(_ tokens: TokenBuffer, to numbers: inout [Int32]) {
    guard tokens.count > 0 else { return }
    let keys = keys(tokens)
    var found = known(tokens, keys)
    if found.contains(-1) {
      for (index, word) in tokens.words.enumerated() where found[index] < 0 {
        found[index] = Int32(truncatingIfNeeded: add(word, keys[index]))
      }
    }
    numbers.append(contentsOf: found)
  }

  /// The number of each token, or -1 if it is not here.
  package func numbers(of tokens: TokenBuffer) -> [Int32] {
    tokens.count > 0 ? known(tokens, keys(tokens)) : []
  }

  private func keys(_ tokens: TokenBuffer) -> [TokenHash] {
    [TokenHash](unsafeUninitializedCapacity: tokens.count) { keys, count in
      for word in tokens.words {
        keys.initializeElement(at: count, to: TokenHash(word))
        count += 1
      }
    }
  }

  /// The number of each token, or -1 for a new one.
  private func known(_ tokens: TokenBuffer, _ keys: [TokenHash]) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: keys.count) { numbers, count in
      for word in tokens.words {
        let slot = slots[index(of: word, keys[count])]
        numbers.initializeElement(at: count, to: Int32(truncatingIfNeeded: slot.number) - 1)
        count += 1
      }
    }
  }

  /// The slot that holds `word`, or the free one where it belongs.
  @inline(__always)
  private func index(of word: UnsafeBufferPointer<UInt8>, _ key: TokenHash) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: key.hash) & mask
    while slots[index].number != 0 {
      let slot = slots[index]
      if slot.key == key, key.isWhole || isSame(word, Int(slot.number) - 1) { return index }
      index = (index + 1) & mask
    }
    return index
  }

  private func isSame(_ word: UnsafeBufferPointer<UInt8>, _ number: Int) -> Bool {
    let start = offsets[number]
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
      var index = Int(truncatingIfNeeded: slot.key.hash) & mask
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
