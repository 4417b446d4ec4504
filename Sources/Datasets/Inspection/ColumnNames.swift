/// The purpose of a column.
public enum ColumnRole: String, CaseIterable, Sendable {
  /// The text to classify.
  case text
  /// The class of the text.
  case label
  /// The name of the row.
  case id
  /// Whether the row is for training, validation or test.
  case split

  /// The names that columns of this kind usually have, the clearest first. Two columns with names of
  /// one line could both be meant.
  var usualNames: [[String]] {
    switch self {
    case .text:
      [
        ["text"],
        [
          "review", "reviewtext", "body", "comment", "commenttext", "content", "message",
          "sentence",
          "tweet", "document", "description", "utterance", "question", "query", "post", "article",
          "abstract", "feedback", "complaint", "narrative", "sms", "transcript", "fulltext",
          "messagetext", "ticket", "tickettext", "input", "plot", "story", "snippet", "paragraph",
          "phrase", "response", "answer", "opinion",
        ], Self.titles,
      ]
    case .label:
      [
        ["labeltext", "labelname", "labelnames", "classname"], ["label", "class"],
        [
          "labels", "category", "categories", "sentiment", "intent", "emotion", "mood", "polarity",
          "topic", "genre", "stars", "star", "rating", "target", "overall", "gold", "classlabel",
          "airlinesentiment", "spam", "stance", "toxic",
        ], ["score", "tag", "type", "y", "queue", "department", "group", "kind", "annotation"],
      ]
    case .id:
      [
        ["id", "uid", "uuid", "guid", "rowid", "textid", "docid", "documentid", "reviewid"],
        ["key", "index", "idx", "no", "number", "nr", "row"],
      ]
    case .split: [["split", "part", "subset", "partition", "set", "fold"]]
    }
  }

  /// The names of headings, which are joined with the text below them.
  static let titles = ["title", "subject", "headline", "heading", "summary"]

  /// The name of the flag that decides.
  public var flag: String { "--\(rawValue)-column" }

  /// The place of a name in ``usualNames``; nil if it says nothing.
  func rank(of name: String) -> Int? {
    let plain = Self.plain(name)
    if let rank = usualNames.firstIndex(where: { $0.contains(plain) }) { return rank }
    // Of a path such as `data.text`, the last key is the name.
    let last = name.split(separator: ".").last { Int($0) == nil }.map(String.init) ?? name
    if last != name, let rank = rank(of: last) { return rank }
    let isNamedID = self == .id && ["_id", "-id", " id", "Id"].contains { name.hasSuffix($0) }
    return isNamedID ? usualNames.count : nil
  }

  /// A name in lower case without anything but letters and digits.
  static func plain(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
