import ArgumentParser
import Datasets
import StageKit

/// The flags of the user's own labelled text.
struct TableDatasetOptions: ParsableArguments {
  @Option(help: "The name of your task; letters, digits, - and _.")
  var name: String?

  @Option(
    help: """
      The file format: auto (detected by names and first lines), csv (with quotes; commas, \
      semicolons, tabs or |), tsv (no quoting), json-lines (or an array of objects), fasttext \
      (__label__NAME and a text), xlsx, folders (one text per file, in a folder named after its \
      class), or the export of an annotation tool: doccano, label-studio, prodigy, spacy or azure. \
      (default: auto)
      """)
  var format: TableFormat?

  @Option(
    help: """
      The column or key of the text; the texts of several are joined with spaces. (default: text)
      """)
  var textColumn: [String] = []

  @Option(
    help: "The column or key of the label; keys in JSON may be paths: data.label. (default: label)")
  var labelColumn: String?

  @Option(
    help: """
      The columns or keys of the classes, separated by commas, if each class has one: in each row one of \
      them is 1 and the others are 0; with --multi-label, any number is 1.
      """)
  var labelColumns: String?

  @Option(
    help: ArgumentHelp(
      "The text between several labels in a cell or a string, such as '|'; implies --multi-label.",
      valueName: "text"))
  var labelSeparator: String?

  @Option(
    help: """
      The column or key with train, validation or test, for rows that are already divided.
      """)
  var splitColumn: String?

  @Option(
    help: """
      The column or key of an ID, which is kept up to the predictions of evaluate. (default: file \
      and line of the row)
      """)
  var idColumn: String?

  @Option(
    help: "The names of all columns, separated by commas, for tables without a line of names.")
  var header: String?

  @OptionGroup var file: TextFileFlags

  @Option(
    help: """
      The class of each label, such as 1=negative,2=negative,3=neutral; names with commas or = in \
      double quotes. Rows with other labels are dropped and counted. (default: each label is a class)
      """)
  var labels: String?

  @Option(
    help: """
      A file with the class of each label, in place of --labels: a YAML or JSON mapping, or a .csv or \
      .tsv with two columns and no line of names.
      """)
  var labelFile: InputPath?

  @Option(
    help: """
      The markup of the texts: none (plain text), html, or tweet (&amp; and \\n). (default: none)
      """)
  var markup: MarkupFormat?

  @Flag(
    help: """
      Keep rows of a given split whose text is in another split, too, to compare with results that were \
      published on such files; they are too high.
      """)
  var allowLeaks = false

  @Option(
    help: """
      Cross-validation: deal the rows to this number of folds, such as 5, each of which is tested once. \
      Without --fold, all divisions are written: OUTPUT/fold=1 and so on, and OUTPUT/fold=all.
      """)
  var folds: Int?

  @Option(
    help: """
      The division to write: that which tests this fold, from 1, or all: the one without test rows, for \
      the model to use.
      """)
  var fold: String?

  @Option(help: "How bad rows are handled: stop, or skip and count them. (default: stop)")
  var onError: RowErrorPolicy?

  /// The options of the library, without the content of the file of labels.
  var options: TableOptions {
    var options = TableOptions()
    (options.name, options.format, options.header, options.labels) = (name, format, header, labels)
    (options.encoding, options.delimiter) = (file.encoding, file.delimiter)
    (options.quote, options.skipLines) = (file.quote, file.skipLines)
    options.sheet = file.sheet
    options.labelPairs = labelFile == nil ? nil : []
    options.textColumns = textColumn
    options.labelColumn = labelColumn
    options.labelColumns = labelColumns
    options.labelSeparator = labelSeparator
    options.splitColumn = splitColumn
    options.idColumn = idColumn
    (options.markup, options.onError) = (markup, onError)
    options.allowsLeaks = allowLeaks
    (options.folds, options.fold) = (folds, fold)
    return options
  }
}

extension TableFormat: ExpressibleByArgument {}
extension MarkupFormat: ExpressibleByArgument {}
extension RowErrorPolicy: ExpressibleByArgument {}
