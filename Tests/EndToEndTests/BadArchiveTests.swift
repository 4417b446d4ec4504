import Foundation
import Testing
import TestSupport

/// What people hand over in place of the publishers' archives.
struct BadArchiveTests {
  private static let anySet = """
    Yelp-JSON.zip (or the yelp_dataset tar inside it, or its review file); \
    SemEval2018-Task1-all-data.zip with the English EI-reg files; aclImdb_v1.tar.gz
    """
  private static let check =
    "check that this is the right download; the README says where the data comes from; labelled "
    + "text of your own wants a name: --name NAME"
  private static let again = "download it again and compare its size with the publisher's"

  /// Archives and folders that are not what they should be.
  private static func bench() throws -> TemporaryDirectory {
    let bench = try Project.bench()
    for (name, fixture) in [("yelp", "Yelp-JSON.zip"), ("imdb", "aclImdb_v1.tar.gz")] {
      let whole = try Data(contentsOf: URL(fileURLWithPath: bench("fixtures/\(fixture)")))
      try bench.write(whole.prefix(whole.count / 2), to: "\(name).half")
      var holed = whole
      for index in whole.count / 2..<whole.count / 2 + 64 { holed[index] = 0 }
      try bench.write(holed, to: "\(name).holed")
    }
    try bench.write("<!DOCTYPE html>\n<html><body>Quota exceeded</body></html>\n", to: "page.zip")
    try bench.write(
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", to: "pointer.zip")
    try bench.write("", to: "empty.zip")
    try bench.write("hello\n", to: "note.zip")
    try bench.write(Data("Rar!\u{1A}\u{7}\u{1}\0".utf8), to: "tweets.rar")
    try FileManager.default.createDirectory(
      atPath: bench("nothing"), withIntermediateDirectories: false)
    for name in ["__MACOSX/Yelp JSON/._x", "._review.json", ".DS_Store"] {
      try bench.write("x", to: "litter/\(name)")
    }
    try bench.write("{\"photo_id\":\"x\",\"label\":\"food\"}\n", to: "photos/photos.json")
    try bench.write("ID\tTweet\tanger\tjoy\n1\thi\t0\t1\n", to: "task/E-c/2018-E-c-En-train.txt")
    try bench.write(
      "ID\tTweet\tAffect Dimension\tIntensity Score\n1\thi\tanger\t0.600\n",
      to: "part/EI-reg-En-anger-train.txt")
    try bench.write("fine", to: "films/aclImdb/train/pos/0_9.txt")
    try bench.write("{\"stars\":\"many\",\"text\":\"hi\"}\n", to: "stars.json")
    return bench
  }

  private static let archives = [
    Refused(
      "ingest --archive none.zip --output out", 66,
      """
      ingest: --archive none.zip: no such file or folder
        what to do: check the path, or run the stage that makes it first

      """),
    Refused(
      "ingest --archive page.zip --output out", 65,
      """
      ingest: page.zip: an HTML page
        expected: a zip, tar, compressed or text file
        what to do: the server sent a page (an error, a login, a quota) instead of the file; open \
      it in a browser to see what it says, and download the archive again

      """),
    Refused(
      "ingest --archive pointer.zip --output out", 65,
      """
      ingest: pointer.zip: a Git LFS pointer instead of the file
        expected: a zip, tar, compressed or text file
        what to do: run “git lfs pull” where it was cloned, or download the file itself

      """),
    Refused(
      "ingest --archive empty.zip --output out", 65,
      """
      ingest: empty.zip: an empty file (0 bytes)
        expected: a zip, tar, compressed or text file
        what to do: the download failed; download it again

      """),
    Refused(
      "ingest --archive note.zip --output out", 65,
      """
      ingest: note.zip: neither an archive nor a file of a known data set
        expected: \(anySet)
        what to do: \(check)

      """),
    Refused(
      "ingest --archive tweets.rar --output out", 65,
      """
      ingest: tweets.rar: a RAR file
        expected: a zip, tar, compressed or text file
        what to do: pack the files as zip or tar.gz, or unpack them and name the folder

      """),
    Refused(
      "ingest --archive yelp.half --output out", 65,
      """
      ingest: yelp.half: damaged or cut: the directory at the end of the zip is missing
        expected: a whole archive
        what to do: \(again)

      """),
    Refused(
      "ingest --archive yelp.holed --output out", 65,
      """
      ingest: yelp.holed: Yelp JSON/yelp_dataset.tar: damaged or cut: *
        expected: a whole archive
        what to do: \(again)

      """),
    Refused(
      "ingest --archive imdb.half --output out", 65,
      """
      ingest: imdb.half: *damaged or cut: *
        expected: a whole archive
        what to do: \(again)

      """),
    Refused(
      "ingest --archive imdb.holed --output out", 65,
      """
      ingest: imdb.holed: *damaged or cut: *
        expected: a whole archive
        what to do: \(again)

      """),
  ]

  /// Folders with nothing in them, as far as anybody cares.
  private static let empty = ["nothing", "litter"].map {
    Refused(
      "ingest --archive \($0) --output out", 65,
      """
      ingest: \($0): no file in it
        expected: \(anySet)
        what to do: \(check)

      """)
  }

  private static let contents = [
    Refused(
      "ingest --archive photos --output out", 65,
      """
      ingest: photos: none of the files of a known data set, but photos.json
        expected: \(anySet)
        what to do: this is Yelp's photo archive, a separate download; take the JSON archive \
      from the same page

      """),
    Refused(
      "ingest --archive task --output out", 65,
      """
      ingest: task: none of the files of a known data set, but E-c/2018-E-c-En-train.txt
        expected: \(anySet)
        what to do: these are files of another SemEval task or language; take the archive of all \
      data of Task 1

      """),
    Refused(
      "ingest --archive part --output out", 65,
      """
      ingest: part: no EI-reg file for fear train, joy train, sadness train, anger dev, fear dev, \
      joy dev, sadness dev
        expected: the parts that the split “random” needs, for every emotion
        what to do: use the whole SemEval2018-Task1-all-data.zip, or choose another --split

      """),
    Refused(
      "ingest --archive films --output out", 65,
      """
      ingest: films: no review in train/neg
        expected: reviews in train/pos, train/neg, test/pos and test/neg
        what to do: use the publisher's aclImdb_v1.tar.gz, or the whole folder aclImdb

      """),
    Refused(
      "ingest --archive stars.json --output out", 65,
      """
      ingest: stars.json: row 1: “stars” is no number of 1 to 5
        expected: a review: a JSON object with “stars” and “text”
        what to do: take the JSON archive from Yelp's page

      """),
    Refused(
      "ingest --archive fixtures/Yelp-JSON.zip --train 5000 --output out", 65,
      """
      ingest: fixtures/Yelp-JSON.zip: Yelp JSON/yelp_dataset.tar: \
      yelp_academic_dataset_review.json: 1019 different texts
        expected: 8000, as --train, --validation and --test ask for
        what to do: ask for fewer rows, or use the publisher's whole archive

      """),
    Refused(
      "ingest --archive fixtures/Yelp-JSON.zip --dataset imdb --output out", 65,
      """
      ingest: fixtures/Yelp-JSON.zip: none of the files of imdb, but \
      Dataset_User_Agreement.pdf, yelp_academic_dataset_business.json, \
      yelp_academic_dataset_checkin.json, yelp_academic_dataset_review.json, \
      yelp_academic_dataset_tip.json and 1 more
        expected: aclImdb_v1.tar.gz
        what to do: \(check)

      """),
    Refused(
      "ingest --archive fixtures/Yelp-JSON.zip --threshold 0.5 --output out", 64,
      """
      ingest: --threshold: given for the data set yelp
        expected: an option of that data set
        what to do: leave it out; see --help

      """),
    Refused.usage(
      "ingest --archive fixtures/Yelp-JSON.zip --seed -1 --output out",
      "The value '-1' is invalid for '--seed <seed>': expected a whole number from 0 to 18446744073709551615"
    ),
    Refused.usage(
      "ingest --archive fixtures/SemEval2018-Task1-all-data.zip --threshold 0,5 --output out",
      "The value '0,5' is invalid for '--threshold <threshold>': expected a decimal from 0 to 1, such as 0.5; did you mean 0.5?"
    ),
  ]

  /// An archive where a folder is wanted, and the reverse.
  private static let swapped = [
    Refused(
      "vocab --examples fixtures/Yelp-JSON.zip --vectors fixtures/glove.fixture.zip --output out",
      66,
      """
      vocab: fixtures/Yelp-JSON.zip: no train, validation or test.safetensors
        expected: the output of ingest
        what to do: run ingest first, or check the path

      """),
    Refused(
      "train --vocab fixtures/Yelp-JSON.zip --output out", 66,
      """
      train: fixtures/Yelp-JSON.zip: no vocabulary.safetensors in it
        expected: the output of the stage vocab
        what to do: run vocab first, or check the path

      """),
    Refused(
      "finetune --checkpoint fixtures/Yelp-JSON.zip --vocab fixtures --output out", 65,
      """
      finetune: fixtures/Yelp-JSON.zip: a zip file
        expected: a safetensors file
        what to do: name a file that a stage wrote

      """),
    Refused(
      "finetune --checkpoint fixtures --vocab fixtures --output out", 66,
      """
      finetune: fixtures: no model.safetensors in it
        expected: the output of train or finetune
        what to do: run that first, or check the path

      """),
  ]

  @Test func `a wrong, damaged or missing archive is told and nothing is written`() throws {
    let bench = try Self.bench()
    for refused in Self.archives + Self.empty + Self.contents + Self.swapped {
      try refused.check(in: bench)
    }
  }

  @Test func `the previous output stays when an archive is refused`() throws {
    let bench = try Self.bench()
    let made = try Project.run(
      "ingest",
      ["--archive", "fixtures/aclImdb_v1.tar.gz"]
        + ["--train", "20", "--validation", "10", "--output", "out"],
      in: bench)
    #expect(made.status == 0, "\(made.error)")
    let before = bench.read("out/stamp.json")
    let refused = try Project.run(
      "ingest", ["--archive", "imdb.half", "--output", "out"], in: bench)
    #expect(refused.status == 65)
    #expect(before != nil && bench.read("out/stamp.json") == before)
  }
}
