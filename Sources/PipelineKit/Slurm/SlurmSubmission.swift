/// Jobs of one stage that are submitted as one Slurm job, and the results on which they depend.
struct SlurmSubmission {
  /// The origin of a result: a Slurm job, or one task of an array.
  struct Source: Hashable {
    let number: String
    let index: Int?
  }

  typealias IndexedJob = (job: Job, index: Int)

  /// The jobs, each with its index in the array; nil without a matrix.
  let jobs: [(job: Job, index: Int?)]
  /// The results that all jobs need.
  private let needs: [Source]
  /// The array of which each job also needs the task with its own index.
  private let correspondingArray: String?

  /// Groups the stale jobs of a stage into as few submissions as possible: one if all need the same
  /// results, or if each also needs one different task of the same array; otherwise one for each
  /// set of needed results.
  /// - Parameters:
  ///   - jobs: the jobs with their indices in the stage.
  ///   - sources: the origins of the results that do not exist yet, by job.
  static func groups(of jobs: [IndexedJob], sources: [Int: Source]) -> [SlurmSubmission] {
    let needs = jobs.map { job, _ in Set(job.upstream.compactMap { sources[$0] }) }
    guard let first = needs.first else { return [] }
    let common = needs.dropFirst().reduce(first) { $0.intersection($1) }
    let own = needs.map { $0.subtracting(common) }
    if own.allSatisfy(\.isEmpty) { return [SlurmSubmission(jobs, needs: common)] }
    if let array = own[0].first?.number, Set(own).count == jobs.count,
      own.allSatisfy({ $0.count == 1 && $0.first?.number == array && $0.first?.index != nil })
    {
      let corresponding = zip(jobs, own).map { ($0.job, index: $1.first?.index ?? 0) }
      return [SlurmSubmission(corresponding, needs: common, correspondingArray: array)]
    }
    var groups: [(needs: Set<Source>, jobs: [IndexedJob])] = []
    for (job, needs) in zip(jobs, needs) {
      if let index = groups.firstIndex(where: { $0.needs == needs }) {
        groups[index].jobs.append(job)
      } else {
        groups.append((needs, [job]))
      }
    }
    return groups.map { SlurmSubmission($0.jobs, needs: $0.needs) }
  }

  private init(_ jobs: [IndexedJob], needs: Set<Source>, correspondingArray: String? = nil) {
    self.jobs = jobs.map { ($0.job, $0.job.point.isEmpty ? nil : $0.index) }
    self.needs = needs.sorted {
      ($0.number.count, $0.number, $0.index ?? 0) < ($1.number.count, $1.number, $1.index ?? 0)
    }
    self.correspondingArray = correspondingArray
  }

  /// The value of `sbatch --dependency`; nil without dependencies.
  /// - Parameter taskCount: the number of tasks of a Slurm job, so that an array whose tasks are
  ///   all needed is named once.
  func dependency(taskCount: (String) -> Int) -> String? {
    var numbers: [String] = []
    for need in needs where numbers.last != need.number { numbers.append(need.number) }
    let names = numbers.flatMap { number in
      let indices = needs.filter { $0.number == number }.compactMap(\.index)
      return indices.isEmpty || indices.count == taskCount(number)
        ? [number] : indices.map { "\(number)_\($0)" }
    }
    let parts =
      (names.isEmpty ? [] : ["afterok:" + names.joined(separator: ":")])
      + (correspondingArray.map { ["aftercorr:\($0)"] } ?? [])
    return parts.isEmpty ? nil : parts.joined(separator: ",")
  }
}
