/// The rounds of successive halving: all settings are trained with few seeds, and in each further
/// round the better half with twice as many, until two are left.
///
/// The trainings of a round add seeds to those of the rounds before, so that a round costs less than
/// the first one. The more settings are alike, the more seeds it takes to tell which is better; these
/// go to the settings for which that matters.
public struct TuningSchedule: Equatable, Sendable {
  /// A round.
  public struct Round: Equatable, Sendable {
    /// The number of settings that are trained.
    public let settings: Int
    /// The number of seeds that each has after the round.
    public let seeds: Int
  }

  /// The greatest number of seeds in the first round.
  private static let maxSeeds = 10

  /// The rounds in order.
  public let rounds: [Round]
  /// The number of trainings of one setting with one seed: that of the folds, or 1.
  public let folds: Int

  /// The schedule for the first `settings` settings, with `seeds` seeds in the first round.
  init(settings: Int, seeds: Int, folds: Int) {
    var rounds = [Round(settings: settings, seeds: seeds)]
    while let last = rounds.last, last.settings > 2 {
      rounds.append(Round(settings: (last.settings + 1) / 2, seeds: last.seeds * 2))
    }
    (self.rounds, self.folds) = (rounds, folds)
  }

  /// The schedule that makes the most of a budget: of as many settings as it allows and, if it allows
  /// all, of as many seeds.
  /// - Parameters:
  ///   - settings: the number of settings there are, at least 2.
  ///   - folds: the number of trainings of one setting with one seed.
  ///   - trainings: the budget; nil for one seed of all settings in the first round.
  /// - Returns: nil if the budget does not allow two settings.
  public init?(settings: Int, folds: Int, trainings: Int?) {
    func schedule(_ settings: Int, _ seeds: Int) -> TuningSchedule {
      TuningSchedule(settings: settings, seeds: seeds, folds: folds)
    }
    guard let trainings else {
      self = schedule(settings, 1)
      return
    }
    let affordable = (2...max(2, settings)).last { schedule($0, 1).trainings <= trainings }
    guard let count = affordable else { return nil }
    let seeds = (1...Self.maxSeeds).last { schedule(count, $0).trainings <= trainings } ?? 1
    self = schedule(count, seeds)
  }

  /// The number of trainings of all rounds, if every setting needs several seeds.
  public var trainings: Int {
    var (total, seeds) = (0, 0)
    for round in rounds {
      total += round.settings * (round.seeds - seeds) * folds
      seeds = round.seeds
    }
    return total
  }
}
