import DLNC
import Foundation

/// The speeds of one kind of work, round by round: ours and those of the competitors.
struct Measurement: Codable {
  /// The unit of a speed.
  enum Unit: String, Codable {
    case tokens = "tokens/s"
    case megabytes = "MB/s"
    /// Whole runs; shown as the seconds of one run.
    case runs = "s"
    /// Calls; shown as the milliseconds of one call.
    case calls = "ms"
  }

  /// The speeds of a competitor in the same rounds.
  struct CompetitorResult: Codable {
    var name: String
    var speeds: [Double]
    /// Our speed divided by the competitor's in the same round.
    var ratio: SampleSummary
  }

  var work: String
  /// The precision of the network's products; nil for stages.
  var precision: ProductPrecision?
  var batch: Int?
  var threads: Int
  var unit: Unit
  var speeds: [Double]
  var competitors: [CompetitorResult] = []
  /// The competitors that failed, with their errors.
  var failures: [String] = []
  /// Our median speed as a fraction of the roofline, for work that has one.
  var rooflineFraction: Double?
  /// The peak memory of the program, in bytes.
  var peakBytes: Int?

  var medianSpeed: Double { SampleSummary(speeds).median }
}

/// Median and range of a sample.
struct SampleSummary: Codable, Equatable {
  var median: Double
  var min: Double
  var max: Double

  /// Summarises at least one number. The median of an even count is the upper of the middle two.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    median = sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    min = sorted.first ?? .nan
    max = sorted.last ?? .nan
  }
}

/// A program that is measured against ours.
struct Competitor {
  var name: String
  /// Does the work once and returns the speed in the measurement's unit.
  var speed: () throws -> Double
}

/// Interleaved rounds (A B C A B C), so that background load affects all competitors equally; a
/// ratio compares speeds of the same round.
struct InterleavedRounds {
  var count: Int
  var log: (String) -> Void

  /// Measures ours and the competitors in each round. A competitor that fails is left out and noted
  /// in ``Measurement/failures``.
  /// - Throws: the error of `ours`.
  func run(
    _ work: String, batch: Int? = nil, threads: Int, unit: Measurement.Unit,
    ours: () throws -> Double, competitors: () -> [Competitor] = { [] }
  ) throws -> Measurement {
    var result = Measurement(work: work, batch: batch, threads: threads, unit: unit, speeds: [])
    let competitors = competitors()
    var speeds = competitors.map { _ in [Double]() }
    var failed: Set<Int> = []
    for round in 1...count {
      log("\(work)\(batch.map { ", batch \($0)" } ?? ""), \(threads) threads: round \(round)")
      result.speeds.append(try ours())
      for (index, competitor) in competitors.enumerated() where !failed.contains(index) {
        do {
          speeds[index].append(try competitor.speed())
        } catch {
          result.failures.append("\(work): \(error)")
          failed.insert(index)
        }
      }
    }
    for (index, competitor) in competitors.enumerated() where !failed.contains(index) {
      let ratio = SampleSummary(zip(result.speeds, speeds[index]).map { $0 / $1 })
      result.competitors.append(
        .init(name: competitor.name, speeds: speeds[index], ratio: ratio))
    }
    return result
  }
}

/// The seconds that `body` takes.
func timed(_ body: () throws -> Void) rethrows -> Double {
  let start = monotonicSeconds()
  try body()
  return monotonicSeconds() - start
}

/// The monotonic clock, in seconds.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
