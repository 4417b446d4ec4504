import ArgumentParser
import Foundation
import StageKit
import Support

/// A fixture archive, and what the quickstart makes of it: the options are those of its manifest,
/// so that `pipeline` finds these outputs up to date.
private struct Fixture {
  /// The stage of the quickstart manifest, whose folder takes the output.
  var stage: String
  var archive: String
  var options: [String]

  static let all = [
    Fixture(
      stage: "tweets", archive: "fixtures/SemEval2018-Task1-all-data.zip",
      options: ["--dataset", "ei-reg", "--threshold", "0.5", "--split", "random"]),
    Fixture(
      stage: "yelp", archive: "fixtures/Yelp-JSON.zip",
      options: ["--dataset", "yelp", "--train", "600", "--validation", "100", "--test", "200"]),
    Fixture(
      stage: "imdb", archive: "fixtures/aclImdb_v1.tar.gz",
      options: ["--dataset", "imdb", "--train", "200", "--validation", "100"]),
  ]
}

extension Ingest {
  /// Ingests the fixtures, each into its folder of the quickstart, and says how to go on.
  func runFixtures() throws {
    guard let missing = Fixture.all.first(where: { !isFile($0.archive) }) else {
      for fixture in Fixture.all { try StageRunner(command(for: fixture)).run() }
      if !shared.json && !shared.fingerprint { print(Self.hint) }
      return
    }
    let refusal = UserError(
      .usage, at: "--archive", problem: "missing, and no \(missing.archive) here",
      expected: "an archive to read",
      hint: "name one with --archive, or run in the folder of the package; see --help")
    throw exitError(for: refusal, in: Self.stageName)
  }

  private func command(for fixture: Fixture) throws -> Ingest {
    let output = "\(shared.output ?? "runs/quickstart")/\(fixture.stage)"
    var command = try Ingest.parse(
      ["--archive", fixture.archive, "--output", output] + fixture.options)
    command.shared.json = shared.json
    command.shared.quiet = shared.quiet
    command.shared.verbose = shared.verbose
    command.shared.verify = shared.verify
    command.shared.fingerprint = shared.fingerprint
    return command
  }

  private func isFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static let hint = """

    These were the fixtures: small archives of invented text in the publishers' layouts.
    The examples lie in runs/quickstart. For the real data name an archive, as in
      ingest --archive data/Yelp-JSON.zip --output runs/mine/yelp
    and see --help for the options of each data set.
    """
}
