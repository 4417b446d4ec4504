import Support

extension Plan {
  /// The rules for GNU make. It goes by times alone, so that a changed option goes unnoticed.
  func makefile() throws -> String {
    // A bare = would make a variable of the rule.
    var lines = ["equals := =", ".PHONY: all"]
    lines.append("all: " + (try results.map { try $0.escaped($0.stamp) }.joined(separator: " ")))
    for row in rows {
      let target = try row.escaped(row.stamp)
      let reads = try prerequisites(of: row).map { try row.escaped($0) }
      lines += [
        "", ([target + ":"] + reads).joined(separator: " "),
        "\t" + row.command.line.replacing("$", with: "$$"),
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Job {
  /// `path` as make reads it in a rule.
  fileprivate func escaped(_ path: String) throws -> String {
    var result = ""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "=": result += "$(equals)"
      case "$": result += "$$"
      case " ", "#", ":": result += "\\\(scalar)"
      // What is left means something to make for which it has no escape in every place.
      case let other
      where other.isASCII && !other.isASCIIAlphanumeric && !"_-+.,/@".contains(other):
        throw UserError(
          .configuration, at: id, problem: "“\(scalar)” in the path “\(path)”",
          expected: "a path that make can hold: letters, digits, space and _ - + . , / @ # : = $",
          hint: "rename the file, or choose another --format")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension String {
  fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}
