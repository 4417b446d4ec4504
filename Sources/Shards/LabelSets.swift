import Safetensors
import Support

/// The labels of a row in one cell of a table, joined by `|`, which in a label is written as `\u{7c}`;
/// empty for no label.
public func joinedLabels(_ labels: some Sequence<String>) -> String {
  labels.map { $0.replacing("|", with: #"\u{7c}"#) }.joined(separator: "|")
}

/// The labels of rows of a multi-label task: each row has any number of classes, also none. In a file
/// two tensors, `label` I32 [labels] with the labels of all rows, and `label.offset` I64 [rows+1] with
/// the position where those of each row begin, and the end.
public struct LabelSets: Equatable, Sendable {
  /// The labels of all rows.
  private var labels: [Int32] = []
  private var offsets: [Int64] = [0]

  /// No rows.
  public init() {}

  /// Rows with these labels.
  public init(_ rows: some Sequence<some Sequence<Int32>>) { for row in rows { append(row) } }

  /// Reads the labels of rows and checks them.
  /// - Throws: ``UserError`` with exit status `data` unless those of each row are classes in ascending
  ///   order.
  init(_ file: SafetensorsFile, rows: Int, classCount: Int) throws {
    offsets = try file.values("label.offset", shape: [rows + 1])
    labels = try file.values("label", shape: [nil])
    try checkOffsets(offsets, of: "label", count: labels.count, in: file)
    for row in 0..<rows {
      let labels = self[row]
      guard labels.allSatisfy({ 0 <= $0 && $0 < classCount }),
        zip(labels, labels.dropFirst()).allSatisfy(<)
      else {
        throw UserError(
          .data, at: "\(file.path): tensor “label”, row \(row)", problem: "\(Array(labels))",
          expected: "classes below \(classCount) in ascending order")
      }
    }
  }

  /// The number of rows.
  public var count: Int { offsets.count - 1 }
  /// The number of labels of all rows.
  public var labelCount: Int { labels.count }

  /// The labels of a row in ascending order.
  public subscript(row: Int) -> ArraySlice<Int32> {
    labels[Int(offsets[row])..<Int(offsets[row + 1])]
  }

  /// Adds a row with these labels.
  public mutating func append(_ row: some Sequence<Int32>) {
    labels += Set(row).sorted()
    offsets.append(Int64(labels.count))
  }

  /// Adds the rows of others.
  mutating func append(_ others: LabelSets) {
    offsets += others.offsets.dropFirst().map { $0 + Int64(labels.count) }
    labels += others.labels
  }

  /// These rows, in this order.
  func rows(_ rows: some Sequence<Int>) -> LabelSets { LabelSets(rows.map { self[$0] }) }

  /// Adds the tensors of the rows.
  func write(to document: inout SafetensorsDocument) {
    document.set("label", shape: [labels.count], labels)
    document.set("label.offset", shape: [offsets.count], offsets)
  }
}
