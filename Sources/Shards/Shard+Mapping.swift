import Support

extension Shard {
  /// The shard with other class names: each label becomes the index of its name among them.
  /// - Throws: ``UserError`` with exit status `data` if rows have a class that is not among them.
  public func mapped(to classNames: [String]) throws -> Shard {
    guard classNames != self.classNames else { return self }
    let indices = self.classNames.map { name in
      classNames.firstIndex(of: name).map { Int32(truncatingIfNeeded: $0) }
    }
    if let row = labels.firstIndex(where: { indices[Int($0)] == nil }) {
      let label = labels[row]
      throw UserError(
        .data, at: "the \(header.split.rawValue) rows of “\(header.task)”",
        problem:
          "\(labels.count { $0 == label }) of the class “\(self.classNames[Int(label)])”, the "
          + "first of them row \(row)",
        expected: "one of the classes " + classNames.map { "“\($0)”" }.joined(separator: ", "),
        hint: "map the labels to these classes with ingest --labels")
    }
    var result = self
    result.header.classNames = classNames
    result.labels = labels.map { indices[Int($0)] ?? 0 }
    return result
  }
}

extension TokenShard {
  /// The shard as a model of the first `count` words reads it: later words are unknown.
  public func knowing(_ count: Int) -> TokenShard {
    let tokens = elements
    guard tokens.contains(where: { $0 >= count }) else { return self }
    return TokenShard(
      header, elements: tokens.map { $0 < count ? $0 : 0 }, offsets: offsets, labels: labels,
      textIDs: textIDs)
  }
}
