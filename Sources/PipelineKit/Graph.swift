import Support

/// The notations for a graph.
public enum GraphFormat: String, CaseIterable, Sendable {
  /// One line per stage.
  case text
  /// A Mermaid flowchart, for Markdown.
  case mermaid
  /// DOT, for Graphviz.
  case dot
}

extension Plan {
  /// The stages with their inputs.
  public func graph(_ format: GraphFormat) -> String {
    let nodes = stages.map { GraphNode(stage: $0, of: self) }
    switch format {
    case .text:
      return TextTable.text(
        nodes.map { node in
          let inputs = node.inputs + node.sources
          return [node.label, inputs.isEmpty ? "" : "<- \(inputs.listed)"]
        })
    case .mermaid:
      let lines = lines(nodes) { name, label, isSource in
        isSource ? "\(name)[(\"\(label)\")]" : "\(name)[\"\(label)\"]"
      } edge: {
        "\($0) --> \($1)"
      }
      return (["flowchart TD"] + lines).joined(separator: "\n")
    case .dot:
      let lines = lines(nodes) { name, label, isSource in
        "\(name) [label=\"\(label)\", shape=\(isSource ? "cylinder" : "box")];"
      } edge: {
        "\($0) -> \($1);"
      }
      return (["digraph \"\(name)\" {"] + lines + ["}"]).joined(separator: "\n")
    }
  }

  /// The lines of nodes and edges. Nodes get short names because a stage may have the name of a
  /// keyword.
  private func lines(
    _ nodes: [GraphNode], node: (String, String, Bool) -> String, edge: (String, String) -> String
  ) -> [String] {
    let sources = nodes.flatMap(\.sources).unique
    func name(source: String) -> String { "f\(sources.firstIndex(of: source) ?? 0)" }
    func name(stage: String) -> String { "s\(nodes.firstIndex { $0.stage == stage } ?? 0)" }
    let edges = nodes.flatMap { target in
      target.sources.map { edge(name(source: $0), name(stage: target.stage)) }
        + target.inputs.map { edge(name(stage: $0), name(stage: target.stage)) }
    }
    let labels =
      sources.map { node(name(source: $0), graphLabel($0), true) }
      + nodes.map { node(name(stage: $0.stage), graphLabel($0.label), false) }
    return (labels + edges).map { "  " + $0 }
  }
}

/// A stage as a node: all its jobs together.
private struct GraphNode {
  let stage: String
  let label: String
  /// The stages that it reads.
  let inputs: [String]
  /// The files that it reads and no stage writes.
  let sources: [String]

  init(stage: String, of plan: Plan) {
    let jobs = plan.jobs.filter { $0.stage == stage }
    let axes = jobs.first?.point.values.map(\.axis) ?? []
    self.stage = stage
    label = axes.isEmpty ? stage : "\(stage) (\(jobs.count) jobs: \(axes.listed))"
    inputs = jobs.flatMap(\.upstream).map { plan.jobs[$0].stage }.unique
    sources = jobs.flatMap(\.sources).map(\.text).unique
  }
}

/// `text` without the characters that end or escape a label in Mermaid and in DOT.
private func graphLabel(_ text: String) -> String {
  String(
    text.unicodeScalars.map {
      "\"\\#;".unicodeScalars.contains($0) || $0.value < 0x20 ? "_" : Character($0)
    })
}
