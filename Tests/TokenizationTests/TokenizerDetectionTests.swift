import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// The tokenizer is chosen by what the vectors hold.
struct TokenizerDetectionTests {
  private func choose(
    _ words: [String], rules: Tokenizer.Rules? = nil, punctuation: Tokenizer.Punctuation? = nil
  ) throws -> Tokenizer {
    let bench = try TemporaryDirectory()
    let path = try bench.vectors(words.map { "\($0) 1 2\n" }.joined())
    return try GloVeFile(path: path, dimension: 2).tokenizer(
      rules: rules, punctuation: punctuation, splitsHashtags: true, keepsUserNames: false)
  }

  @Test func `vectors of tweets want the twitter rules`() throws {
    #expect(try choose(["the", "<user>", "<hashtag>"]).rules == .twitter)
    #expect(try choose(["the", "<user>"]).rules == .ptb)
    #expect(try choose(["the", "<hashtag>"]).rules == .ptb)
  }

  @Test func `vectors with words that only Stanford leaves whole want its punctuation`() throws {
    #expect(try choose(["the", "--", "mr."]).punctuation == .stanford)
    #expect(try choose(["the", "--"]).punctuation == .apart)
    #expect(try choose(["the", "mr", "."]).punctuation == .apart)
  }

  @Test func `what is asked for is taken`() throws {
    #expect(try choose(["<user>", "<hashtag>"], rules: .ptb).rules == .ptb)
    #expect(try choose(["the"], rules: .twitter).rules == .twitter)
    #expect(try choose(["the"], punctuation: .stanford).punctuation == .stanford)
  }
}
