import DLNC
import Testing

@testable import Evaluation

/// The means over many tasks.
struct TaskMeanTests {
  /// A report on tasks of four rows, of which the model has as many right as given, for each seed.
  private static func report(_ correct: [[Int]], seeds: [Int] = [1, 2]) throws -> Report {
    let runs = try correct.enumerated().flatMap { task, counts in
      try zip(seeds, counts).map { seed, count in
        try predictions(
          (0..<4).map { $0 < count ? $0 % 2 : 1 - $0 % 2 }, labels: [0, 1, 0, 1],
          classNames: ["a", "b"], seed: seed, task: EvaluationTask(name: "task \(task)"))
      }
    }
    return try Report(title: "Means", ReportInput(predictions: runs))
  }

  @Test func `accuracies are averaged over tasks for each seed, then over seeds`() throws {
    let report = try Self.report([[4, 4], [2, 3], [0, 1], [2, 4]])
    let mean = try #require(report.taskMeans(.accuracy).first)
    #expect(mean.score.values == [0.5, 0.75] && mean.score.mean == 0.625)
    #expect(mean.seeds == [1, 2] && mean.macroF1.values.count == 2)
    #expect(report.markdown().contains("Mean of the tasks"))
    #expect(report.json().contains("\"means\""))
  }

  @Test func `of many tasks, the overview has the mean alone`() throws {
    func heading(tasks: Int) throws -> String? {
      try Self.report([[Int]](repeating: [4, 2], count: tasks)).markdown()
        .split(separator: "\n").map(String.init).first { $0.hasPrefix("| Accuracy, %") }
    }
    #expect(try heading(tasks: 8)?.contains("task 7") == true)
    #expect(try heading(tasks: 9) == "| Accuracy, % | Mean of the tasks |")
  }

  @Test func `there is no mean for three tasks, or for a task without one of the seeds`() throws {
    let few = try Self.report([[4, 4], [2, 3], [0, 1]])
    #expect(few.taskMeans(.accuracy).isEmpty && !few.markdown().contains("Mean of the tasks"))
    #expect(!few.json().contains("\"means\""))
    #expect(try Self.report([[4, 4], [2, 3], [0, 1], [2]]).taskMeans(.accuracy).isEmpty)
  }
}
