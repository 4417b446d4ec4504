import StageKit
import Support

/// The tools of others for which a plan can be written down.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// Snakemake.
  case snakemake
  /// DVC.
  case dvc
  /// GNU make.
  case make

  /// How every exported file begins.
  public static let mark = "# Exported by pipeline export"

  /// The name under which the tool looks for its file.
  public var fileName: String {
    switch self {
    case .snakemake: "Snakefile"
    case .dvc: "dvc.yaml"
    case .make: "Makefile"
    }
  }

  /// What runs the file.
  public var command: String {
    switch self {
    case .snakemake: "snakemake --cores all"
    case .dvc: "dvc repro"
    case .make: "make"
    }
  }
}

extension Plan {
  /// The plan as a file of another tool: a rule for each row, with the row's own command line.
  /// - Throws: ``UserError`` of kind `configuration` if a word or path cannot stand in such a file.
  public func exported(as format: ExportFormat) throws -> String {
    for row in rows {
      // Only some shells have a way to write them on one line.
      for word in row.words where word.unicodeScalars.contains(where: { $0.value < 0x20 }) {
        throw UserError(
          .configuration, at: row.id,
          problem: "a control character in “\(escapingControlCharacters(word))”",
          expected: "words that every shell can read from one line",
          hint: "rename what is called so, or use pipeline run")
      }
    }
    let head = "\(ExportFormat.mark): the manifest \(name). To run it: \(format.command)\n"
    switch format {
    case .snakemake: return head + snakefile
    case .dvc: return head + (try dvcFile())
    case .make: return head + (try makefile())
    }
  }

  /// The paths whose change means that `row` has to be made again. Of an output that is its stamp,
  /// which is written last and anew whenever the output is.
  func prerequisites(of row: Job) -> [String] {
    (row.upstream.map { rows[$0].stamp } + row.sources.map(\.text)).unique
  }
}

extension Job {
  /// The file that shows that the output is whole.
  var stamp: String { "\(output)/\(Stamp.fileName)" }

  fileprivate var words: [String] { [command.executable] + command.arguments }
}
