/// The results of a model averaged over all tasks of a report with the same measure, for each seed.
struct TaskMean: Sendable {
  let variant: ModelVariant
  let seeds: [Int]
  let measure: Measure
  let score: SeedStatistics
  let macroF1: SeedStatistics

  /// The mean of the results of one model on several tasks; nil unless each task has the same seeds.
  init?(_ results: [EvaluationResult]) {
    guard let first = results.first, results.allSatisfy({ $0.seeds == first.seeds }) else {
      return nil
    }
    func average(_ metric: (EvaluationResult) -> SeedStatistics?) -> SeedStatistics? {
      let values = results.compactMap { metric($0)?.values }.filter {
        $0.count == first.seeds.count
      }
      guard values.count == results.count else { return nil }
      return SeedStatistics(
        first.seeds.indices.compactMap { seed in mean(values.map { $0[seed] }) })
    }
    guard let score = average(\.score), let macroF1 = average(\.macroF1) else { return nil }
    (variant, seeds, measure) = (first.variant, first.seeds, first.task.measure)
    (self.score, self.macroF1) = (score, macroF1)
  }
}

extension Report {
  /// With fewer tasks, their mean says less than the results themselves.
  private static let fewestTasks = 4

  /// The means of the models that have results on all tasks with a measure; empty for few tasks.
  func taskMeans(_ measure: Measure) -> [TaskMean] {
    let tasks = tasks.filter { $0.measure == measure }
    guard tasks.count >= Self.fewestTasks else { return [] }
    return ModelVariant.ordered(results.map(\.variant)).compactMap { variant in
      let results = tasks.compactMap { result(variant, $0) }
      return results.count == tasks.count ? TaskMean(results) : nil
    }
  }
}
