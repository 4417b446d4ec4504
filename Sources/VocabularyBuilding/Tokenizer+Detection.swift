import Tokenization
import Support

extension Tokenizer {
  /// What a caller leaves open is chosen so that text is cut as the words of these vectors were.
  ///
  /// Vectors of tweets have `<user>` and `<hashtag>`. Vectors of text cut by the Stanford tokenizer
  /// have words that no simpler one leaves whole. Vectors are sorted by frequency and such words
  /// are frequent, so the first ones tell.
  /// - Throws: ``UserError`` of kind `data` if the file is damaged.
  init(
    fitting file: GloVeFile, rules: Rules?, punctuation: Punctuation?, splitsHashtags: Bool,
    keepsUserNames: Bool
  ) throws {
    var met: Set<String> = []
    if rules == nil || rules == .ptb && punctuation == nil {
      try file.forEachLine { line in
        guard let vector = GloVeLine(line.bytes, dimension: file.dimension) else { return true }
        for word in Self.tweetWords + Self.stanfordWords where vector.token.elementsEqual(word.utf8)
        {
          met.insert(word)
        }
        return line.number < 20_000
      }
    }
    let isTweets = Self.tweetWords.allSatisfy(met.contains)
    let isStanford = Self.stanfordWords.count(where: met.contains) >= 2
    self.init(
      rules ?? (isTweets ? .twitter : .ptb),
      punctuation: punctuation ?? (isStanford ? .stanford : .apart),
      splitsHashtags: splitsHashtags, keepsUserNames: keepsUserNames)
  }

  private static let tweetWords = ["<user>", "<hashtag>"]
  private static let stanfordWords = ["--", "mr.", "u.s.", "1/2", "a.m.", "vs."]
}
