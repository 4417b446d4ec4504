/// What somebody may have meant: the candidate nearest to `word`, if one is near enough to be a
/// slip of the fingers (at most a third of the letters changed, added, left out or swapped).
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
  let letters = Array(word.lowercased().unicodeScalars)
  var best: (distance: Int, word: String)?
  for candidate in candidates {
    let other = Array(candidate.lowercased().unicodeScalars)
    let distance = edits(from: letters, to: other)
    let limit = max(1, max(letters.count, other.count) / 3)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.word
}

/// “did you mean …?”, or the list of what there is when nothing is near.
func suggestion(for word: String, among candidates: [String], called noun: String) -> String {
  if let near = nearest(to: word, in: candidates) { return "did you mean “\(near)”?" }
  return candidates.isEmpty
    ? "there is no \(noun) here" : "the \(noun)s here are \(candidates.joined(separator: ", "))"
}

/// Edit distance that counts a swap of neighbours as one (optimal string alignment).
private func edits(from a: [Unicode.Scalar], to b: [Unicode.Scalar]) -> Int {
  guard !a.isEmpty, !b.isEmpty, abs(a.count - b.count) < 64 else { return max(a.count, b.count) }
  var rows = [Array(0...b.count)]
  for i in 1...a.count {
    var row = [i]
    for j in 1...b.count {
      var cost = min(rows[i - 1][j] + 1, row[j - 1] + 1)
      cost = min(cost, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        cost = min(cost, rows[i - 2][j - 2] + 1)
      }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
