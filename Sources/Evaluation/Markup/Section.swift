import Support

/// A section of the report, with its entry in the table of contents of the page.
struct Section {
  let anchor: String
  let title: String
  /// Whether its content differs between equal runs, and so cannot be in report.md.
  let isOnlyInPage: Bool
  let blocks: [Block]

  init(
    _ anchor: String, _ title: String, isOnlyInPage: Bool = false,
    @BlockBuilder blocks: () -> [Block]
  ) {
    (self.anchor, self.title, self.blocks) = (anchor, title, blocks())
    self.isOnlyInPage = isOnlyInPage
  }

  var markdown: String {
    "\n## \(Markdown.escaped(title))\n" + blocks.map(\.markdown).joined()
  }

  var html: HTML {
    tag("section", ["id": anchor]) {
      tag("h2") { title }
      for block in blocks { block.html }
    }
  }
}

/// A piece of a section, which can be written as Markdown and as HTML.
enum Block {
  case heading(String)
  case paragraph(String)
  /// A paragraph of less importance.
  case explanation(String)
  /// A list whose items begin with a strong phrase.
  case list([(lead: String, text: String)])
  /// A table; if `isStacked`, each row becomes a card on a narrow screen.
  case table(Table, caption: String, isStacked: Bool = false)
  /// A chart, which only the page shows.
  case figure(Figure)
  /// Blocks side by side as far as there is room.
  indirect case grid([Block])
  indirect case details(Details)
  /// Content of the page alone, because it quotes texts.
  case page(HTML)
  /// A block that the page shows as a chart.
  indirect case onlyInMarkdown(Block)

  /// Blocks that can be collapsed.
  struct Details {
    let title: String
    let detail: String
    let style: String?
    let isOpen: Bool
    let blocks: [Block]
  }

  static func details(
    _ title: String, _ detail: String = "", style: String? = nil, isOpen: Bool = false,
    @BlockBuilder _ blocks: () -> [Block]
  ) -> Block {
    .details(
      Details(title: title, detail: detail, style: style, isOpen: isOpen, blocks: blocks()))
  }

  /// Charts side by side; empty without any.
  static func figures(_ figures: [Figure]) -> [Block] {
    figures.isEmpty ? [] : [.grid(figures.map(Block.figure))]
  }

  var markdown: String {
    switch self {
    case .heading(let text): "\n### \(Markdown.escaped(text))\n"
    case .paragraph(let text), .explanation(let text): "\n\(Markdown.escaped(text))\n"
    case .list(let items):
      "\n"
        + items.map { "- **\(Markdown.escaped($0.lead))** \(Markdown.escaped($0.text))\n" }.joined()
    case .table(let table, let caption, _):
      "\n\(Markdown.escaped(caption))\n\n\(table.markdown)"
    case .figure, .page: ""
    case .onlyInMarkdown(let block): block.markdown
    case .grid(let blocks): blocks.map(\.markdown).joined()
    case .details(let details):
      "\n#### \(Markdown.escaped(details.title))\n"
        + (details.detail.isEmpty ? "" : "\n\(Markdown.escaped(details.detail))\n")
        + details.blocks.map(\.markdown).joined()
    }
  }

  private var isTable: Bool {
    if case .table = self { true } else { false }
  }

  var html: HTML {
    switch self {
    case .heading(let text): tag("h3") { text }
    case .paragraph(let text): tag("p") { text }
    case .explanation(let text): tag("p", ["class": "explanation"]) { text }
    case .list(let items):
      tag("ul", ["class": "findings"]) {
        for item in items {
          tag("li") {
            tag("strong") { item.lead }
            " \(item.text)"
          }
        }
      }
    case .table(let table, let caption, let isStacked):
      table.html(caption: caption, isStacked: isStacked)
    case .figure(let figure):
      tag(
        "figure",
        [
          "class": figure.isWide ? "wide" : nil, "role": figure.isWide ? "group" : nil,
          "aria-label": figure.isWide ? figure.title : nil, "tabindex": figure.isWide ? "0" : nil,
        ]
      ) { figure.inline }
    case .grid(let blocks):
      // Tables need more room than charts, and would be stretched to the height of their neighbors.
      tag("div", ["class": blocks.contains { $0.isTable } ? "grid tables" : "grid"]) {
        for block in blocks {
          if block.isTable { tag("div") { block.html } } else { block.html }
        }
      }
    case .details(let details):
      tag("details", ["class": details.style, "open": details.isOpen ? "" : nil]) {
        tag("summary") {
          tag("strong") { details.title }
          if !details.detail.isEmpty { tag("span", ["class": "detail"]) { " \(details.detail)" } }
        }
        for block in details.blocks { block.html }
      }
    case .page(let html): html
    case .onlyInMarkdown: .empty
    }
  }
}

/// Builds a list of blocks, with `if` and `for`.
@resultBuilder enum BlockBuilder {
  static func buildExpression(_ block: Block) -> [Block] { [block] }
  static func buildExpression(_ blocks: [Block]) -> [Block] { blocks }
  static func buildBlock(_ parts: [Block]...) -> [Block] { parts.flatMap { $0 } }
  static func buildArray(_ parts: [[Block]]) -> [Block] { parts.flatMap { $0 } }
  static func buildOptional(_ part: [Block]?) -> [Block] { part ?? [] }
  static func buildEither(first: [Block]) -> [Block] { first }
  static func buildEither(second: [Block]) -> [Block] { second }
}
