import DLNC
import Shards
import Support
import Tokenization

/// The choice of features of a bag of words, and the data that they need beside the rows.
struct BagOfWordsFeatures {
  var weights = NgramWeights.tfidf
  /// The word vectors, which `ensemble` uses.
  var embedding: Embedding?
  /// The character n-grams; nil for none.
  var characters: CharacterSource?
}

extension TaskClassifier {
  /// Records the features.
  mutating func set(_ features: BagOfWordsFeatures) {
    ngramWeights = features.weights == .tfidf ? nil : features.weights
    characters = features.characters?.lengths
  }
}

extension TaskDataset {
  /// The training and validation rows as training rows; nil without validation rows.
  var withoutValidation: TaskDataset? {
    guard let validation else { return nil }
    var all = self
    all.train.append(validation)
    all.validation = nil
    return all
  }
}

extension TokenizedDataset {
  /// The features of an n-gram layer; those of words without such a layer.
  /// - Throws: ``UserError`` with exit status `data`.
  func features(
    of layer: NgramOptions?, for data: [TaskDataset]
  ) throws -> BagOfWordsFeatures {
    try features(layer?.weights ?? .tfidf, layer?.characters, for: data)
  }

  /// The features of a bag of words.
  /// - Throws: ``UserError`` with exit status `data` if rows lack the unknown words that character
  ///   n-grams are made of.
  func features(
    _ weights: NgramWeights, _ characters: CharacterLengths?, for data: [TaskDataset]
  ) throws -> BagOfWordsFeatures {
    var result = BagOfWordsFeatures(weights: weights, embedding: embedding)
    guard let characters else { return result }
    for shard in data.flatMap({ [$0.train] + ($0.validation.map { [$0] } ?? []) }) {
      try shard.requireUnknownWords(at: "\(path)/\(shard.task)")
    }
    result.characters = CharacterSource(lengths: characters, vocabulary: vocabulary)
    return result
  }
}
