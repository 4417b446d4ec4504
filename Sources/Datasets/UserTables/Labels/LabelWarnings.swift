import Foundation
import Support

/// A label as it is written in the data.
struct DataLabel {
  /// Normalized text.
  let bytes: [UInt8]
  /// The number of rows with this label.
  let rows: Int
  /// The class of the label; nil if its rows are dropped.
  let classIndex: Int?

  init(_ bytes: [UInt8], rows: Int, classIndex: Int? = nil) {
    (self.bytes, self.rows, self.classIndex) = (bytes, rows, classIndex)
  }

  var name: String { String(decoding: bytes, as: UTF8.self) }

  /// The label in quotes with its rows. Invisible characters are escaped, or twins would look equal.
  var description: String {
    "“\(escapingControlCharacters(name))” (\(NumberFormat.count(rows, "row"))"
      + (classIndex == nil ? ", dropped)" : ")")
  }
}

/// Warnings about labels that are probably not what the user means, each with the way to correct it.
enum LabelWarnings {
  /// Classes with fewer rows can hardly be learned or tested.
  static let minRows = 5

  /// - Parameters:
  ///   - labels: the labels of the data.
  ///   - classes: the classes; the same as the labels unless the user has listed these.
  static func about(_ labels: [DataLabel], classes: [DataLabel], isMapped: Bool) -> [String] {
    twins(labels) + (isMapped ? [] : missingValues(labels) + joined(labels)) + rareClasses(classes)
  }

  // MARK: Labels that look alike

  private typealias Variation = (name: String, undo: @Sendable (String) -> String)

  /// The ways in which the spelling of one class may vary, in the order in which they are undone.
  private static let variations: [Variation] = [
    (
      "invisible characters",
      { $0.filteringScalars { !$0.properties.isDefaultIgnorableCodePoint } }
    ),
    ("Unicode form", { $0.precomposedStringWithCompatibilityMapping }),
    ("white space", { $0.filteringScalars { !$0.properties.isWhitespace } }),
    ("case", { $0.uppercased().lowercased() }),
    ("the notation of a number or truth value", canonicalValue),
  ]

  private static func twins(_ labels: [DataLabel]) -> [String] {
    let groups = Dictionary(grouping: labels) { label in
      TextKey(Array(variations.reduce(label.name) { $1.undo($0) }.utf8))
    }
    let twins = groups.values.filter { Set($0.map(\.classIndex)).count > 1 }
      .sorted { $0[0].bytes.lexicographicallyPrecedes($1[0].bytes) }
    let shown = twins.prefix(5).map { group in
      "labels that differ only in \(differences(group)): "
        + group.prefix(10).map(\.description).joined(separator: ", ")
        + "; correct the data, or join them with --labels, such as \(joining(group))"
    }
    return twins.count > 5
      ? shown + ["further groups of labels that differ only in such ways: \(twins.count - 5)"]
      : shown
  }

  /// The variations without which the labels of a group would still differ, or the first that suffices.
  private static func differences(_ group: [DataLabel]) -> String {
    func spellings(_ variations: some Sequence<Variation>) -> Int {
      Set(group.map { TextKey(Array(variations.reduce($0.name) { $1.undo($0) }.utf8)) }).count
    }
    let needed = variations.indices.filter { index in
      spellings(variations.indices.filter { $0 != index }.map { variations[$0] }) > 1
    }
    let shown =
      needed.isEmpty ? variations.indices.filter { spellings([variations[$0]]) == 1 } : needed
    return shown.prefix(needed.isEmpty ? 1 : needed.count).map { variations[$0].name }
      .joined(separator: " and ")
  }

  /// The beginning of `--labels` that makes a group one class, named as its most frequent label.
  private static func joining(_ group: [DataLabel]) -> String {
    let name = group.reduce(group[0]) { $1.rows > $0.rows ? $1 : $0 }.name
    return group.prefix(3).map { "\(LabelMap.quoted($0.name))=\(LabelMap.quoted(name))" }
      .joined(separator: ",") + ",…"
  }

  /// A number without leading zeros and trailing decimal zeros, with 1 and 0 for true and false.
  @Sendable private static func canonicalValue(_ text: String) -> String {
    if ["true", "false"].contains(text.lowercased()) {
      return text.lowercased() == "true" ? "1" : "0"
    }
    guard let match = text.wholeMatch(of: /([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?/),
      text.utf8.contains(where: { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    else { return text }
    let (whole, decimals) = (match.output.2, match.output.3 ?? "")
    return (match.output.1 == "-" ? "-" : "") + (whole.isEmpty ? "0" : whole)
      + (decimals.isEmpty ? "" : ".\(decimals)")
  }

  // MARK: Missing values and rare classes

  /// Words by which pandas, R and databases write a missing value, in lower case.
  private static let missingWords: Set<String> = [
    "nan", "-nan", "none", "null", "nil", "na", "n/a", "<na>", "#n/a", "#na", "nat", "undefined",
  ]

  private static func missingValues(_ labels: [DataLabel]) -> [String] {
    let missing = labels.filter { missingWords.contains($0.name.lowercased()) }
    guard !missing.isEmpty else { return [] }
    let others = labels.filter { label in !missing.contains { $0.bytes == label.bytes } }
    return [
      "labels that look like missing values are classes: "
        + missing.map(\.description).joined(separator: ", ")
        + "; to drop these rows list the other labels: --labels "
        + others.prefix(10).map { LabelMap.quoted($0.name) }.joined(separator: ",")
        + (others.count > 10 ? ",…" : "")
    ]
  }

  /// Labels whose parts are labels, too: annotation tools join several labels of a text in this way.
  private static func joined(_ labels: [DataLabel]) -> [String] {
    let names = Set(labels.map(\.name))
    for separator in ["#", ";", "|", ","] {
      let joined = labels.filter { label in
        let parts = label.name.components(separatedBy: separator)
          .map { $0.trimmingCharacters(in: .whitespaces) }
        return parts.count > 1 && parts.allSatisfy { names.contains($0) }
      }
      guard !joined.isEmpty else { continue }
      return [
        "classes that look like several labels joined by “\(separator)”: "
          + joined.prefix(10).map(\.description).joined(separator: ", ")
          + (joined.count > 10 ? " and \(joined.count - 10) more" : "")
          + "; to read them as several, divide them with --label-separator '\(separator)'"
          + (separator == "#" ? ", or read an export of doccano with --format doccano" : "")
      ]
    }
    return []
  }

  private static func rareClasses(_ classes: [DataLabel]) -> [String] {
    let rare = classes.filter { $0.rows < minRows }
    guard !rare.isEmpty else { return [] }
    let shown = rare.prefix(10).map(\.description).joined(separator: ", ")
    return [
      "classes with fewer than \(minRows) rows, \(rare.count) of \(classes.count): \(shown)"
        + (rare.count > 10 ? " and \(rare.count - 10) more" : "")
        + (classes.count >= 10 && rare.count > classes.count / 2
          ? "; is --label-column right?" : "; add rows, or join or leave out classes with --labels")
    ]
  }
}

extension String {
  fileprivate func filteringScalars(_ isKept: (Unicode.Scalar) -> Bool) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: unicodeScalars.filter(isKept))
    return String(result)
  }
}
