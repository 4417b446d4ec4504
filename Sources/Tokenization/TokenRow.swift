/// A text as tokens.
public struct TokenRow: Equatable, Sendable {
  /// The token IDs; 0 for a word outside of the vocabulary. Never empty: a text without tokens is one
  /// unknown token.
  public let ids: [Int32]
  /// The unknown words in their order, joined by spaces.
  public let unknownWords: [UInt8]

  /// The text whose tokens are in `tokens`.
  /// - Parameter ids: the ID of each of them.
  package init(_ tokens: TokenBuffer, ids: [Int32]) {
    self.ids = ids.isEmpty ? [0] : ids
    var words: [UInt8] = []
    for (token, id) in zip(tokens.tokens, ids) where id == 0 {
      if !words.isEmpty { words.append(UInt8(ascii: " ")) }
      words += token
    }
    unknownWords = words
  }
}
