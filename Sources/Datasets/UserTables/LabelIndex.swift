import Support

/// The labels that are met in the data, and the classes that they become: those of a map or, without
/// one, the labels themselves.
struct LabelIndex {
  /// Without a map more classes than this are taken for a column of something else.
  static let mostClasses = 1000
  /// A label of more bytes is taken for a text.
  static let longestLabel = 200
  /// So many labels that the map lacks are counted one by one.
  static let namedStrangers = 20

  private let map: LabelMap?
  /// The labels in order of appearance; with a map those of its classes.
  private var labels: [[UInt8]] = []
  private var numbers: [ExampleKey: Int] = [:]
  private var met: Set<ExampleKey> = []
  private var strangers: [ExampleKey: Int] = [:]
  /// How many rows each label or class has.
  private var counts: [Int]

  init(_ map: LabelMap?) {
    self.map = map
    labels = map?.classes.map { Array($0.utf8) } ?? []
    counts = labels.map { _ in 0 }
  }

  /// Takes a row's label in.
  /// - Returns: a number for its class until ``ranking`` is known; nothing if the map lacks it.
  /// - Throws: ``UserError`` of kind `data` if this cannot be a column of labels.
  mutating func number(of label: [UInt8], at place: RowLocation) throws -> Int? {
    let key = ExampleKey(label)
    if let map {
      guard let number = map[label] else {
        if strangers[key] != nil || strangers.count < Self.mostClasses {
          strangers[key, default: 0] += 1
        } else {
          strangers[ExampleKey([]), default: 0] += 1
        }
        return nil
      }
      met.insert(key)
      counts[number] += 1
      return number
    }
    guard label.count <= Self.longestLabel else {
      throw refusal(at: place, problem: "a label of \(label.count) bytes")
    }
    let number = numbers[key] ?? labels.count
    if number == labels.count {
      guard number < Self.mostClasses else {
        throw refusal(at: place, problem: "more than \(Self.mostClasses) different labels")
      }
      numbers[key] = number
      labels.append(label)
      counts.append(0)
    }
    counts[number] += 1
    return number
  }

  private func refusal(at place: RowLocation, problem: String) -> UserError {
    let examples = labels.prefix(3).map { "“\(String(decoding: $0.prefix(40), as: UTF8.self))”" }
    return UserError(
      .data, at: place.description, problem: problem,
      expected: "the name of a class"
        + (examples.isEmpty ? "" : ", such as \(examples.joined(separator: ", ")) before"),
      hint: "name the right column with --label-column, or say with --labels what is a class")
  }

  /// The classes in their order, how many rows each has, and the place of each number among them.
  /// Those of a map stand as it names them; labels that are all whole numbers by their value, all
  /// others by their bytes.
  var ranking: (classes: [String], rows: [Int], ranks: [Int]) {
    var order = Array(labels.indices)
    if map == nil {
      let values = labels.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
      let keys = values.count == labels.count ? values : labels.map { _ in 0 }
      order.sort { left, right in
        keys[left] != keys[right]
          ? keys[left] < keys[right] : labels[left].lexicographicallyPrecedes(labels[right])
      }
    }
    var ranks = Array(labels.indices)
    for (rank, number) in order.enumerated() { ranks[number] = rank }
    return (
      order.map { String(decoding: labels[$0], as: UTF8.self) }, order.map { counts[$0] }, ranks
    )
  }

  /// Enters the rows whose labels the map lacks in the account, and warns of labels of the map that
  /// no row has.
  func report(to tally: inout IngestReport) {
    let sorted = strangers.filter { !$0.key.bytes.isEmpty }
      .sorted {
        $0.value != $1.value
          ? $0.value > $1.value : $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
      }
    for (key, rows) in sorted.prefix(Self.namedStrangers) {
      let label = String(decoding: key.bytes.prefix(60), as: UTF8.self)
      tally.drop("the label “\(label)” is not in --labels", rows)
    }
    let others = sorted.dropFirst(Self.namedStrangers).reduce(0) { $0 + $1.value }
    tally.drop(
      "another label that is not in --labels", others + (strangers[ExampleKey([])] ?? 0))
    for label in map?.labels ?? [] where !met.contains(ExampleKey(label)) {
      tally.warn("no row has the label “\(String(decoding: label, as: UTF8.self))” of --labels")
    }
  }
}
