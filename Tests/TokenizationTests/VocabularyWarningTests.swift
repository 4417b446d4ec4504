import Foundation
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// The signs that a vocabulary is useless.
struct VocabularyWarningTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try TemporaryDirectory() }

  private func warnings(_ texts: [String], vectors: String) throws -> [String] {
    try bench.vectors(vectors)
    try bench.examples("a", texts)
    return try bench.make(["a"]).warnings
  }

  private let known = "the 1 2\nsoup 2 3\nwas 3 4\nwarm 4 5\n"

  @Test func `usual texts and vectors give none`() throws {
    #expect(try warnings(["the soup was warm", "the soup was cold"], vectors: known) == [])
    #expect(try warnings(["the soup was warm"], vectors: "4 2\n" + known + "\n\n") == [])
  }

  @Test func `vectors that texts do not have are noticed`() throws {
    let texts = ["the soup was warm", "the soup was cold"]
    let hint =
      "check that the vectors are of the language of the texts, and that --tokenizer fits them"
    #expect(
      try warnings(texts, vectors: "die 1 2\nsuppe 2 3\n")
        == ["a: no word of the training texts has a vector in vectors.txt; \(hint)"])
    #expect(
      try warnings(texts, vectors: "die 1 2\nwas 2 3\n")
        == [
          "a: only 25.0 % of the words of the training texts have a vector in vectors.txt; \(hint)"
        ])
  }

  @Test func `vectors in upper case are noticed, unless they are there in lower case, too`() throws
  {
    let texts = ["the soup was warm", "the soup was cold"]
    let upper = "THE 1 2\nSOUP 2 3\nWas 3 4\nOther 1 1\n"
    #expect(
      try warnings(texts, vectors: upper) == [
        "a: no word of the training texts has a vector in vectors.txt; texts become lower case, and "
          + "the file has 3 of their words only in upper case: convert its words to lower case"
      ])
    #expect(try warnings(texts, vectors: upper + known) == [])
  }

  @Test(arguments: [
    ("99999 2\n", "99,999"), ("3 2\n", "3"), ("99999999999999999999 2\n", "9,223,"),
  ])
  func `a header that announces another number of words is noticed`(header: String, said: String)
    throws
  {
    let found = try warnings(["the soup was warm", "the soup"], vectors: header + known)
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix("the first line of vectors.txt announces \(said)") == true
        && found.first?.contains("but 4 lines follow") == true)
  }

  @Test func `texts in which no word occurs twice are noticed`() throws {
    #expect(
      try warnings(["the soup", "was warm"], vectors: known) == [
        "a: no word occurs twice in the 2 training texts, so nothing can be learned from words; check "
          + "that spaces separate the words"
      ])
    #expect(try warnings(["the soup was warm"], vectors: known) == [])
  }

  @Test(arguments: [
    ("茶不会再来，面条太难吃了 茶", "Chinese or Japanese"), ("このラーメンはとてもおいしい", "Chinese or Japanese"),
    ("บริการแย่มากวันที่", "Thai"), ("ອາຫານແຊບຫຼາຍທີ່ສຸດ", "Lao"), ("အစားအသောက်အရမ်းကောင်း", "Burmese"),
    ("ម្ហូបនេះឆ្ងាញ់ណាស់", "Khmer"),
  ])
  func `clauses that count as words are noticed`(text: String, script: String) throws {
    let found = try warnings([text, text + " 2"], vectors: known)
    #expect(
      found.first?.hasPrefix("a: \(script) texts without spaces between words") == true, "\(found)")
  }

  @Test(arguments: [
    "茶 不会 再 来 ， 面条 太 难吃 了", "この ラーメン は とても おいしい", "บริการ แย่ มาก วัน ที่", "음식이 정말 맛있었습니다",
    "the 茶不会再来面条 was warm and the soup was cold and the tea was good",
  ])
  func `separated words and few foreign ones are no clauses`(text: String) throws {
    let found = try warnings([text, text], vectors: known)
    #expect(!found.contains { $0.contains("without spaces") }, "\(found)")
  }

  @Test func `a vocabulary without words says why`() throws {
    try bench.vectors(known)
    try bench.examples("a", ["บริการแย่มากวันที่", "อาหารอร่อยมากวันที่"])
    let refused = refusal { _ = try bench.make(["a"]) { $0.minimumCount = 2 } }
    #expect(refused?.exitStatus == .usage && refused?.hint?.contains("Thai texts") == true)
  }
}
