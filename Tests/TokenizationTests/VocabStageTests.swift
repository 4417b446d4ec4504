import Foundation
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// The executable `vocab`: what it says and how it ends.
struct VocabStageTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\ncat 3 4\n")
    try bench.examples("a", ["the cat the dog", "the dog :)"])
  }

  private func vocab(_ arguments: String...) throws -> (
    status: Int32, output: String, error: String
  ) {
    try Program("\(Program.folder)/vocab", arguments, in: bench).end()
  }

  @Test func `a run writes all files and says what it found`() throws {
    let run = try vocab(
      "--examples", "a", "--vectors", "vectors.txt", "--dimension", "2", "--minimum-count", "1",
      "--output", "out", "--quiet")
    #expect(run.status == 0)
    #expect(run.error == "")
    #expect(
      run.output == """
        5 words: the unknown word, 4 of 4 words of the training text; 3 words without a vector got random numbers
        task  split  rows  tokens  with vector  in vocabulary
        a     train     2       7      57.14 %       100.00 %

        """)
    #expect(
      bench.read("out/summary.txt") == """
        tokenizer   ptb, punctuation apart, hashtags split, user names left out
        vectors     vectors.txt: 2 lines of 2 dimensions, 2 taken
        vocabulary  5 words: the unknown word, 4 of 4 words of the training text; 3 words without a vector got random numbers

        task  split  rows  tokens  types  with vector  (types)  in vocabulary   (types)
        a     train     2       7      4      57.14 %  50.00 %       100.00 %  100.00 %

        without a vector in a, train: dog 2, :) 1

        """)
    #expect(
      bench.names(in: "out") == [
        "a", "coverage.json", "embedding.safetensors", "stamp.json", "summary.json", "summary.txt",
        "vocabulary.safetensors", "vocabulary.tsv",
      ])
    #expect(bench.read("out/summary.json")?.contains(bench.path) == false)
  }

  @Test func `warnings are said, and kept in both summaries`() throws {
    try bench.vectors("THE 1 2\nDOG 3 4\n")
    let run = try vocab(
      "--examples", "a", "--vectors", "vectors.txt", "--dimension", "2", "--output", "out", "-q")
    #expect(run.status == 0)
    #expect(run.error.hasPrefix("vocab: warning: a: no word of the training texts has a vector"))
    let warning = run.error.dropFirst("vocab: ".count)
    #expect(!run.output.contains("warning"))
    #expect(bench.read("out/summary.txt")?.hasSuffix(warning) == true)
    #expect(bench.read("out/summary.json")?.contains("\"warnings\" : [") == true)
  }

  @Test func `flags that are required are named when they are missing`() throws {
    for (arguments, flag) in [
      (["--vectors", "vectors.txt", "--output", "out"], "examples"),
      (["--examples", "a", "--vectors", "vectors.txt"], "output"),
    ] {
      let run = try Program("\(Program.folder)/vocab", arguments, in: bench).end()
      #expect(run.status == 64)
      #expect(run.error.contains("Missing expected argument '--\(flag)"), "\(run.error)")
    }
  }

  @Test(arguments: [["--vectors", "none"], []])
  func `vectors are optional`(arguments: [String]) throws {
    let run = try Program(
      "\(Program.folder)/vocab", ["--examples", "a", "--output", "out", "-q"] + arguments, in: bench
    ).end()
    #expect(run.status == 0 && run.error == "", "\(run.error)")
    #expect(run.output.contains("; their vectors are random numbers"), "\(run.output)")
    #expect(!run.output.contains("with vector"))
    #expect(!run.output.contains("without a vector in a"))
    let refused = try Program(
      "\(Program.folder)/vocab",
      ["--examples", "a", "--output", "o", "--extra-words", "9"] + arguments,
      in: bench
    ).end()
    #expect(refused.status == 64 && refused.error.contains("--extra-words"), "\(refused.error)")
  }

  @Test func `refusals end with the status of their kind and leave nothing`() throws {
    let dimension = try vocab("--examples", "a", "--vectors", "vectors.txt", "--output", "out")
    #expect(dimension.status == 65)
    #expect(
      dimension.error.hasSuffix(
        """
        vectors.txt: word vectors of 2 dimensions in vectors.txt
          expected: 100 dimensions
          what to do: choose another file, or the dimension with --dimension

        """), "\(dimension.error)")
    #expect(!bench.has("out"))
    let missing = try vocab("--examples", "b", "--vectors", "vectors.txt", "--output", "out")
    #expect(missing.status == 66)
    for bad in [
      ["--tokenizer", "bert"], ["--dimension", "0"], ["--minimum-count", "0"],
      ["--maximum-words", "0"], ["--extra-words", "-1"], ["--extra-words", "some"],
    ] {
      let run = try Program(
        "\(Program.folder)/vocab", ["--examples", "a", "--vectors", "vectors.txt"] + bad, in: bench
      ).end()
      #expect(run.status == 64, "\(bad) \(run.error)")
    }
    #expect(try vocab("--examples", "a").status == 64)
  }

  /// A change of tokens, order or rows changes these bytes: then raise `Vocab.version`, so that
  /// results made before are seen to be stale, and note the new digest under it.
  @Test func `the bytes of each stage version are as noted`() throws {
    let noted = [
      "vocab, stage version 1": "d7cb8592b09fc3b3", "vocab, stage version 2": "d7cb8592b09fc3b3",
      "vocab, stage version 3": "288f9957fcbe9157", "vocab, stage version 4": "7815d3ddcc9561fa",
    ]
    try bench.vectors("the 0.1 0.2\ncat 0.3 0.4\n<unk> 0.5 0.6\n-- 1 2\nmr. 3 4\n")
    try bench.examples(
      "a", ["Mr. Cat can't see the U.S. -- it's #OneTag 😂 :)) @you", "THE CAFÉ… 9/11, 3.5"])
    var texts: [UInt8] = []
    for tokenizer in ["ptb", "twitter"] {
      let run = try vocab(
        "--examples", "a", "--vectors", "vectors.txt", "--dimension", "2", "--minimum-count", "1",
        "--tokenizer", tokenizer, "--extra-words", "all", "--output", "out")
      #expect(run.status == 0)
      for file in ["vocabulary.safetensors", "embedding.safetensors", "a/train.safetensors"] {
        texts += FileManager.default.contents(atPath: bench("out/\(file)")) ?? Data()
      }
    }
    let version = try vocab("--version").output.split(separator: "\n").first.map(String.init) ?? ""
    let found = texts.withUnsafeBytes { String(wyhash($0), radix: 16) }
    #expect(noted[version] == found)
  }
}
