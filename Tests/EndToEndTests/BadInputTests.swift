import Foundation
import Testing
import TestSupport

/// The stages after `ingest` with unusable input: files of another stage, another vocabulary, damaged
/// models, numbers out of range.
struct BadInputTests {
  private static let made = "runs/quickstart"

  /// Creates a directory with all outputs of a small quickstart and damaged copies of them.
  private static func bench() throws -> TemporaryDirectory {
    let bench = try Project.bench()
    try Project.quick(bench)
    let run = try Project.run(
      "pipeline", ["run", "quick.yaml", "--until", "finetune"], in: bench)
    try #require(run.status == 0, "\(run.error)")
    let other = try Project.run(
      "vocab",
      ["--examples", "\(made)/imdb", "--vectors", "fixtures/glove.fixture.zip"]
        + ["--output", "other"],
      in: bench)
    try #require(other.status == 0, "\(other.error)")
    let vectors = try Data(contentsOf: URL(fileURLWithPath: bench("fixtures/glove.fixture.zip")))
    try bench.write(vectors.prefix(vectors.count / 2), to: "vectors.half")
    try bench.write("no vectors\n", to: "note.txt")
    try bench.write("<!DOCTYPE html><html>quota</html>", to: "page.zip")
    try bench.write("", to: "empty.zip")
    try damage(try Data(contentsOf: URL(fileURLWithPath: bench("\(made)/train/model.safetensors"))))
      .forEach { try bench.write($0.value, to: "model.\($0.key)") }
    return bench
  }

  /// A model file, damaged in several ways.
  private static func damage(_ model: Data) throws -> [String: Data] {
    let length = model.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: model[8..<8 + length], as: UTF8.self)
    func lying(_ key: String, _ truth: String, _ lie: String) throws -> Data {
      var text = header.replacing("\\\"\(key)\\\":\(truth),", with: "\\\"\(key)\\\":\(lie),")
      try #require(text != header)
      text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
      let size = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
      return size + Data(text.utf8) + model.dropFirst(8 + length)
    }
    var flipped = model
    flipped[8] ^= 0x20
    return [
      "cut": model.dropLast(100), "flipped": flipped, "short": model.prefix(7),
      "long": Data(repeating: 0xFF, count: 8) + model.dropFirst(8),
      "larger": try lying("hidden", "8", "65536"), "less": try lying("maximumLength", "300", "-1"),
    ]
  }

  @Test func `wrong inputs and numbers are rejected and nothing is written`() throws {
    let bench = try Self.bench()
    let tables = [Self.vocab, Self.train, Self.finetune, Self.evaluate]
    for refused in tables.joined() { try refused.check(in: bench) }
  }

  private static let vocab = [
    Refused(
      "vocab --examples \(made)/yelp --vectors vectors.half --output out", 65,
      """
      vocab: vectors.half: damaged or cut: the directory at the end of the zip is missing
        expected: a whole archive
        what to do: download it again and compare its size with the publisher's

      """),
    Refused(
      "vocab --examples \(made)/yelp --vectors page.zip --output out", 65,
      """
      vocab: page.zip: an HTML page
        expected: a zip, tar, compressed or text file
        what to do: the server sent a page (an error, a login, a quota) instead of the file; open \
      it in a browser to see what it says, and download the archive again

      """),
    Refused(
      "vocab --examples \(made)/yelp --vectors empty.zip --output out", 65,
      """
      vocab: empty.zip: an empty file (0 bytes)
        expected: a zip, tar, compressed or text file
        what to do: the download failed; download it again

      """),
    Refused(
      "vocab --examples \(made)/yelp --vectors note.txt --output out", 65,
      """
      vocab: note.txt: no word vectors
        expected: lines of a word and 100 numbers, separated by single spaces
        what to do: name an archive or text file of GloVe vectors, such as glove.6B.zip

      """),
    Refused(
      "vocab --examples \(made)/yelp --vectors fixtures/glove.fixture.zip --dimension 300 "
        + "--output out", 65,
      """
      vocab: fixtures/glove.fixture.zip: word vectors of 50 dimensions in \
      glove.fixture.50d.txt, 100 dimensions in glove.fixture.100d.txt
        expected: 300 dimensions
        what to do: choose another file, or the dimension with --dimension

      """),
    Refused(
      "vocab --examples \(made)/train --vectors fixtures/glove.fixture.zip --output out", 66,
      """
      vocab: \(made)/train: no train, validation or test.safetensors
        expected: the output of ingest
        what to do: run ingest first, or check the path

      """),
    Refused(
      "vocab --examples \(made)/vocab/yelp --vectors fixtures/glove.fixture.zip --output out", 65,
      """
      vocab: \(made)/vocab/yelp/train.safetensors: format “tokens” version “1”
        expected: format “examples” version “1” or “2”
        what to do: point at the output of the stage that writes examples

      """),
    Refused(
      "vocab --base \(made)/yelp --examples \(made)/imdb --vectors fixtures/glove.fixture.zip "
        + "--output out", 66,
      """
      vocab: \(made)/yelp: no vocabulary.safetensors
        expected: the output of vocab or of train
        what to do: run vocab for the earlier tasks first, or check --base

      """),
    Refused(
      "vocab --examples \(made)/yelp --vectors fixtures/glove.fixture.zip --minimum-count 9999999 "
        + "--output out", 64,
      """
      vocab: --minimum-count: no word of the training text occurs so often
        expected: a vocabulary of at least one word
        what to do: ask for less

      """),
    .usage(
      "vocab --examples \(made)/yelp --vectors note.txt --dimension -1 --output out",
      "--dimension is -1; it must be from 1 to 10000."),
  ]

  private static let train =
    [
      Refused(
        "train --vocab none --output out", 66,
        """
        train: --vocab none: no such file or folder
          what to do: check the path, or run the stage that makes it first

        """),
      Refused(
        "train --vocab \(made)/yelp --output out", 66,
        """
        train: \(made)/yelp: no vocabulary.safetensors in it
          expected: the output of the stage vocab
          what to do: run vocab first, or check the path

        """),
      Refused(
        "train --vocab \(made)/vocab --task movies --output out", 66,
        """
        train: \(made)/vocab: no training rows for the task “movies”
          expected: one of: ei-reg, yelp
          what to do: name a task of this folder, or run vocab with its examples

        """),
      Refused(
        "train --vocab \(made)/vocab --model lstm-linear --output out", 64,
        """
        train: lstm-linear: 2 tasks: ei-reg, yelp
          expected: one task: the paper trains LSTM+linear on each task alone
          what to do: give --task once, and run train again for the other

        """),
      Refused(
        "train --vocab \(made)/vocab --hidden 65536 --output out", 64,
        """
        train: --hidden 65536: a network of * numbers, which takes * GB to train
          expected: no more than the memory of this machine, *
          what to do: use fewer hidden units

        """),
      Refused(
        "train --vocab \(made)/vocab --hidden 8 --learning-rate 1e30 --output out", 65,
        """
        train: training, epoch 1, step 1: the loss or the gradient is not a finite number
          expected: a loss that falls
          what to do: use a lower --learning-rate or a smaller --max-grad-norm

        """),
    ]
    + [
      ("--hidden 100000000", "--hidden is 100000000; it must be from 1 to 65536."),
      ("--hidden 0", "--hidden is 0; it must be from 1 to 65536."),
      ("--batch 0", "--batch is 0; it must be from 1 to 1000000000."),
      (
        "--batch 9223372036854775807",
        "--batch is 9223372036854775807; it must be from 1 to 1000000000."
      ),
      ("--epochs -1", "--epochs is -1; it must be from 0 to 1000000000."),
      ("--micro-batches 100000", "--micro-batches is 100000; it must be from 1 to 256."),
      ("--threads 0", "--threads is 0; it must be from 1 to 1024."),
      ("--learning-rate nan", "--learning-rate is nan; it must be above 0."),
      ("--learning-rate -1", "--learning-rate is -1.0; it must be above 0."),
      ("--max-grad-norm nan", "--max-grad-norm is nan; it must be from 0 to 1000000000."),
      (
        "--checkpoint-seconds inf",
        "--checkpoint-seconds is inf; it must be from 0 to 1000000000."
      ),
      ("--mixing nan", "--mixing is nan; it must be from 0 to 1."),
      ("--epsilon 0", "--epsilon is 0.0; it must be above 0."),
      ("--forget-bias nan", "--forget-bias is nan; it must be a number."),
      ("--head-dropout 1", "--head-dropout is 1.0; it must be from 0 to below 1."),
      ("--word-dropout 1", "--word-dropout is 1.0; it must be from 0 to below 1."),
      ("--vector-dropout -0.1", "--vector-dropout is -0.1; it must be from 0 to below 1."),
      ("--label-smoothing nan", "--label-smoothing is nan; it must be from 0 to below 1."),
      ("--ema-decay 1", "--ema-decay is 1.0; it must be from 0 to below 1."),
      ("--weight-decay 2", "--weight-decay is 2.0; it must be from 0 to 1."),
      (
        "--pooling first",
        "The value 'first' is invalid for '--pooling <pooling>'. Please provide one of 'auto', 'last', 'mean', 'max' or 'mean-max'."
      ),
      (
        "--seed 99999999999999999999",
        "The value '99999999999999999999' is invalid for '--seed <seed>': expected a whole number from -9223372036854775808 to 9223372036854775807"
      ),
      ("--task yelp --task yelp", "--task names one task twice: yelp, yelp."),
    ].map { .usage("train --vocab \(made)/vocab --output out \($0)", $1) }

  private static let finetune = [
    Refused(
      "finetune --checkpoint \(made)/vocab --vocab \(made)/imdb-vocab --output out", 66,
      """
      finetune: \(made)/vocab: no model.safetensors in it
        expected: the output of train or finetune
        what to do: run that first, or check the path

      """),
    Refused(
      "finetune --checkpoint \(made)/vocab/yelp/train.safetensors --vocab \(made)/imdb-vocab "
        + "--output out", 65,
      """
      finetune: \(made)/vocab/yelp/train.safetensors: format “tokens”, version 1
        expected: a model of format version 2, 3 or 4
        what to do: point at the output of train or finetune, or train an older model again

      """),
    Refused(
      "finetune --checkpoint \(made)/train --vocab \(made)/vocab --output out", 64,
      """
      finetune: --vocab \(made)/vocab: no task that the model does not know, and 2 that it knows
        expected: one task to train
        what to do: name it with --task

      """),
    Refused(
      "finetune --checkpoint \(made)/train --vocab other --output out", 65,
      """
      finetune: other: a vocabulary of * words that does not begin with the model's *
        expected: the model's vocabulary, extended
        what to do: run vocab with --base on the vocabulary that the model was trained with

      """),
    Refused(
      "finetune --checkpoint \(made)/train --vocab \(made)/imdb-vocab --source movies "
        + "--output out", 64,
      """
      finetune: --source: “movies”
        expected: a task of the model: ei-reg, yelp

      """),
    Refused(
      "finetune --checkpoint \(made)/train --vocab \(made)/imdb-vocab --fit-validation-rows "
        + "--output out", 64,
      """
      finetune: --fit-validation-rows: a network without an n-gram layer
        expected: a network with --ngrams crossfit
        what to do: leave it out

      """),
    .usage(
      "finetune --checkpoint \(made)/train --vocab \(made)/imdb-vocab --batch 0 --output out",
      "--batch is 0; it must be from 1 to 1000000000."),
    .usage(
      "finetune --checkpoint \(made)/train --vocab \(made)/imdb-vocab --encoder-rate -1 "
        + "--output out", "--encoder-rate is -1.0; it must be from 0 to 1000000000."),
    .usage(
      "finetune --checkpoint \(made)/train --vocab \(made)/imdb-vocab --unfreeze-after -1 "
        + "--output out", "--unfreeze-after is -1; it must be from 0 to 1000000000."),
  ]

  private static let evaluate = [
    Refused(
      "evaluate --models \(made)/finetune --vocab \(made)/vocab --output out", 66,
      """
      evaluate: \(made)/finetune: a model of the task “imdb”, and no --vocab with its rows
        expected: the output of vocab that the model was trained on
        what to do: add it with --vocab

      """),
    Refused(
      "evaluate --models \(made)/finetune --vocab other --output out", 65,
      """
      evaluate: \(made)/finetune: a model of the task “imdb” with another vocabulary than other
        expected: the output of vocab that the model was trained on
        what to do: add it with --vocab

      """),
    Refused(
      "evaluate --models \(made)/vocab/yelp/test.safetensors --vocab \(made)/vocab --output out",
      65,
      """
      evaluate: \(made)/vocab/yelp/test.safetensors: format “tokens”, version 1
        expected: a model of format version 2, 3 or 4
        what to do: point at the output of train or finetune, or train an older model again

      """),
    Refused(
      "evaluate --models model.cut --vocab \(made)/vocab --output out", 65,
      """
      evaluate: model.cut: tensor “vocabulary.text” ends 100 bytes after the file
        expected: the whole data
        what to do: run the stage that makes this file again, or download it again

      """),
    Refused(
      "evaluate --models model.flipped --vocab \(made)/vocab --output out", 65,
      """
      evaluate: model.flipped: byte 8: the byte 0x5b
        expected: { as the first byte
        what to do: this is not the header of a safetensors file; make the file again

      """),
    Refused(
      "evaluate --models model.short --vocab \(made)/vocab --output out", 65,
      """
      evaluate: model.short: not a safetensors file
        expected: 8 bytes of header length, the header as a JSON object, the data
        what to do: check the path; only safetensors files are read here, whatever their name is

      """),
    Refused(
      "evaluate --models model.long --vocab \(made)/vocab --output out", 65,
      """
      evaluate: model.long: a header of 18446744073709551615 bytes announced in a file of *
        expected: a safetensors file: 8 bytes of header length, the header, the data
        what to do: run the stage that makes this file again, or download it again

      """),
    Refused(
      "evaluate --models model.larger --vocab \(made)/vocab --output out", 65,
      """
      evaluate: model.larger: tensor “encoder.w_x”: F32 [32, 100]
        expected: F32 [262144, 100]

      """),
    Refused(
      "evaluate --models model.less --vocab \(made)/vocab --output out", 65,
      """
      evaluate: model.less: settings of “train”: rows of -1 tokens
        expected: 1 or more
        what to do: train the model again

      """),
    Refused(
      "predict --checkpoint model.less", 65,
      """
      predict: model.less: settings of “train”: rows of -1 tokens
        expected: 1 or more
        what to do: train the model again

      """),
    .usage(
      "evaluate --models \(made)/train --vocab \(made)/vocab --threads 0 --output out",
      "--threads is 0; it must be from 1 to 1024."),
  ]
}
