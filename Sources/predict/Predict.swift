import ArgumentParser
import Datasets
import Foundation
import Inference
import StageKit

/// The tool `predict`: texts in, classes and their probabilities out.
@main
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Judges new texts with a trained model.",
    discussion: """
      Reads one text a line and writes, in the same order, the line's number, the most probable \
      class and the probability of each class, as TSV or, with --json, as JSON lines. Text is \
      cleaned and cut into words as that of the training rows was; a text without a word is judged \
      as one unknown word. Answers are written as soon as no more input is waiting.

      EXAMPLES
        echo 'what a lovely film' | predict          with the quickstart's model
        predict --checkpoint runs/paper/train --task yelp reviews.txt
        predict --markup html --column review --on-error skip films.csv >answers.tsv
        predict --json --with-text --column body posts.jsonl | jq .label
      """,
    version: "predict, version 1")

  @Argument(
    help: "Files to read, - for standard input (default: standard input).", completion: .file())
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "The model: the output of train or finetune.", valueName: "folder or file"),
    completion: .file())
  var checkpoint = "runs/quickstart/finetune"

  @Option(help: "The task whose classes are asked for (default: the last that was learned).")
  var task: String?

  @Option(
    help: """
      How texts lie in lines: text (a line is one), csv (the first line names the columns; quotes \
      as in RFC 4180), tsv (no quoting), json-lines, or auto: by the file's name.
      """)
  var format = InputFormat.auto

  @Option(help: "The column (csv, tsv) or key (json-lines) of the text.")
  var column = "text"

  @Option(
    help: """
      How texts are written: none (to be taken as they are), html (as ingest reads reviews), tweet \
      (&amp; and \\n, as ingest reads tweets).
      """)
  var markup = MarkupFormat.none

  @Option(help: "What becomes of a bad line: stop, or skip after saying so.")
  var onError = RowErrorPolicy.stop

  @Flag(help: "Write JSON lines.")
  var json = false

  @Flag(help: "Write the cleaned text, too.")
  var withText = false

  @Option(help: "How many texts are judged together at most; changes no byte.")
  var batch = 256

  @Option(help: "How many threads to use; changes no byte. By default one a processor.")
  var threads = processorCount

  @Flag(name: .shortAndLong, help: "Report nothing but warnings.")
  var quiet = false

  @Flag(help: "Report also which model is used and how text becomes words.")
  var verbose = false

  func validate() throws {
    for (name, value, range) in [("batch", batch, 1...65536), ("threads", threads, 1...1024)]
    where !range.contains(value) {
      throw ValidationError(
        "--\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound).")
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
    let predictor = try Predictor(path: checkpoint, task: task, threads: threads)
    introduce(predictor, log)
    var stream = try PredictionStream(
      predictor, rows: (format, column, markup), batch: batch, policy: onError, to: TextOutput(),
      as: OutputFormat(isJSON: json, namesFile: files.count > 1, quotesText: withText),
      warn: { log.warning($0) })
    try stream.judge(files.isEmpty ? ["-"] : files) { input in
      if input.isTerminal { log.info("reading from the terminal; end with Ctrl-D") }
    }
    conclude(stream.tally, log)
  }

  private func introduce(_ predictor: Predictor, _ log: Log) {
    log.detail("\(predictor.name) of \(checkpoint); words: \(predictor.tokenizer)")
    if predictor.isTokenizerAssumed {
      log.warning("the model does not say how text becomes words; taken: \(predictor.tokenizer)")
    }
    let classes = "task \(predictor.task): \(predictor.classNames.joined(separator: ", "))"
    if task == nil, !predictor.otherTasks.isEmpty {
      log.info("\(classes) (--task for \(predictor.otherTasks.joined(separator: " or ")))")
    } else {
      log.detail(classes)
    }
  }

  private func conclude(_ tally: PredictionStream.Tally, _ log: Log) {
    for (count, what) in [
      (tally.skipped, "lines were skipped"),
      (tally.notUTF8, "texts had bytes that are not UTF-8; each became U+FFFD"),
      (tally.empty, "texts were empty; each was judged as one unknown word"),
    ] where count > 0 { log.warning("\(count) \(what)") }
    log.detail("\(tally.texts) texts were judged")
  }
}

extension InputFormat: ExpressibleByArgument {}
extension MarkupFormat: ExpressibleByArgument {}
extension RowErrorPolicy: ExpressibleByArgument {}
