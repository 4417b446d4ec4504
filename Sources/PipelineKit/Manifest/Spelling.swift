/// The candidate that is nearest to `word`, or nil if none is near enough to be meant: at most a
/// third of the letters may be changed, added, omitted or swapped.
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
  let letters = Array(word.lowercased().unicodeScalars)
  var best: (distance: Int, word: String)?
  for candidate in candidates {
    let other = Array(candidate.lowercased().unicodeScalars)
    let distance = editDistance(letters, other)
    let limit = max(1, max(letters.count, other.count) / 3)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.word
}

/// “did you mean …?” with the nearest candidate, or else the list of candidates.
func suggestion(for word: String, among candidates: [String], noun: String) -> String {
  if let near = nearest(to: word, in: candidates) { return "did you mean “\(near)”?" }
  return candidates.isEmpty
    ? "there is no \(noun) here" : "the \(noun)s here are \(candidates.joined(separator: ", "))"
}

/// The edit distance that counts a swap of neighbours as one edit (optimal string alignment).
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  guard !a.isEmpty, !b.isEmpty, abs(a.count - b.count) < 64 else { return max(a.count, b.count) }
  var distances = [Array(0...b.count)]
  for i in 1...a.count {
    var current = [i]
    for j in 1...b.count {
      let substitution = distances[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      var distance = min(distances[i - 1][j] + 1, current[j - 1] + 1, substitution)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        distance = min(distance, distances[i - 2][j - 2] + 1)
      }
      current.append(distance)
    }
    distances.append(current)
  }
  return distances[a.count][b.count]
}
