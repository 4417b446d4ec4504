import Shards
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// Character n-grams as features.
struct CharacterVectorizerTests {
  @Test(arguments: [2, 3])
  func `features are scikit-learn's, also of unknown words`(classes: Int) throws {
    let reference = try BagOfWordsReference(classes)
    let vectorizer = CharacterVectorizer(reference.train, try reference.characters())
    #expect(
      (0..<vectorizer.count).map { Array(vectorizer.ngrams[$0]) }
        == (try reference.strings("\(classes).character")))
    #expect(distance(vectorizer.idf, try reference.values("character.rarity")) < 1e-7)
    let expected: [Double] = try reference.values("character.features")
    var found = [Double](repeating: 0, count: expected.count)
    for (row, cells) in vectorizer.rows(reference.all, 0..<reference.all.count).enumerated() {
      for cell in cells { found[row * vectorizer.count + Int(cell.feature)] = cell.value }
    }
    #expect(distance(found, expected) < 1e-7)
  }

  @Test(arguments: [2, 3])
  func `the ensemble's probabilities are those of fits in scikit-learn`(classes: Int) throws {
    let reference = try BagOfWordsReference(classes)
    let classifier = try LinearClassifier(
      TfidfDataset(
        TaskDataset(train: reference.train, validation: nil),
        BagOfWordsFeatures(weights: .ensemble, characters: try reference.characters())),
      penalty: 0.03, tolerance: 1e-9, threads: 2)
    let (probabilities, _) = classifier.predict(reference.all, threads: 1)
    #expect(
      distance(probabilities, try reference.values("ensemble.probability")) < 1e-5)
  }

  @Test func `the part of the words does not change, and that of the characters has length 1`()
    throws
  {
    let reference = try BagOfWordsReference(2)
    let words = TfidfVectorizer(reference.train)
    var both = words
    both.characters = CharacterVectorizer(reference.train, try reference.characters())
    #expect(both.count > words.count)
    for row in 2..<reference.all.count {
      let alone = words.rows(reference.all, row..<row + 1).cells(0).dropLast()
      let cells = both.rows(reference.all, row..<row + 1).cells(0)
      #expect(zip(alone, cells).allSatisfy { $0 == $1 })
      #expect(zip(cells, cells.dropFirst()).allSatisfy { $0.column < $1.column })
      let squares = cells.dropFirst(alone.count).dropLast().reduce(0) { $0 + $1.value * $1.value }
      #expect(abs(squares - 1) < 1e-12)
    }
  }

  @Test(arguments: ["3-5", "1-1", "2-10"])
  func `lengths are read and written alike`(text: String) {
    #expect(CharacterLengths(text)?.description == text)
  }

  @Test(arguments: ["", "3", "5-3", "0-2", "2-11", "3-5-7", "a-b", "-3", "9223372036854775808-9"])
  func `no other text is a range of lengths`(text: String) {
    #expect(CharacterLengths(text) == nil)
  }
}
