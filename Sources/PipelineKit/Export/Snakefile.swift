extension Plan {
  /// The rules for Snakemake.
  var snakefile: String {
    let results = results.map { python($0.stamp.bracesDoubled) }.listed
    return rows.reduce("rule all:\n    input: \(results)\n") { text, row in
      let reads = prerequisites(of: row).map { python($0.bracesDoubled) }.listed
      // `update`: Snakemake would remove the stamp before the stage runs, which refuses to replace
      // a folder without one.
      return text + """

        rule:
            name: \(python(row.id))
            input: \(reads)
            output: update(\(python(row.stamp.bracesDoubled)))
            shell: \(python(row.command.line.bracesDoubled))

        """
    }
  }
}

extension String {
  /// Braces would name wildcards.
  fileprivate var bracesDoubled: String {
    replacing("{", with: "{{").replacing("}", with: "}}")
  }
}

/// A string literal of Python.
private func python(_ text: String) -> String {
  "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}
