import StageKit
import Support

/// How a graph is written.
public enum GraphFormat: String, CaseIterable, Sendable {
  /// One line a stage.
  case text
  /// A flowchart for Markdown.
  case mermaid
  /// For Graphviz.
  case dot
}

extension Plan {
  /// The stages and what they read.
  public func graph(_ format: GraphFormat) -> String {
    let nodes = stages.map { GraphNode(stage: $0, of: self) }
    switch format {
    case .text:
      return TextTable.text(
        nodes.map { node in
          let sources = node.reads + node.sources
          return [node.label, sources.isEmpty ? "" : "<- \(sources.listed)"]
        })
    case .mermaid:
      return drawn(nodes, head: "flowchart TD", tail: nil) { name, label, isSource in
        isSource ? "\(name)[(\"\(label)\")]" : "\(name)[\"\(label)\"]"
      } edge: {
        "\($0) --> \($1)"
      }
    case .dot:
      return drawn(nodes, head: "digraph \"\(name)\" {", tail: "}") { name, label, isSource in
        "\(name) [label=\"\(label)\", shape=\(isSource ? "cylinder" : "box")];"
      } edge: {
        "\($0) -> \($1);"
      }
    }
  }

  private func drawn(
    _ nodes: [GraphNode], head: String, tail: String?,
    node: (String, String, Bool) -> String, edge: (String, String) -> String
  ) -> String {
    let sources = nodes.flatMap(\.sources).unique
    var lines = [head]
    // Short names of our own: a stage may be called like a word of the language.
    func source(_ path: String) -> String { "f\(sources.firstIndex(of: path) ?? 0)" }
    func stage(_ name: String) -> String {
      "s\(nodes.firstIndex { $0.stage == name } ?? 0)"
    }
    lines += sources.map { "  " + node(source($0), quoted($0), true) }
    lines += nodes.map { "  " + node(stage($0.stage), quoted($0.label), false) }
    for node in nodes {
      lines += node.sources.map { "  " + edge(source($0), stage(node.stage)) }
      lines += node.reads.map { "  " + edge(stage($0), stage(node.stage)) }
    }
    return (lines + [tail].compactMap { $0 }).joined(separator: "\n")
  }
}

/// A stage as a node: all its rows together.
private struct GraphNode {
  var stage: String
  var label: String
  /// The stages that it reads.
  var reads: [String]
  /// The files from elsewhere that it reads.
  var sources: [String]

  init(stage: String, of plan: Plan) {
    let rows = plan.rows.filter { $0.stage == stage }
    let axes = rows.first?.coordinates.values.map(\.axis) ?? []
    self.stage = stage
    label = axes.isEmpty ? stage : "\(stage) (\(rows.count) rows: \(axes.listed))"
    reads = rows.flatMap(\.upstream).map { plan.rows[$0].stage }.unique
    sources = rows.flatMap(\.sources).map(\.text).unique
  }
}

/// Without the characters that end or escape a label in Mermaid and in DOT.
private func quoted(_ text: String) -> String {
  String(
    text.unicodeScalars.map {
      "\"\\#;".unicodeScalars.contains($0) || $0.value < 0x20 ? "_" : Character($0)
    })
}
