import Support

/// The settings of a tokenizer: everything that is needed to split new text like the training text.
public struct Tokenizer: Equatable, Sendable {
  /// The families of rules.
  public enum Rules: String, CaseIterable, Sendable {
    /// Those of the Stanford Penn Treebank tokenizer, lower-cased: for GloVe vectors of ordinary text.
    case ptb
    /// The preprocessing of the GloVe vectors of tweets.
    case twitter
  }

  /// The treatment of punctuation inside and at the end of words by `ptb`. Vectors differ in it, and a
  /// word that is split differently finds no vector.
  public enum Punctuation: String, CaseIterable, Sendable {
    /// As in glove.6B: `mr.`, `u.s.`, `o'brien`, `1/2`, `--` and a kept `@name` are single tokens.
    case stanford
    /// Each mark is a token unless it joins single letters, digits or a hyphenated word: `mr .`,
    /// `u.s .`, `o ' brien`, `1 / 2`, `- -`, a kept `@ name`.
    case apart
  }

  /// The family of rules.
  public var rules: Rules
  /// The treatment of punctuation; ignored by `twitter`.
  public var punctuation: Punctuation
  /// Whether `ptb` splits `#tag` into `#` and `tag`; ignored by `twitter`.
  public var splitsHashtags: Bool
  /// Whether `ptb` keeps the name in `@name`; ignored by `twitter`. Vectors cover few names, and a
  /// model without them reveals no user.
  public var keepsUserNames: Bool

  /// Creates a tokenizer.
  public init(
    _ rules: Rules, punctuation: Punctuation = .stanford, splitsHashtags: Bool = true,
    keepsUserNames: Bool = false
  ) {
    self.rules = rules
    self.punctuation = punctuation
    self.splitsHashtags = splitsHashtags
    self.keepsUserNames = keepsUserNames
  }

  /// Splits one text into tokens.
  /// - Parameters:
  ///   - text: UTF-8; other bytes become tokens of U+FFFD.
  ///   - tokens: the buffer whose content is replaced by the tokens.
  public func tokenize(_ text: UnsafeBufferPointer<UInt8>, into tokens: TokenBuffer) {
    switch rules {
    case .ptb:
      tokens.write(textSize: text.count) { writer in
        var tokenizer = PennTreebankTokenizer(ByteText(text), self, writer)
        tokenizer.run()
        writer = tokenizer.output
      }
    case .twitter: TwitterTokenizer.tokenize(text, into: tokens)
    }
  }

  /// The tokens of one string.
  public func tokens(of text: String) -> [String] {
    let buffer = TokenBuffer()
    var text = text
    text.withUTF8 { tokenize($0, into: buffer) }
    return buffer.strings
  }
}

extension Tokenizer {
  /// The tokenizer as metadata of a file.
  public var metadata: [String: String] {
    [
      "tokenizer": rules.rawValue, "tokenizer.punctuation": punctuation.rawValue,
      "tokenizer.split-hashtags": "\(splitsHashtags)",
      "tokenizer.user-names": "\(keepsUserNames)",
    ]
  }

  /// Creates the tokenizer that the metadata of a file describe.
  /// - Throws: ``UserError`` with exit status `data` if a key is missing or its value is unknown.
  public init(metadata: [String: String], path: String) throws {
    func value<Value>(_ key: String, _ known: [String], _ make: (String) -> Value?) throws -> Value
    {
      let text = metadata[key]
      guard let value = text.flatMap(make) else {
        throw UserError(
          .data, at: "\(path): metadata “\(key)”", problem: text.map { "“\($0)”" } ?? "nothing",
          expected: "one of \(known.joined(separator: ", "))",
          hint: "make the file again with the vocab stage of this version")
      }
      return value
    }
    self.init(
      try value("tokenizer", Rules.allCases.map(\.rawValue)) { Rules(rawValue: $0) },
      punctuation: try value("tokenizer.punctuation", Punctuation.allCases.map(\.rawValue)) {
        Punctuation(rawValue: $0)
      },
      splitsHashtags: try value("tokenizer.split-hashtags", ["true", "false"]) { Bool($0) },
      keepsUserNames: try value("tokenizer.user-names", ["true", "false"]) { Bool($0) })
  }
}

extension Tokenizer: CustomStringConvertible {
  /// A summary such as `ptb, punctuation apart, hashtags split, user names left out`.
  public var description: String {
    switch rules {
    case .ptb:
      "ptb, punctuation \(punctuation == .apart ? "apart" : "as Stanford's"), "
        + "hashtags \(splitsHashtags ? "split" : "whole"), "
        + "user names \(keepsUserNames ? "kept" : "left out")"
    case .twitter: "twitter"
    }
  }
}
