/// What was measured of one work: our speed and the peers', round by round.
struct Measurement: Codable {
  /// What a speed counts a second.
  enum Unit: String, Codable {
    case tokens = "tokens/s"
    case megabytes = "MB/s"
    /// Whole runs; shown as the seconds of one.
    case runs = "s"
  }

  /// The speed of a peer in the same rounds.
  struct CompetitorResult: Codable {
    var name: String
    var speeds: [Double]
    /// Our speed divided by the peer's, round by round.
    var ratio: SampleSummary
  }

  var work: String
  var batch: Int?
  var threads: Int
  var unit: Unit
  var speeds: [Double]
  var rivals: [CompetitorResult] = []
  /// The peers that failed, and how.
  var failed: [String] = []
  /// Our median speed as a share of the floor, for works that have one.
  var shareOfFloor: Double?
  /// The most memory that the program held, in bytes.
  var peakBytes: Int?

  /// The median speed.
  var speed: Double { SampleSummary(speeds).median }
}

/// How numbers of several rounds spread.
struct SampleSummary: Codable, Equatable {
  var median: Double
  var least: Double
  var most: Double

  /// The spread of at least one number; of an even count the upper of the two in the middle.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    median = sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    least = sorted.first ?? .nan
    most = sorted.last ?? .nan
  }
}

/// Someone who does a work: ours or a peer.
struct Competitor {
  var name: String
  /// Does the work and says how fast it was, in the figure's unit.
  var speed: () throws -> Double
}

/// Rounds in which ours and the peers work in turn, A B C A B C, so that whatever else the machine
/// is doing meets all alike; a ratio compares neighbours.
struct InterleavedRounds {
  var rounds: Int
  /// Told what is going on.
  var say: (String) -> Void

  /// - Throws: what ours throws; a peer that fails is left out, and the figure says so.
  func run(
    _ work: String, batch: Int? = nil, threads: Int, unit: Measurement.Unit,
    ours: () throws -> Double,
    peers entrants: () -> [Competitor]
  ) throws -> Measurement {
    var figure = Measurement(work: work, batch: batch, threads: threads, unit: unit, speeds: [])
    let peers = entrants()
    var speeds = peers.map { _ in [Double]() }
    var failed: Set<Int> = []
    for round in 1...rounds {
      say("\(work)\(batch.map { ", batch \($0)" } ?? ""), \(threads) threads: round \(round)")
      figure.speeds.append(try ours())
      for (index, peer) in peers.enumerated() where !failed.contains(index) {
        do {
          speeds[index].append(try peer.speed())
        } catch {
          figure.failed.append("\(work): \(error)")
          failed.insert(index)
        }
      }
    }
    for (index, peer) in peers.enumerated() where !failed.contains(index) {
      let ratio = SampleSummary(zip(figure.speeds, speeds[index]).map { $0 / $1 })
      figure.rivals.append(
        Measurement.CompetitorResult(name: peer.name, speeds: speeds[index], ratio: ratio))
    }
    return figure
  }
}
