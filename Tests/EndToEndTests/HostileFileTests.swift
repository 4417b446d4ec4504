import Foundation
import Testing
import TestSupport

/// Files of the stages with random changes: every reader accepts or rejects them with a status and a
/// message, and never crashes.
@Suite(.trainedModels)
struct HostileFileTests {
  private static let made = "runs/quickstart"
  private static let train = "train --vocab \(made)/vocab --hidden 4 --epochs 1"

  /// Files, and commands that read them.
  private static let readers: [(file: String, commands: [String])] = [
    (
      "\(made)/yelp/train.safetensors",
      ["vocab --base \(made)/vocab --examples \(made)/yelp --vectors fixtures/glove.fixture.zip"]
    ),
    ("\(made)/vocab/yelp/train.safetensors", [train]),
    ("\(made)/vocab/vocabulary.safetensors", [train]),
    ("\(made)/vocab/embedding.safetensors", [train]),
    (
      "\(made)/train/model.safetensors",
      [
        "evaluate --models \(made)/train --vocab \(made)/vocab",
        "finetune --checkpoint \(made)/train --vocab \(made)/imdb-vocab --source yelp --epochs 1",
      ]
    ),
    ("bag-of-words/model.safetensors", ["evaluate --models bag-of-words --vocab \(made)/vocab"]),
    ("\(made)/yelp/stamp.json", []),
  ]

  @Test func `a file of a stage that was changed anywhere is read or rejected`() throws {
    let bench = try #require(TrainedModels.bench)
    var random = RandomChange()
    var refusals = 0
    for (file, commands) in Self.readers {
      let whole = try Data(contentsOf: URL(fileURLWithPath: bench(file)))
      let inspect = ["inspect \(file)", "inspect \(file) --json --rows 3"]
      for turn in 0..<6 {
        try bench.write(random.changed(whole, turn), to: file)
        let folder = file.hasSuffix(".json") ? ["inspect \(Self.made)/yelp --rows 2"] : []
        for command in folder + inspect + commands.map({ "\($0) --quiet --output out" }) {
          let words = command.split(separator: " ").map(String.init)
          let run = try Project.run(words[0], Array(words.dropFirst()), in: bench)
          #expect([0, 64, 65, 66].contains(run.status), "\(command): \(run.status) \(run.error)")
          let isSaid = run.status == 0 || run.error.hasPrefix("\(words[0]): ")
          #expect(isSaid, "\(command): \(run.error)")
          refusals += run.status == 0 ? 0 : 1
          bench.remove("out")
        }
      }
      try bench.write(whole, to: file)
    }
    #expect(refusals > 50)
  }
}

/// Pseudorandom changes, the same in each run.
private struct RandomChange {
  private var state: UInt64 = 1

  private mutating func next(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(sides, 1)))
  }

  /// Returns a changed file: a digit or a letter of its header, numbers of its data, or its length.
  mutating func changed(_ whole: Data, _ turn: Int) -> Data {
    var bytes = [UInt8](whole)
    let isText = bytes.first == UInt8(ascii: "{")
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    let header = isText ? bytes.count : 8 + Int(truncatingIfNeeded: length)
    switch turn {
    case 0, 1:
      let digits = (min(8, header)..<header).filter { (0x30...0x39).contains(bytes[$0]) }
      for _ in 0...turn { bytes[digits[next(digits.count)]] = UInt8(0x30 + next(10)) }
    case 2: bytes[next(header)] ^= 1 << UInt8(next(8))
    case 3: bytes.removeLast(1 + next(bytes.count / 2))
    case 4 where !isText:
      let place = header + next(bytes.count - header - 8) / 8 * 8
      bytes.replaceSubrange(place..<place + 8, with: Array(repeating: 0xFF, count: 8))
    default: bytes[isText ? next(header) : header + next(bytes.count - header)] ^= 0x80
    }
    return Data(bytes)
  }
}
