import Safetensors
import Support

extension TextShard {
  /// Maps the file at `path` and checks that every row is UTF-8.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String) throws {
    try self.init(SafetensorsFile(path: path, mapped: true))
    for index in 0..<count where String(validating: row(index), as: UTF8.self) == nil {
      throw UserError(
        .data, at: "\(path): tensor “text”, row \(index)", problem: "bytes that are not UTF-8",
        expected: "a text", hint: "make the shard again with ingest")
    }
  }
}

extension TextShard {
  /// The text of a row as it was written or, if that is not kept, as it was cleaned.
  public func source(of row: Int) -> TensorView<UInt8> {
    if let source = storedSource(of: row), !source.isEmpty { return source }
    return self.row(row)
  }
}

extension TokenShard {
  /// The text of a row as it was written; nil if it is not kept.
  public func source(of row: Int) -> String? {
    storedSource(of: row).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension TokenShard {
  /// Maps the file at `path` and checks that every token ID is below `vocabularySize`.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String, vocabularySize: Int) throws {
    try self.init(SafetensorsFile(path: path, mapped: true))
    let tokens = chunks[0].elements
    if let bad = tokens.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) {
      throw UserError(
        .data, at: "\(path): tensor “token”, element \(bad)", problem: "\(tokens[bad])",
        expected: "a word number below \(vocabularySize), the size of the vocabulary",
        hint: "use token shards and vocabulary of the same vocab run")
    }
    if let bad = (0..<count).first(where: { !hasWordForEachUnknownToken($0) }) {
      throw UserError(
        .data, at: "\(path): tensor “unknown”, row \(bad)",
        problem: "“\(String(decoding: unknownWords(of: bad) ?? TensorView([]), as: UTF8.self))”",
        expected: "a word of UTF-8 for each unknown token of the row, joined by spaces",
        hint: "run vocab again")
    }
  }

  private func hasWordForEachUnknownToken(_ row: Int) -> Bool {
    guard let words = unknownWords(of: row) else { return true }
    let tokens = self.row(row)
    if words.isEmpty { return tokens.elementsEqual([0]) || !tokens.contains(0) }
    let lengths = words.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map(\.count)
    return lengths.count == tokens.count { $0 == 0 } && !lengths.contains(0)
      && String(validating: words, as: UTF8.self) != nil
  }

  /// Maps and checks the files of one split and concatenates their rows. Nil if there is no file.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init?(paths: [String], vocabularySize: Int) throws {
    guard let first = paths.first else { return nil }
    try self.init(path: first, vocabularySize: vocabularySize)
    for path in paths.dropFirst() {
      let next = try TokenShard(path: path, vocabularySize: vocabularySize)
      guard next.header == header else {
        throw UserError(
          .data, at: path, problem: "another task, split or other classes than in \(first)",
          expected: "parts of one split", hint: "make the folder again")
      }
      append(next)
    }
    guard count <= Int(Int32.max) else {
      throw UserError(.data, at: first, problem: "\(count) rows", expected: "fewer than 2^31")
    }
  }
}
