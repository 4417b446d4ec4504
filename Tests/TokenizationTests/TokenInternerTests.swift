import Testing

@testable import Tokenization
@testable import VocabularyBuilding

struct TokenInternerTests {
  @Test func `words are numbered as they are met and found again`() {
    var table = TokenInterner()
    // Of every length around eight bytes, where words stop lying in their slot.
    let words = (0..<5000).map { index in
      Array(String(repeating: "x", count: index % 20).utf8) + Array("\(index)".utf8)
    }
    for (index, word) in words.enumerated() { #expect(table.add(word) == index) }
    for (index, word) in words.enumerated() {
      #expect(table.add(word) == index)
      #expect(Array(table[index]) == word)
    }
    #expect(table.count == words.count)
    #expect(table.id(of: Array("nowhere to be found".utf8)) == nil)
    #expect(table.id(of: Array("none".utf8)) == nil)
  }

  @Test func `zero bytes at the end make another word`() {
    var table = TokenInterner()
    let words: [[UInt8]] = [[], [0], [0, 0], [97], [97, 0], [97, 0, 0, 0, 0, 0, 0, 0]]
    for (index, word) in words.enumerated() { #expect(table.add(word) == index) }
  }

  @Test func `tokens of a text are numbered in one go`() {
    var table = TokenInterner()
    let buffer = TokenBuffer()
    var numbers: [Int32] = []
    for text in ["the cat the dog", "a dog sat on the extraordinarily long extraordinarily"] {
      var text = text
      text.withUTF8 { Tokenizer(.ptb).tokenize($0, into: buffer) }
      table.add(buffer, to: &numbers)
    }
    #expect(numbers == [0, 1, 0, 2, 3, 2, 4, 5, 0, 6, 7, 6])
  }
}
