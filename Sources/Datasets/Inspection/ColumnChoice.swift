import Shards
import Support

/// The columns that the user named.
public struct GivenColumns: Equatable, Sendable {
  /// The columns of the text.
  public var text: [String] = []
  /// The column of the label.
  public var label: String?
  /// The column of the ID.
  public var id: String?
  /// The column of the split.
  public var split: String?
  /// The text between several labels in a value of the label.
  public var labelSeparator: String?

  /// No columns.
  public init() {}

  /// All of them with their roles.
  var all: [(role: ColumnRole, name: String)] {
    text.map { (.text, $0) }
      + [(ColumnRole.label, label), (.id, id), (.split, split)].compactMap { role, name in
        name.map { (role, $0) }
      }
  }
}

/// The columns that are read, each with the reason for which it was chosen.
public struct ColumnChoice: Sendable {
  /// A chosen column.
  public struct Column: Sendable {
    /// Its values.
    public let profile: ColumnProfile
    /// Why it was chosen, as a phrase such as “the name”.
    public let reason: String
    /// The name of the column.
    public var name: String { profile.name }
  }

  /// The columns of the text, which are joined.
  public internal(set) var text: [Column] = []
  /// The column of the label, or the label that ``classColumns`` encode.
  public internal(set) var label: Column
  /// The columns of 0 and 1, one for each class; empty if there is a column of the label.
  public internal(set) var classColumns: [String] = []
  /// The text between several labels in a value of the label; nil if there is none.
  public internal(set) var labelSeparator: String?
  /// Whether a row can have any number of labels.
  public var isMultiLabel: Bool { label.profile.isMultiLabel }
  /// The column of the ID, if there is one.
  public internal(set) var id: Column?
  /// The column of the split, if there is one.
  public internal(set) var split: Column?
}

extension TableInspection {
  /// Chooses the columns: those that the user named, or else by usual names, or else by the values.
  /// - Throws: ``UserError`` with exit status `data` that shows all columns and names the flag, unless
  ///   the choice is clear.
  public func choose(_ given: GivenColumns = GivenColumns()) throws -> ColumnChoice {
    guard rows > 0 else {
      throw UserError(
        .data, at: path, problem: "no rows", expected: "rows with a text and a label each")
    }
    for (role, name) in given.all { try check(name, role) }
    var free = columns
    func take(_ name: String) -> ColumnProfile? {
      let found = free.first { $0.name == name }
      free.removeAll { $0.name == name }
      return found
    }
    func taken(_ names: [String]) -> [ColumnChoice.Column] {
      names.compactMap { take($0).map { ColumnChoice.Column(profile: $0, reason: "named by you") } }
    }
    let (text, label) = (taken(given.text), given.label.map { taken([$0]) }?.first)
    let (id, split) = (
      taken([given.id].compactMap { $0 }).first, given.split.map { taken([$0]) }?.first
    )
    let guessedSplit = split ?? guessedSplit(free)
    if let guessedSplit { _ = take(guessedSplit.name) }
    let guessedText = text.isEmpty ? try guessedText(free) : text
    for column in guessedText { _ = take(column.name) }
    let flags = label == nil ? flagColumns(free) : []
    let separator = flags.isEmpty ? given.labelSeparator : nil
    func divided(_ column: ColumnProfile) -> ColumnProfile {
      separator.flatMap { column.divided(by: $0) } ?? column
    }
    let guessedLabel =
      try label.map { .init(profile: divided($0.profile), reason: $0.reason) }
      ?? encodedLabel(flags) ?? guessedLabel(free.map(divided), dividing: separator != nil)
    _ = take(guessedLabel.name)
    try check(label: guessedLabel.profile)
    return ColumnChoice(
      text: guessedText, label: guessedLabel, classColumns: flags.map(\.name),
      labelSeparator: guessedLabel.profile.isMultiLabel ? separator : nil,
      id: id ?? guessedID(free), split: guessedSplit)
  }

  // MARK: Guesses

  private func guessedSplit(_ columns: [ColumnProfile]) -> ColumnChoice.Column? {
    let found = columns.filter {
      $0.filled == rows && $0.namedSplits.count > 1 && $0.namedSplits.contains(.train)
    }
    let column = found.first { ColumnRole.split.rank(of: $0.name) != nil } ?? found.first
    return column.map { .init(profile: $0, reason: "its values are names of splits") }
  }

  private func guessedText(_ columns: [ColumnProfile]) throws -> [ColumnChoice.Column] {
    let columns = columns.filter { $0.canBeText && isPresent($0) }
    let named = best(columns.filter { !$0.hasFewShortValues }, .text)
    guard named.count < 2 else { throw unclear(.text, named) }
    if let text = named.first {
      let isTitle = ColumnRole.titles.contains(ColumnRole.plain(text.name))
      let title = columns.first {
        $0.name != text.name && $0.looksLikeText
          && ColumnRole.titles.contains(ColumnRole.plain($0.name))
      }
      guard let title, !isTitle else { return [.init(profile: text, reason: "its name")] }
      return [title, text].map { .init(profile: $0, reason: "its name; both are joined") }
    }
    let texts = columns.filter(\.looksLikeText).sorted { $0.meanLength > $1.meanLength }
    guard let text = texts.first else { throw unclear(.text, []) }
    guard texts.count == 1 || text.meanLength >= 3 * texts[1].meanLength else {
      throw unclear(.text, texts)
    }
    return [.init(profile: text, reason: texts.count == 1 ? "the only texts" : "the longest texts")]
  }

  /// The columns of 0 and 1 that encode the labels; empty if another one is called as labels usually are.
  /// Unless there is one 1 in each row, another column of a few values could be the label, too.
  private func flagColumns(_ columns: [ColumnProfile]) -> [ColumnProfile] {
    let flags = columns.filter { $0.hasFlags && $0.filled == rows }
    let others = columns.filter { !$0.hasFlags && isPresent($0) }
    let named = best(columns.filter { $0.looksLikeLabel && isPresent($0) }, .label)
    guard flags.count > 1, named.isEmpty || flags.count > 2 && named.allSatisfy(\.hasFlags),
      isOneHot(flags)
        || others.allSatisfy({
          !$0.hasFewShortValues && ColumnRole.label.rank(of: $0.name) ?? 9 > 1
        })
    else { return [] }
    return flags
  }

  /// Whether columns of 0 and 1 have as many ones as there are rows.
  private func isOneHot(_ flags: [ColumnProfile]) -> Bool {
    flags.reduce(0) { $0 + $1.setFlags } == rows
  }

  private func encodedLabel(_ flags: [ColumnProfile]) -> ColumnChoice.Column? {
    guard !flags.isEmpty else { return nil }
    let isOneHot = isOneHot(flags)
    return .init(
      profile: ColumnProfile(oneHot: flags, isMultiLabel: !isOneHot),
      reason: "columns of 0 and 1, one for each class"
        + (isOneHot ? "" : ", with several ones or none in a row"))
  }

  /// - Parameter isDividing: whether the user has named what separates several labels.
  private func guessedLabel(
    _ columns: [ColumnProfile], dividing isDividing: Bool
  ) throws -> ColumnChoice.Column {
    let columns = columns.filter { isPresent($0) }
    // A list may be something else than labels, if there is a label.
    func preferred(_ found: [ColumnProfile]) -> [ColumnProfile] {
      let first = found.filter { $0.isMultiLabel == isDividing }
      return first.isEmpty ? found : first
    }
    let named = preferred(best(columns.filter(\.looksLikeLabel), .label))
    guard named.count < 2 else { throw unclear(.label, named) }
    if let label = named.first { return .init(profile: label, reason: "its name") }
    // A column with the name of a label is the label, whatever is wrong with it.
    if let label = best(columns, .label).first, (ColumnRole.label.rank(of: label.name) ?? 9) < 2 {
      return .init(profile: label, reason: "its name")
    }
    let few = preferred(
      columns.filter { $0.hasFewShortValues && ColumnRole.id.rank(of: $0.name) == nil })
    guard let label = few.first, few.count == 1 else { throw unclear(.label, few) }
    return .init(profile: label, reason: "the only column of a few different values")
  }

  private func guessedID(_ columns: [ColumnProfile]) -> ColumnChoice.Column? {
    let columns = columns.filter { $0.looksLikeID && $0.filled == rows }
    if let named = best(columns, .id).first { return .init(profile: named, reason: "its name") }
    let others = columns.filter { !$0.hasDates }
    guard let id = others.first, others.count == 1 else { return nil }
    return .init(profile: id, reason: "the only column of short different values")
  }

  /// The columns with the clearest names for a role: none, one, or several that are equally clear.
  private func best(_ columns: [ColumnProfile], _ role: ColumnRole) -> [ColumnProfile] {
    let ranks = columns.map { role.rank(of: $0.name) ?? .max }
    guard let best = ranks.min(), best < .max else { return [] }
    return zip(columns, ranks).filter { $0.1 == best }.map(\.0)
  }

  /// Whether nearly all rows have a value, so that a missing one is a mistake in the data.
  private func isPresent(_ column: ColumnProfile) -> Bool {
    // A row may have none of several labels.
    column.isMultiLabel || column.filled * 10 >= rows * 9
  }

  // MARK: Errors

  private func check(_ name: String, _ role: ColumnRole) throws {
    guard let column = columns.first(where: { $0.name == name }) else {
      throw UserError(
        .usage, at: "\(role.flag) \(name)", problem: "no such column in \(path)",
        expected: "one of the columns", hint: "name another one:\n\(columnTable)")
    }
    if role == .text, !column.canBeText {
      throw UserError(
        .data, at: "\(role.flag) \(name)", problem: "values that are no text in \(path)",
        expected: "a column of texts", hint: "name another one:\n\(columnTable)")
    }
    if role == .split, column.namedSplits.isEmpty {
      throw UserError(
        .data, at: "\(role.flag) \(name)", problem: "other values than names of splits in \(path)",
        expected: "train, validation or test in each row",
        hint: "name another one, or leave the flag out:\n\(columnTable)")
    }
  }

  private func check(label: ColumnProfile) throws {
    let place = "in \(rowPhrase)"
    guard label.canBeLabel else {
      throw UserError(
        .data, at: path,
        problem: "the column “\(label.name)” has \(NumberFormat.grouped(label.distinct)) different "
          + "values \(place)",
        expected: "a label with at most \(LabelIndex.maxClasses) different values",
        hint: (label.likelySeparator.map { "divide the values with --label-separator '\($0)', or " }
          ?? "")
          + "name another column with --label-column, or list in the manifest which values mean "
          + "which class (labels:):\n\(columnTable)")
    }
    guard label.distinct > 1 else {
      throw UserError(
        .data, at: path,
        problem: "the column “\(label.name)” has only the value “\(label.examples.first ?? "")” "
          + place,
        expected: "a label with two or more different values",
        hint: "name another column with --label-column, or add rows of other classes:\n"
          + columnTable)
    }
  }

  private func unclear(_ role: ColumnRole, _ candidates: [ColumnProfile]) -> UserError {
    let names = candidates.map { "“\($0.name)”" }.joined(separator: " and ")
    var hint = "name it with \(role.flag)"
    if role == .text, candidates.count > 1 { hint += "; several are joined" }
    if role == .label, let separator = columns.lazy.compactMap(\.likelySeparator).first {
      hint += ", and divide several labels in a value with --label-separator '\(separator)'"
    }
    if columns.count == 1 { hint += ", or another delimiter of the file with --delimiter" }
    if !hasHeader { hint += "; the first line holds a row, so the columns are numbered" }
    return UserError(
      .data, at: path,
      problem: candidates.isEmpty
        ? "no column is clearly the \(role.rawValue)"
        : "\(names) could be the \(role.rawValue)",
      expected: role == .label
        ? "one column of a few different values, or a name such as “label”"
        : "one column of texts, or a name such as “text”",
      hint: "\(hint):\n\(columnTable)")
  }

  /// All columns with what is in them.
  private var columnTable: String {
    TextTable.text(
      columns.map { column in
        let examples = column.examples.map { "“\($0)”" }
        // One long example tells as much as three short ones.
        let shown = examples.joined().count > 48 ? examples.prefix(1) : examples[...]
        return [
          "    \(column.name)", "\(NumberFormat.grouped(column.distinct)) different",
          shown.joined(separator: ", "),
        ]
      })
  }

  /// The number of rows in words.
  public var rowPhrase: String {
    (isComplete ? "" : "the first ") + NumberFormat.count(rows, "row")
  }
}
