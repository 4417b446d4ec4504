import Support

extension Plan {
  /// The summary of a run: one line per job, and the folders of the results.
  public func summary(after states: [JobState]) -> String {
    if states.allSatisfy({ $0 == .fresh || $0 == .unselected }) {
      let all = states.contains(.unselected) ? "everything selected" : "every stage"
      return "Nothing to do: \(all) is up to date.\n" + resultLines
    }
    let table = TextTable.text(zip(jobs, states).map { [$0.id, $1.phrase] })
    if states.contains(where: \.isQueued) {
      return table + "\npipeline status shows their progress; pipeline cancel cancels them."
    }
    let isComplete = states.allSatisfy { $0.hasResult && $0 != .unselected }
    return isComplete ? "\(table)\n\(resultLines)" : table
  }

  private var resultLines: String {
    results.prefix(5).map { "The result is in \($0.output)" }.joined(separator: "\n")
  }

  /// The jobs that would run, with reasons and command lines.
  public func dryRun(_ freshness: [Freshness], due: Set<Int>, force: Bool) -> String {
    if due.isEmpty { return "Nothing to do: everything selected is up to date." }
    return due.sorted().map { index in
      let reason =
        switch freshness[index].state {
        case .fresh: "--force"
        case .waiting(let inputs) where !force: "runs if its input changes: \(inputs.listed)"
        default: freshness[index].state.reasons.joined(separator: "; ")
        }
      return
        "\(jobs[index].id): \(escapingControlCharacters(reason))\n  \(jobs[index].command.line)"
    }.joined(separator: "\n")
  }
}
