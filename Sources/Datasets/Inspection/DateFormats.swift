/// Whether a text is a date, perhaps with a time after it, or a time: 2024-01-31, 2024-01, 20240131,
/// 31.1.2024, 1/31/24, 31 Jan 2024, January 31, 2024, 2024-01-31T10:15:00Z, 10:15.
func isDate(_ text: String) -> Bool {
  let start = text.prefix { $0 != " " && $0 != "T" }
  return isNumericDate(start) || isTime(start) || hasMonthName(text)
}

private func isNumericDate(_ text: Substring) -> Bool {
  guard let separator = text.first(where: { "-/.".contains($0) }) else {
    guard text.utf8.count == 8 else { return false }
    return isDate([text.prefix(4), text.dropFirst(4).prefix(2), text.dropFirst(6)])
  }
  return isDate(text.split(separator: separator, omittingEmptySubsequences: false))
}

/// Whether parts are the year, the month and the day in any usual order, or the year and the month.
private func isDate(_ parts: [Substring]) -> Bool {
  let numbers = parts.compactMap(number)
  guard numbers.count == parts.count, 2...3 ~= parts.count else { return false }
  let isYear = zip(parts, numbers).map { $0.utf8.count == 4 && years.contains($1) }
  // A year of two digits is the last one.
  let year = isYear.last == true || parts.count == 3 && isYear[0] == false ? parts.count - 1 : 0
  guard isYear[year] || parts.count == 3 && parts[year].utf8.count == 2 else { return false }
  let others = numbers.indices.filter { $0 != year }.map { numbers[$0] }
  return others.allSatisfy { 1...31 ~= $0 } && others.contains { $0 <= 12 }
    && (parts.count == 3 || others[0] <= 12)
}

private func isTime(_ text: Substring) -> Bool {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  return 2...3 ~= parts.count
    && zip(parts, [0..<24, 0..<60, 0..<60]).allSatisfy { part, range in
      1...2 ~= part.utf8.count && number(part).map(range.contains) == true
    }
}

/// Whether a text has the name of a month, a day and a year, and hardly another word.
private func hasMonthName(_ text: String) -> Bool {
  let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
  let names = words.filter { $0.first?.isLetter == true }
  return names.count <= 3 && names.contains { months.contains(String($0.prefix(3))) }
    && words.contains { number($0).map(years.contains) == true }
    && words.contains { number($0).map((1...31).contains) == true }
}

/// The value of up to four digits.
private func number(_ text: Substring) -> Int? {
  1...4 ~= text.utf8.count && text.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(text) : nil
}

private let years = 1900...2099
private let months: Set = [
  "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
]
