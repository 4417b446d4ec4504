import Support

/// What is asked for of labelled text of the user's own; what is left open takes its default.
public struct TableOptions: Equatable, Sendable {
  /// What the task is called; it has to be given.
  public var task: String?
  /// How the text lies in files; `auto` by default.
  public var format: TableFormat?
  /// The column or key of the text; `text` by default.
  public var textColumn: String?
  /// The column or key of the label; `label` by default.
  public var labelColumn: String?
  /// The column or key of the split, for data that are divided already.
  public var splitColumn: String?
  /// The names of the columns between commas, for tables without a line of them.
  public var header: String?
  /// Which class each label means, such as `1=negative,2=negative,3=neutral`; a label that is not
  /// there is dropped. By default each label is a class.
  public var labels: String?
  /// How texts are written; `none` by default.
  public var markup: MarkupFormat?
  /// What becomes of a bad row; `stop` by default.
  public var onError: RowErrorPolicy?

  /// Everything left open.
  public init() {}

  /// The flags that were given, without their dashes.
  public var given: [String] {
    let flags: KeyValuePairs = [
      "name": task != nil, "format": format != nil, "text-column": textColumn != nil,
      "label-column": labelColumn != nil, "split-column": splitColumn != nil,
      "header": header != nil, "labels": labels != nil, "markup": markup != nil,
      "on-error": onError != nil,
    ]
    return flags.filter(\.value).map(\.key)
  }
}

extension IngestOptions {
  /// The reader that these options describe.
  /// - Throws: ``UserError`` of kind `usage`.
  func labelledText() throws -> TableDataset {
    let columns = CSVHeader(
      text: labelled.textColumn ?? "text", label: labelled.labelColumn ?? "label",
      split: labelled.splitColumn)
    guard Set(columns.all).count == columns.all.count else {
      throw UserError(
        .usage, at: "--label-column", problem: "one column for two things",
        expected: "a column each for text, label and split")
    }
    return TableDataset(
      task: try taskName(), format: labelled.format ?? .auto, columns: columns,
      header: try header(for: columns), labels: try labelled.labels.map { try LabelMap($0) },
      markup: labelled.markup ?? .none, division: try division(),
      onError: labelled.onError ?? .stop, seed: seed)
  }

  /// A name that can be a folder's and a manifest's, and is none of the data sets whose results the
  /// report puts beside the paper's.
  private func taskName() throws -> String {
    let expected = "a name for your task of letters, digits, - and _, such as --name reviews"
    guard let task = labelled.task else {
      throw UserError(.usage, at: "--name", problem: "no name", expected: expected)
    }
    let isName =
      !task.isEmpty && task.utf8.count <= 64 && task.utf8.first != UInt8(ascii: "-")
      && task.utf8.allSatisfy {
        isNumberOrLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      }
    guard isName else {
      throw UserError(.usage, at: "--name", problem: "“\(task)”", expected: expected)
    }
    guard task != "none", !Dataset.published.contains(where: { $0.rawValue == task }) else {
      throw UserError(
        .usage, at: "--name", problem: "“\(task)”, which means something else already",
        expected: "another name")
    }
    return task
  }

  private func header(for columns: CSVHeader) throws -> [String]? {
    guard let header = labelled.header else { return nil }
    let names = header.split(separator: ",", omittingEmptySubsequences: false)
      .map { String(decoding: normalizeText(Array($0.utf8)), as: UTF8.self) }
    guard columnIndices(of: columns.all, in: names) != nil else {
      var refusal = lackOfColumns(
        columns.all, in: names, at: "--header", hint: CSVHeader.hint)
      refusal.exitStatus = .usage
      throw refusal
    }
    return names
  }

  private func division() throws -> SplitStrategy {
    let kind: SplitStrategy.Kind
    switch split {
    case nil: kind = labelled.splitColumn == nil ? .random : .given
    case .random: kind = .random
    case .randomNear: kind = .randomNear
    case .official: kind = .given
    case .officialDev:
      throw UserError(
        .usage, at: "--split", problem: "official-dev for labelled text",
        expected: "random, random-near or official")
    }
    guard kind == .given || labelled.splitColumn == nil else {
      throw UserError(
        .usage, at: "--split-column", problem: "given beside --split \(split?.rawValue ?? "")",
        expected: "--split official, or none")
    }
    if kind == .given {
      for (option, portion) in [("train", train), ("test", test)] where portion != nil {
        throw UserError(
          .usage, at: "--\(option)", problem: "given for rows that are divided already",
          expected: "--validation alone, for data without validation rows")
      }
    }
    for (option, portion) in [("train", train), ("validation", validation), ("test", test)] {
      _ = try portion?.count.map { try checked($0, option) }
    }
    return SplitStrategy(
      kind: kind, train: train, validation: validation ?? .share(.tenth),
      test: test ?? .share(.fifth))
  }
}

private func isNumberOrLetter(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: false
  }
}
