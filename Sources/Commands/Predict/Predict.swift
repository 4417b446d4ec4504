import ArgumentParser
import Datasets
import Foundation
import Inference
import StageKit
import Support

/// The tool `predict`: classifies texts with a trained model.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Classifies new texts with a trained model.",
    discussion: """
      Reads one text per line and writes, in the same order, the line number, the most probable \
      class, the fraction of the tokens that the model knows, and the probability of each class, as \
      TSV or, with --json, as JSON lines. Texts are \
      normalized and tokenized like the training texts; a text without tokens counts as one \
      unknown word. Predictions are written as soon as no more input is available.

      EXAMPLES
        echo 'what a lovely film' | predict          with the quickstart's model
        predict --checkpoint runs/paper/train --task yelp reviews.txt
        predict --markup html --column review --on-error skip films.csv >out.tsv
        predict --json --with-text --column body posts.jsonl | jq .label
        predict --column review --keep id,date films.csv
        predict --precision 0.95 --otherwise unsure reviews.txt
        predict --threshold 0.8 --top 3 reviews.txt
        predict --explain 5 reviews.txt
        predict --pick 100 --pick-format prodigy --keep id a.csv >tasks.jsonl
      """,
    version: "predict, version 2")

  @Argument(
    help: """
      Files to read, - for standard input (default: standard input). Each may be compressed (gzip, \
      bzip2, xz, zstandard, LZ4) or the only one of a zip, 7-Zip or tar file.
      """, completion: .file())
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "The model: the output of train or finetune.", valueName: "folder or file"),
    completion: .file())
  var checkpoint = "runs/quickstart/finetune"

  @Option(help: "The task whose classes to predict (default: the last task of the training).")
  var task: String?

  @Option(
    help: """
      The format of the input: text (one text per line), csv (the first line names the columns; \
      quotes as in RFC 4180), tsv (no quoting), json-lines (or an array of objects), xlsx (the first \
      row names the columns), fasttext (labels are ignored), or auto: by the name of the file or, with --column, by its first line.
      """)
  var format = InputFormat.auto

  @Option(
    help: """
      The column (csv, tsv, xlsx) or key (json-lines) of the text; the texts of several are joined with \
      spaces. (default: text)
      """)
  var column: [String] = []

  @Option(
    help: """
      Columns or keys to copy to the output, separated by commas, such as id,date; names with \
      commas in double quotes.
      """)
  var keep: [String] = []

  @OptionGroup var file: TextFileFlags

  @Option(
    help: """
      The markup of the texts: none, html (as ingest reads reviews), tweet (&amp; and \\n, as \
      ingest reads tweets).
      """)
  var markup = MarkupFormat.none

  @Option(help: "The handling of a bad line: stop, or skip with a warning.")
  var onError = RowErrorPolicy.stop

  @OptionGroup var answers: AnswerFlags

  @Option(help: "Write at most this many classes, the most probable first, in place of all.")
  var top: Int?

  @Option(
    help: ArgumentHelp(
      "Also write the words, at most this many, that moved the prediction most, with their effects.",
      discussion: "Effects on the logit of the predicted class; see the documentation."))
  var explain: Int?

  @OptionGroup var picks: PickFlags

  @Flag(help: "Write JSON lines.")
  var json = false

  @Flag(help: "Also write the normalized text.")
  var withText = false

  @Option(help: "The maximum number of texts in a batch; does not change the results.")
  var batch = 256

  @Option(help: "The number of threads; does not change the results. By default one per processor.")
  var threads = processorCount

  @Flag(name: .shortAndLong, help: "Report only warnings.")
  var quiet = false

  @Flag(help: "Also report the model and its tokenizer.")
  var verbose = false

  /// The number of words that can be asked for.
  private static let explained = 1...100

  func validate() throws {
    for (name, value, range) in [("batch", batch, 1...65536), ("threads", threads, 1...1024)]
    where !range.contains(value) {
      throw ValidationError(
        "--\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound).")
    }
    if let explain, !Self.explained.contains(explain) {
      throw ValidationError(
        "--explain is \(explain); it must be from \(Self.explained.lowerBound) to "
          + "\(Self.explained.upperBound).")
    }
    for (flag, isGiven) in [
      ("threshold", answers.threshold != nil), ("precision", answers.answerPrecision != nil),
      ("top", top != nil),
      ("explain", explain != nil), ("json", json), ("with-text", withText),
    ] where isGiven && picks.pick != nil {
      throw ValidationError(
        "--\(flag) is given with --pick, which writes texts for a labelling tool; leave one out.")
    }
    if let top, top < 1 { throw ValidationError("--top is \(top); it must be 1 or more.") }
    for (flag, isGiven) in [("column", !column.isEmpty), ("keep", !keep.isEmpty)]
    where isGiven && (format == .text || format == .fastText) {
      throw ValidationError(
        "--\(flag) is given for --format \(format.rawValue), which has no columns.")
    }
    let kept = try keptColumns
    if let twice = kept.first(where: { name in kept.count { $0 == name } > 1 }) {
      throw ValidationError("--keep names “\(twice)” twice.")
    }
  }

  func run() throws {
    try reportingErrors(of: "predict") {
      let log = Log(
        level: verbose ? .details : quiet ? .warnings : .normal, stage: "predict")
      do { try predict(log) } catch is BrokenPipe {}
    }
  }

  private func predict(_ log: Log) throws {
    let predictor = try Predictor(
      path: checkpoint, task: task, precision: answers.productPrecision, threads: threads)
    logStart(predictor, log)
    let rule = try answers.rule(predictor, log)
    // Flags about tables, too, say that it is none of plain text.
    let kept = try keptColumns
    let isTable =
      !kept.isEmpty || file.delimiter != nil || file.quote != nil || file.skipLines != nil
    let columns = column.isEmpty && isTable ? ["text"] : column
    var stream = try PredictionStream(
      predictor,
      input: PredictionStream.Input(
        format: format, columns: columns, kept: kept, markup: markup,
        options: TextFileOptions(
          encoding: file.encoding, delimiter: file.delimiter, quote: file.quote,
          skipLines: file.skipLines, sheet: file.sheet)),
      batchSize: batch, policy: onError, to: TextOutput(),
      as: OutputFormat(
        isJSON: json, includesFile: files.count > 1, kept: kept, includesText: withText, top: top,
        rule: rule, explained: explain),
      picks: picks.options,
      warn: { log.warning($0) })
    try stream.predict(files.isEmpty ? ["-"] : files) { input in
      if input.isTerminal { log.notice("reading from the terminal; end with Ctrl-D") }
    }
    logEnd(stream.statistics, log)
  }

  /// The names in `--keep`.
  private var keptColumns: [String] {
    get throws {
      let names = try keep.flatMap { list -> [String] in
        guard let names = commaSeparated(list) else {
          throw ValidationError("--keep \(list): a quotation mark is missing.")
        }
        return names
      }
      if names.contains("") { throw ValidationError("--keep has a column without a name.") }
      return names
    }
  }

  private func logStart(_ predictor: Predictor, _ log: Log) {
    log.detail("\(predictor.name) of \(checkpoint); tokenizer: \(predictor.tokenizer)")
    let classes = "task \(predictor.task.name): \(abbreviated(predictor.task.classNames))"
    if task == nil, !predictor.otherTasks.isEmpty {
      log.notice("\(classes) (--task for \(predictor.otherTasks.joined(separator: " or ")))")
    } else {
      log.detail(classes)
    }
  }

  private func logEnd(_ statistics: PredictionStream.Statistics, _ log: Log) {
    for (count, one, many, remark) in [
      (statistics.skipped, "line was skipped", "lines were skipped", ""),
      (
        statistics.notUTF8, "text had bytes that are not UTF-8",
        "texts had bytes that are not UTF-8",
        "; each became U+FFFD. Name the encoding, as in --encoding windows-1252"
      ),
      (
        statistics.empty, "text was empty", "texts were empty",
        "; each counts as one unknown word"
      ),
    ] where count > 0 { log.warning(NumberFormat.count(count, one, many) + remark) }
    if answers.isSelective {
      let answered = statistics.texts - statistics.unanswered
      log.notice("\(answered) of \(statistics.texts) texts answered")
    }
    if let count = picks.pick {
      log.notice(
        "\(NumberFormat.grouped(statistics.picked)) of \(NumberFormat.grouped(statistics.texts)) texts "
          + "picked"
          + (statistics.picked < count ? "; there are no more texts that differ" : ""))
    }
    log.detail("\(statistics.texts) texts were classified")
  }
}

extension InputFormat: ExpressibleByArgument {}
