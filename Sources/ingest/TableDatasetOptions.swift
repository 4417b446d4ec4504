import ArgumentParser
import Datasets
import StageKit

/// The flags of labelled text of the user's own.
struct TableDatasetOptions: ParsableArguments {
  @Option(help: "The name of your task; letters, digits, - and _.")
  var name: String?

  @Option(
    help: """
      How the text lies in files: auto (as names and first lines say), csv (with quotes; commas, \
      semicolons or tabs), tsv (no quoting), json-lines, or folders (a text a file, in a folder \
      called as its class). (default: auto)
      """)
  var format: TableFormat?

  @Option(help: "The column or key of the text. (default: text)")
  var textColumn: String?

  @Option(help: "The column or key of the label. (default: label)")
  var labelColumn: String?

  @Option(
    help: """
      The column or key that says train, validation or test, for rows that are divided already.
      """)
  var splitColumn: String?

  @Option(help: "The names of all columns between commas, for tables without a line of them.")
  var header: String?

  @Option(
    help: """
      What labels mean, such as 1=negative,2=negative,3=neutral; a label that is not named is \
      dropped and counted. (default: each label is a class)
      """)
  var labels: String?

  @Option(
    help: """
      How texts are written: none (to be taken as they are), html, or tweet (&amp; and \\n). \
      (default: none)
      """)
  var markup: MarkupFormat?

  @Option(help: "What becomes of a bad row: stop, or skip after counting it. (default: stop)")
  var onError: RowErrorPolicy?

  /// What the library is asked for.
  var options: TableOptions {
    var options = TableOptions()
    (options.task, options.format, options.header, options.labels) = (name, format, header, labels)
    options.textColumn = textColumn
    options.labelColumn = labelColumn
    options.splitColumn = splitColumn
    (options.markup, options.onError) = (markup, onError)
    return options
  }
}

extension TableFormat: ExpressibleByArgument {}
extension MarkupFormat: ExpressibleByArgument {}
extension RowErrorPolicy: ExpressibleByArgument {}

extension SplitSize: ExpressibleByArgument {
  /// Reads a number of rows, or a share such as `0.2`.
  public init?(argument: String) { self.init(argument) }
}
