import Yams

extension Plan {
  /// The stages for DVC.
  /// - Throws: what the YAML writer says.
  func dvcFile() throws -> String {
    var names: Set<String> = []
    let stages = rows.map { row in
      let reads = row.upstream.map { rows[$0].output } + row.sources.map(\.text)
      // `persist`: DVC would remove the old output before the stage runs, which replaces it itself
      // once the new one is whole.
      let output = mapping([(quoted(row.output), mapping([("persist", Node("true"))]))])
      return (
        Node(row.dvcName(besides: &names)),
        mapping([
          ("cmd", quoted(row.command.line)), ("deps", sequence(reads.unique.map(quoted))),
          ("outs", sequence([output])),
        ])
      )
    }
    let document = mapping([("stages", mapping(stages))])
    return try Yams.serialize(node: document, width: -1, allowUnicode: true)
  }
}

extension Job {
  /// The row's name of letters, digits, - and _, which is all that DVC takes.
  fileprivate func dvcName(besides names: inout Set<String>) -> String {
    let plain = String(
      id.unicodeScalars.map { $0.isASCIIAlphanumeric || $0 == "_" ? Character($0) : "-" })
    var (name, number) = (plain, 1)
    while !names.insert(name).inserted {
      number += 1
      name = "\(plain)-\(number)"
    }
    return name
  }
}

/// Text that is no number and no template to DVC, whatever it looks like.
private func quoted(_ text: String) -> Node {
  Node(text.replacing("${", with: "\\${"), .implicit, .singleQuoted)
}

private func sequence(_ nodes: [Node]) -> Node { Node(nodes, .implicit, .block) }

private func mapping(_ pairs: [(String, Node)]) -> Node {
  mapping(pairs.map { (Node($0), $1) })
}

private func mapping(_ pairs: [(Node, Node)]) -> Node { Node(pairs, .implicit, .block) }
