import StageKit
import Support
import Yams

/// The build tools for which a plan can be exported.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// Snakemake.
  case snakemake
  /// DVC.
  case dvc
  /// GNU make.
  case make

  /// The first words of every exported file.
  public static let marker = "# Exported by pipeline export"

  /// The file name that the tool expects.
  public var fileName: String {
    switch self {
    case .snakemake: "Snakefile"
    case .dvc: "dvc.yaml"
    case .make: "Makefile"
    }
  }

  /// The command that runs the file.
  public var command: String {
    switch self {
    case .snakemake: "snakemake --cores all"
    case .dvc: "dvc repro"
    case .make: "make"
    }
  }
}

extension Plan {
  /// The plan as a file for another tool, with a rule for each job.
  /// - Throws: ``UserError`` with exit status `configuration` if a word or path cannot be expressed.
  public func exported(as format: ExportFormat) throws -> String {
    for job in jobs {
      // Only some shells can write control characters on one line.
      let words = [job.command.executable] + job.command.arguments
      for word in words where word.unicodeScalars.contains(where: { $0.value < 0x20 }) {
        throw UserError(
          .configuration, at: job.id,
          problem: "a control character in “\(escapingControlCharacters(word))”",
          expected: "words that every shell can read from one line",
          hint: "rename the file or change the value, or use pipeline run")
      }
    }
    let head = "\(ExportFormat.marker): the manifest \(name). To run it: \(format.command)\n"
    switch format {
    case .snakemake: return head + snakefile
    case .dvc: return head + (try dvcFile())
    case .make: return head + (try makefile())
    }
  }

  /// The paths whose change makes a job stale. A job's output is represented by its stamp, which is
  /// written last and whenever the output is.
  private func prerequisites(of job: Job) -> [String] {
    (job.upstream.map { jobs[$0].stamp } + job.sources.map(\.text)).unique
  }
}

extension Job {
  /// The file that exists only if the output is complete.
  fileprivate var stamp: String { "\(output)/\(Stamp.fileName)" }
}

// MARK: - Snakemake

extension Plan {
  private var snakefile: String {
    let inputs = results.map { pythonLiteral($0.stamp) }.listed
    return jobs.reduce("rule all:\n    input: \(inputs)\n") { text, job in
      // `update`: Snakemake would remove the stamp before the stage runs, and a stage does not
      // replace a folder without a stamp.
      text + """

        rule:
            name: \(pythonLiteral(job.id))
            input: \(prerequisites(of: job).map(pythonLiteral).listed)
            output: update(\(pythonLiteral(job.stamp)))
            shell: \(pythonLiteral(job.command.line))

        """
    }
  }
}

/// A string literal of Python, with doubled braces, which otherwise name wildcards.
private func pythonLiteral(_ text: String) -> String {
  let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  return "\"" + escaped.replacing("{", with: "{{").replacing("}", with: "}}") + "\""
}

// MARK: - DVC

extension Plan {
  /// - Throws: `YamlError` from the YAML writer.
  private func dvcFile() throws -> String {
    var names: Set<String> = []
    let stages = jobs.map { job in
      let inputs = job.upstream.map { jobs[$0].output } + job.sources.map(\.text)
      // `persist`: DVC would remove the old output before the stage runs, which replaces it itself
      // when the new one is complete.
      let output = mapping([(quoted(job.output), mapping([("persist", Node("true"))]))])
      return (
        Node(dvcName(of: job, &names)),
        mapping([
          ("cmd", quoted(job.command.line)), ("deps", sequence(inputs.unique.map(quoted))),
          ("outs", sequence([output])),
        ])
      )
    }
    let document = mapping([("stages", mapping(stages))])
    return try Yams.serialize(node: document, width: -1, allowUnicode: true)
  }

  /// A unique name for a job from the characters that DVC accepts: letters, digits, - and _.
  private func dvcName(of job: Job, _ names: inout Set<String>) -> String {
    let plain = String(
      job.id.unicodeScalars.map { $0.isASCIIAlphanumeric || $0 == "_" ? Character($0) : "-" })
    var (name, number) = (plain, 1)
    while !names.insert(name).inserted {
      number += 1
      name = "\(plain)-\(number)"
    }
    return name
  }
}

/// Text that DVC takes literally, not as a number or a template.
private func quoted(_ text: String) -> Node {
  Node(text.replacing("${", with: "\\${"), .implicit, .singleQuoted)
}

private func sequence(_ nodes: [Node]) -> Node { Node(nodes, .implicit, .block) }

private func mapping(_ pairs: [(String, Node)]) -> Node {
  mapping(pairs.map { (Node($0), $1) })
}

private func mapping(_ pairs: [(Node, Node)]) -> Node { Node(pairs, .implicit, .block) }

// MARK: - make

extension Plan {
  /// The rules for GNU make, which compares times only and does not notice a changed option.
  private func makefile() throws -> String {
    // A literal = in a rule would define a variable.
    var lines = ["equals := =", ".PHONY: all"]
    lines.append("all: " + (try results.map { try $0.makePath($0.stamp) }.joined(separator: " ")))
    for job in jobs {
      let inputs = try prerequisites(of: job).map { try job.makePath($0) }
      lines += [
        "", ([try job.makePath(job.stamp) + ":"] + inputs).joined(separator: " "),
        "\t" + job.command.line.replacing("$", with: "$$"),
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Job {
  /// `path` with the escapes of make.
  fileprivate func makePath(_ path: String) throws -> String {
    var result = ""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "=": result += "$(equals)"
      case "$": result += "$$"
      case " ", "#", ":": result += "\\\(scalar)"
      // The others are special to make, which has no escape for them that works everywhere.
      case let other
      where other.isASCII && !other.isASCIIAlphanumeric
        && !"_-+.,/@".unicodeScalars.contains(other):
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
