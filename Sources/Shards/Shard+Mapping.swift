import Support

extension Shard {
  /// The shard with other class names: each label becomes the index of its name among them.
  /// - Throws: ``UserError`` with exit status `data` if rows have a class that is not among them.
  public func mapped(to classNames: [String]) throws -> Shard {
    guard classNames != self.classNames else { return self }
    if let labelSets { return try mapped(labelSets, to: classNames) }
    let indices = self.classNames.map { name in
      classNames.firstIndex(of: name).map { Int32(truncatingIfNeeded: $0) }
    }
    if let row = labels.firstIndex(where: { indices[Int($0)] == nil }) {
      let label = labels[row]
      throw absentClass(
        self.classNames[Int(label)], row, labels.count { $0 == label }, classNames)
    }
    var result = self
    result.header.classNames = classNames
    result.labels = labels.map { indices[Int($0)] ?? 0 }
    return result
  }

  private func absentClass(
    _ name: String, _ row: Int, _ rows: Int, _ classNames: [String]
  ) -> UserError {
    UserError(
      .data, at: "the \(header.split.rawValue) rows of “\(header.task)”",
      problem: "\(rows) of the class “\(name)”, the first of them row \(row)",
      expected: "one of the classes " + classNames.map { "“\($0)”" }.joined(separator: ", "),
      hint: "map the labels to these classes with ingest --labels")
  }
}

extension Shard {
  /// The shard of a multi-label task with other class names.
  private func mapped(_ labelSets: LabelSets, to classNames: [String]) throws -> Shard {
    let indices = self.classNames.map { name in
      classNames.firstIndex(of: name).map { Int32(truncatingIfNeeded: $0) }
    }
    for row in 0..<count {
      guard let label = labelSets[row].first(where: { indices[Int($0)] == nil }) else { continue }
      throw absentClass(self.classNames[Int(label)], row, classCounts[Int(label)], classNames)
    }
    var result = self
    result.header.classNames = classNames
    result.labelSets = LabelSets((0..<count).map { labelSets[$0].compactMap { indices[Int($0)] } })
    return result
  }
}

extension TokenShard {
  /// The shard as a model of the first `count` words reads it: later words are unknown.
  /// - Parameter spelling: the UTF-8 bytes of a word; nil if unknown words are not to be kept.
  public func knowing(
    _ count: Int, spelling: ((Int) -> ArraySlice<UInt8>)? = nil
  ) -> TokenShard {
    let tokens = elements
    guard tokens.contains(where: { $0 >= count }) else { return self }
    guard let spelling else {
      return TokenShard(
        header, elements: tokens.map { $0 < count ? $0 : 0 }, offsets: offsets, labels: labels,
        labelSets: labelSets, textIDs: textIDs)
    }
    return rebuilt(0..<self.count) { token, unknown in
      guard token >= count else { return token }
      unknown = spelling(Int(token))
      return 0
    }
  }

  /// The shard as a model reads it that knows a part of the words under other ids.
  /// - Parameters:
  ///   - ids: the id of each word; 0 for one that the model does not know.
  ///   - spelling: the UTF-8 bytes of a word.
  public func renumbered(_ ids: [Int32], spelling: (Int) -> ArraySlice<UInt8>) -> TokenShard {
    var result = rebuilt(0..<count) { token, unknown in
      let id = ids[Int(token)]
      if id == 0, token != 0 { unknown = spelling(Int(token)) }
      return id
    }
    (result.chunks[0].ids, result.chunks[0].sources) = (self.ids, column(\.sources))
    return result
  }

  /// A shard of these rows, in this order.
  public func rows(_ rows: [Int]) -> TokenShard { rebuilt(rows) { token, _ in token } }

  /// A shard of these rows without IDs and texts.
  /// - Parameter replace: the token to store for a token, and its spelling if it becomes unknown.
  private func rebuilt(
    _ rows: some Sequence<Int>, replace: (Int32, inout ArraySlice<UInt8>) -> Int32
  ) -> TokenShard {
    let space = UInt8(ascii: " ")
    var (elements, offsets): ([Int32], [Int64]) = ([], [0])
    var words: [[UInt8]] = []
    for row in rows {
      var known = (unknownWords(of: row).map(Array.init) ?? []).split(separator: space)[...]
      var unknown: [ArraySlice<UInt8>] = []
      for token in self.row(row) {
        var word = token == 0 ? known.popFirst() ?? [] : []
        elements.append(replace(token, &word))
        if elements.last == 0 { unknown.append(word) }
      }
      offsets.append(Int64(elements.count))
      words.append(Array(unknown.joined(separator: [space])))
    }
    return TokenShard(
      header, elements: elements, offsets: offsets, labels: rows.map { labels[$0] },
      labelSets: labelSets?.rows(rows), textIDs: rows.map { textIDs[$0] },
      unknownWords: keepsUnknownWords ? StringColumn(words) : nil)
  }
}
