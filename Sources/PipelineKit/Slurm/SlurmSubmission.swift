/// Rows of one stage that go into one job, and what the job waits for.
struct SlurmSubmission {
  /// Where a result will come from: a job, or one task of an array.
  struct Source: Hashable {
    var job: String
    var index: Int?
  }

  /// The rows, each with its number within the array; none without a matrix.
  var rows: [(row: Job, index: Int?)]
  /// The results that all rows need.
  var needs: [Source]
  /// The array whose task of the same number each row needs besides.
  var partner: String?

  /// Cuts the stale rows of one stage into as few jobs as their needs allow: one where all need the
  /// same, or where each needs besides a task of its own of one and the same array; otherwise one
  /// for all rows that need the same.
  /// - Parameters:
  ///   - rows: the rows, with their places within the stage.
  ///   - sources: where the results come from that are not there yet, by the row.
  static func batches(
    of rows: [(row: Job, place: Int)], sources: [Int: Source]
  ) -> [SlurmSubmission] {
    let needs = rows.map { row, _ in Set(row.upstream.compactMap { sources[$0] }) }
    guard let first = needs.first else { return [] }
    let common = needs.dropFirst().reduce(first) { $0.intersection($1) }
    let own = needs.map { $0.subtracting(common) }
    if own.allSatisfy(\.isEmpty) { return [SlurmSubmission(rows, needs: common)] }
    if let partner = own[0].first?.job, Set(own).count == rows.count,
      own.allSatisfy({ $0.count == 1 && $0.first?.job == partner && $0.first?.index != nil })
    {
      let numbered = zip(rows, own).map { ($0.row, place: $1.first?.index ?? 0) }
      var batch = SlurmSubmission(numbered, needs: common)
      batch.partner = partner
      return [batch]
    }
    var groups: [(needs: Set<Source>, rows: [(row: Job, place: Int)])] = []
    for (row, needs) in zip(rows, needs) {
      if let index = groups.firstIndex(where: { $0.needs == needs }) {
        groups[index].rows.append(row)
      } else {
        groups.append((needs, [row]))
      }
    }
    return groups.map { SlurmSubmission($0.rows, needs: $0.needs) }
  }

  private init(_ rows: [(row: Job, place: Int)], needs: Set<Source>) {
    self.rows = rows.map { ($0.row, $0.row.coordinates.isEmpty ? nil : $0.place) }
    self.needs = needs.sorted {
      ($0.job.count, $0.job, $0.index ?? 0) < ($1.job.count, $1.job, $1.index ?? 0)
    }
  }

  /// What `sbatch --dependency` takes; nothing if nothing is needed.
  /// - Parameter size: how many tasks a job has, so that an array is named once if all are needed.
  func dependency(size: (String) -> Int) -> String? {
    var jobs: [String] = []
    for need in needs where jobs.last != need.job { jobs.append(need.job) }
    let names = jobs.flatMap { job in
      let indices = needs.filter { $0.job == job }.compactMap(\.index)
      return indices.isEmpty || indices.count == size(job) ? [job] : indices.map { "\(job)_\($0)" }
    }
    let parts = names.isEmpty ? [] : ["afterok:" + names.joined(separator: ":")]
    let all = parts + (partner.map { ["aftercorr:\($0)"] } ?? [])
    return all.isEmpty ? nil : all.joined(separator: ",")
  }
}
