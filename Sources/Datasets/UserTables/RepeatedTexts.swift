import Support

/// Groups of rows in which equal texts are together, sorted by text and labels.
extension [[Example]] {
  /// The number of rows with the text of an earlier row.
  var repeatedRows: Int {
    reduce(0) { count, group in
      count + zip(group, group.dropFirst()).count { $0.text == $1.text }
    }
  }

  /// A warning about equal texts with different labels; nil if there are none.
  /// - Parameters:
  ///   - names: the names of the classes by the labels of the rows.
  ///   - isMultiLabel: whether the labels of a row are a set.
  func contradictions(_ names: [String], isMultiLabel: Bool) -> String? {
    var count = 0
    var example: ArraySlice<Example> = []
    for group in self {
      var rest = group[...]
      while let first = rest.first {
        let rows = rest.prefix { $0.text == first.text }
        rest = rest.dropFirst(rows.count)
        guard rows.last?.labels != first.labels else { continue }
        count += 1
        if example.isEmpty { example = rows }
      }
    }
    guard let first = example.first else { return nil }
    let text = String(decoding: first.text.prefix(60), as: UTF8.self)
    let sets = example.map(\.labels).unique.map { labels in
      labels.isEmpty ? "none" : quotedList(labels.map { names[$0] })
    }
    return
      "\(NumberFormat.count(count, "text has", "texts have")) several "
      + (isMultiLabel ? "sets of labels" : "labels")
      + ", such as “\(text)”: \(sets.prefix(10).joined(separator: isMultiLabel ? " / " : ", "))"
      + (sets.count > 10 ? " and \(sets.count - 10) more" : "")
      + "; correct the data if that is a mistake"
  }
}
