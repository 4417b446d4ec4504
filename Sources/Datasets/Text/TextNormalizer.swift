import Support

/// How a text is written before it is cleaned.
public enum MarkupFormat: String, CaseIterable, Sendable {
  /// As it is meant to be read.
  case none
  /// HTML, as the reviews of Yelp and IMDB are.
  case html
  /// With character references (`&amp;`) and `\n` for a line break, as the tweets of EI-reg are.
  case tweet
}

/// Makes the text of examples out of raw text, as the stage `ingest` does. To be used by one thread
/// at a time.
public struct TextNormalizer {
  /// How the texts are written.
  public let markup: MarkupFormat
  private let html: HTMLText?

  /// A cleaner of texts that are written so.
  /// - Throws: ``UserError`` of kind `unavailable`.
  public init(_ markup: MarkupFormat) throws {
    self.markup = markup
    html = markup == .html ? HTMLText() : nil
    guard markup != .html || html != nil else {
      throw UserError(.unavailable, at: "libxml2", problem: "its parser could not be started")
    }
  }

  /// Valid UTF-8 without control characters, single spaces between words and none at the ends. A
  /// text that has been cleaned stays as it is if there is no markup.
  public func callAsFunction(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    switch markup {
    case .none: normalizeText(Array(text))
    case .html: html?(Array(text)) ?? []
    case .tweet: tweetText(text)
    }
  }
}
