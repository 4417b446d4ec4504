import Safetensors
import Support

/// How text becomes words: a set of rules and their options, all that is needed to cut new text as
/// the training text was cut.
public struct Tokenizer: Equatable, Sendable {
  /// The families of rules.
  public enum Rules: String, CaseIterable, Sendable {
    /// Like the Stanford Penn Treebank tokenizer, lower-cased: for GloVe of ordinary text.
    case ptb
    /// The preprocessing that the GloVe vectors of tweets were made with.
    case twitter
  }

  /// What `ptb` does with punctuation inside and at the end of words. Vectors differ in it, and a
  /// word that is cut otherwise than theirs finds no vector.
  public enum Punctuation: String, CaseIterable, Sendable {
    /// As glove.6B has it: `mr.`, `u.s.`, `o'brien`, `1/2`, `--` and a kept `@name` are whole.
    case stanford
    /// Each mark is a token of its own unless it joins single letters, digits or a hyphened word:
    /// `mr .`, `u.s .`, `o ' brien`, `1 / 2`, `- -`, a kept `@ name`.
    case apart
  }

  /// The family of rules.
  public var rules: Rules
  /// What `ptb` does with punctuation; `twitter` does not ask.
  public var punctuation: Punctuation
  /// Whether `ptb` cuts `#tag` into `#` and `tag`; `twitter` has its own rule.
  public var splitsHashtags: Bool
  /// Whether `ptb` keeps the name in `@name`. Vectors know hardly any, and a model without them
  /// names nobody; only the sign stays otherwise. `twitter` has its own rule.
  public var keepsUserNames: Bool

  /// A tokenizer with these rules.
  public init(
    _ rules: Rules, punctuation: Punctuation = .stanford, splitsHashtags: Bool = true,
    keepsUserNames: Bool = false
  ) {
    self.rules = rules
    self.punctuation = punctuation
    self.splitsHashtags = splitsHashtags
    self.keepsUserNames = keepsUserNames
  }

  /// Cuts one text into tokens.
  /// - Parameters:
  ///   - text: UTF-8; bytes that are none become tokens of U+FFFD and do no harm.
  ///   - tokens: takes the tokens in place of what it held.
  public func tokenize(_ text: UnsafeBufferPointer<UInt8>, into tokens: TokenBuffer) {
    switch rules {
    case .ptb:
      tokens.write(textOf: text.count) { writer in
        var scanner = PennTreebankTokenizer(ByteText(text), self, writer)
        scanner.scan()
        writer = scanner.output
      }
    case .twitter:
      TwitterTokenizer.rewriting(text) { rewritten in
        tokens.write(textOf: rewritten.count) { writer in
          TwitterTokenizer.split(ByteText(rewritten), into: &writer)
        }
      }
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
  /// The tokenizer as strings for the metadata of a file.
  public var metadata: [String: String] {
    [
      "tokenizer": rules.rawValue, "tokenizer.punctuation": punctuation.rawValue,
      "tokenizer.split-hashtags": "\(splitsHashtags)",
      "tokenizer.user-names": "\(keepsUserNames)",
    ]
  }

  /// The tokenizer that a file's metadata tells of.
  /// - Throws: ``UserError`` of kind `data` if a key is missing or its value unknown.
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
  /// In a few words, such as `ptb, punctuation apart, hashtags split`.
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
