import Shards
import Support

/// Statistics of the values of a column, or of a key of JSON objects.
public struct ColumnProfile: Sendable {
  /// The name of the column or the path of the key.
  public let name: String
  /// The number of rows with a value.
  public private(set) var filled = 0
  /// The first different values, shortened for messages.
  public private(set) var examples: [String] = []
  /// Whether a row can have several of the values: labels in a list, divided by a separator, or encoded
  /// by columns of 0 and 1.
  public private(set) var isMultiLabel = false
  /// The number of rows of each value; empty if there are too many or too long ones to be labels, even
  /// joined ones.
  private var counts: [TextKey: Int] = [:]
  private var isUncounted = false
  private var hashes: Set<UInt64> = []
  private var spacedCount = 0
  private var numberCount = 0
  private var decimalCount = 0
  /// The number of different values that are dates.
  private var dateCount = 0
  private var byteCount = 0
  private var characterCount = 0
  private var longest = 0
  /// The number of values that name a split, by split.
  private var splits: [Split: Int] = [:]
  /// The number of values that text cannot have in JSON: numbers, truth values and lists of labels.
  private var otherKinds = 0
  private var listCount = 0
  private var markup: (first: String, count: Int)?

  private static let hash = TextHash(seed: 0)
  /// The number of different values up to which they are counted. Joined labels are more than labels.
  private static let maxCounts = 20 * LabelIndex.maxClasses

  init(name: String) { self.name = name }

  /// The label that columns of 0 and 1 encode, one for each class.
  /// - Parameter isMultiLabel: whether a row can have several.
  init(oneHot columns: [ColumnProfile], isMultiLabel: Bool) {
    name = columns.map(\.name).joined(separator: ", ")
    self.isMultiLabel = isMultiLabel
    for column in columns {
      let name = Array(column.name.utf8)
      counts[TextKey(name)] = column.setFlags
      hashes.insert(Self.hash(name))
      filled += column.setFlags
    }
  }

  /// Adds the value of a row; an empty one is not counted.
  mutating func add(_ value: UnsafeRawBufferPointer, isText: Bool = true) {
    let bytes = normalizeText(Array(value))
    guard !bytes.isEmpty else { return }
    filled += 1
    if !isText { otherKinds += 1 }
    longest = max(longest, bytes.count)
    byteCount += bytes.count
    characterCount += bytes.count { $0 & 0xC0 != 0x80 }
    if bytes.contains(0x20) { spacedCount += 1 }
    let isNew = hashes.insert(Self.hash(bytes)).inserted
    count(bytes)
    if isText, let found = HTMLText.firstMarkup(in: bytes) {
      markup = (
        markup?.first ?? String(decoding: found.prefix(40), as: UTF8.self), (markup?.count ?? 0) + 1
      )
    }
    guard bytes.count <= 40 else {
      if isNew { addExample(bytes) }
      return
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if Double(text) != nil {
      numberCount += 1
      if text.contains(".") { decimalCount += 1 }
    }
    if let split = Split(name: text) { splits[split, default: 0] += 1 }
    guard isNew else { return }
    addExample(bytes)
    if isDate(text) { dateCount += 1 }
  }

  /// Adds the labels of rows, which have a list of them.
  mutating func add(labels: [[UInt8]], rows: Int = 1) {
    let names = labels.map { normalizeText($0) }.filter { !$0.isEmpty }.unique
    guard !names.isEmpty else { return }
    isMultiLabel = true
    filled += rows
    otherKinds += rows
    for name in names {
      longest = max(longest, name.count)
      byteCount += name.count * rows
      characterCount += name.count { $0 & 0xC0 != 0x80 } * rows
      if hashes.insert(Self.hash(name)).inserted { addExample(name) }
      count(name, rows: rows)
    }
  }

  /// Adds a row with a list of other values, which is neither a text nor a label.
  mutating func addList() {
    filled += 1
    listCount += 1
  }

  private mutating func count(_ bytes: [UInt8], rows: Int = 1) {
    guard !isUncounted else { return }
    counts[TextKey(bytes), default: 0] += rows
    guard counts.count > Self.maxCounts || bytes.count > LabelIndex.maxLabelLength else { return }
    (counts, isUncounted) = ([:], true)
  }

  private mutating func addExample(_ bytes: [UInt8]) {
    guard examples.count < 3 else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    examples.append(text.count > 40 ? text.prefix(39) + "…" : text)
  }
}

extension ColumnProfile {
  /// The number of different values.
  public var distinct: Int { hashes.count }

  /// The values with their numbers of rows, the most frequent first; empty if there are more than a
  /// label can have.
  public var values: [(name: String, rows: Int)] {
    guard !hasTooManyValues else { return [] }
    return counts.sorted { left, right in
      left.value != right.value
        ? left.value > right.value
        : left.key.bytes.lexicographicallyPrecedes(right.key.bytes)
    }.map { (String(decoding: $0.key.bytes, as: UTF8.self), $0.value) }
  }

  /// The mean length of the values in characters.
  public var meanLength: Int { filled == 0 ? 0 : (characterCount + filled / 2) / filled }

  /// The first HTML tag or character reference, if a hundredth of the values or more have some.
  public var htmlExample: String? {
    markup.flatMap { $0.count >= max(2, filled / 100) ? $0.first : nil }
  }

  /// The splits that the values name, if all of them do; else none.
  public var namedSplits: Set<Split> {
    splits.values.reduce(0, +) == filled ? Set(splits.keys) : []
  }

  private var hasTooManyValues: Bool { isUncounted || counts.count > LabelIndex.maxClasses }

  /// Whether it can be read as the label: not more values than classes are accepted, and no lists.
  var canBeLabel: Bool { !hasTooManyValues && listCount == 0 && filled > 0 }

  /// Whether it looks like the label: several values, each in two rows or more on average.
  var looksLikeLabel: Bool { canBeLabel && distinct > 1 && distinct * 2 <= filled }

  /// Whether the values are few and short, as names of classes are, whatever the column is called.
  var hasFewShortValues: Bool {
    looksLikeLabel && distinct <= min(50, max(2, filled / 5)) && meanLength <= 40
      && decimalCount == 0 && !hasDates
  }

  /// Whether nearly all values are dates.
  var hasDates: Bool { dateCount > 0 && dateCount * 10 >= distinct * 9 }

  /// Whether the values are 0 and 1, as in one of several columns that each stand for a class.
  var hasFlags: Bool {
    counts.count == 2 && Set(counts.keys.map { OneHotLabel.flag($0.bytes) }) == [true, false]
  }

  /// The number of rows with 1, if the values are 0 and 1.
  var setFlags: Int {
    counts.reduce(0) { OneHotLabel.flag($1.key.bytes) == true ? $0 + $1.value : $0 }
  }

  /// Whether it can be read as the text.
  var canBeText: Bool { otherKinds == 0 && listCount == 0 && filled > 0 }

  /// Whether the values look like texts: mostly different, and of several words or, in a writing
  /// without spaces such as Chinese, of several characters.
  var looksLikeText: Bool {
    canBeText && numberCount * 2 < filled && distinct * 2 > filled && !hasDates
      && (spacedCount * 2 > filled || byteCount >= 2 * characterCount && meanLength >= 8)
  }

  /// Whether each value is short, without spaces and different from all others.
  var looksLikeID: Bool {
    filled > 1 && distinct == filled && spacedCount == 0 && longest <= 64 && decimalCount == 0
      && listCount == 0 && !isMultiLabel
  }
}

// MARK: Joined labels

extension ColumnProfile {
  /// The labels that a separator divides the values into; nil if no value has it.
  func divided(by separator: String) -> ColumnProfile? {
    let separator = Array(separator.utf8)
    guard counts.contains(where: { $0.key.bytes.firstRange(of: separator) != nil }) else {
      return nil
    }
    var result = ColumnProfile(name: name)
    for (value, rows) in counts.sorted(by: {
      $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
    }) {
      let labels = value.bytes.split(separator: separator, omittingEmptySubsequences: false)
      result.add(labels: labels.map { Array($0) }, rows: rows)
    }
    return result
  }

  /// The text that probably separates several labels in the values: over half of them have it, and there are at
  /// most half as many labels as values.
  public var likelySeparator: String? {
    guard !isMultiLabel else { return nil }
    return ["|", ";", ","].first { separator in
      let rows = counts.reduce(0) {
        $1.key.bytes.firstRange(of: Array(separator.utf8)) == nil ? $0 : $0 + $1.value
      }
      guard rows * 2 > filled, let labels = divided(by: separator) else { return false }
      return labels.distinct * 2 <= distinct
    }
  }
}
