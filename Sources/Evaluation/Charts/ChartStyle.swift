/// The colours and letters of the charts.
///
/// Blue, orange, teal and violet can be told apart with any common kind of colour blindness; and what
/// differs in colour also differs in shape, or stands in the order of the legend.
/// No CSS variables, because many programs that show SVG files know none.
enum ChartStyle {
  /// How many colours there are.
  static let colours = 4

  static let sheet: StaticString = """
    .chart text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:#1b2430}
    .chart .title{font-size:14px;font-weight:600}
    .chart .muted{fill:#56616f}
    .chart .small{font-size:11px}
    .chart .strong{font-weight:600}
    .chart .page{fill:#fff}
    .chart .grid{stroke:#dfe4ea;stroke-width:1}
    .chart .axis{stroke:#8a95a3;stroke-width:1}
    .chart .guide{stroke:#8a95a3;stroke-width:1.2;stroke-dasharray:3 4}
    .chart .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
    .chart .dashed{stroke-dasharray:7 4}
    .chart .whisker{stroke-width:2.2;stroke-linecap:round}
    .chart .band{fill-opacity:.16}
    .chart .faint{fill-opacity:.35}
    .chart .hollow{fill:#fff;stroke:#1b2430;stroke-width:1.8}
    .chart .on{fill:#fff}
    .chart .heat{fill:#0d4f8b}
    .chart .fill-1{fill:#1769aa}.chart .stroke-1{stroke:#1769aa}
    .chart .fill-2{fill:#d97316}.chart .stroke-2{stroke:#d97316}
    .chart .fill-3{fill:#3f9c8a}.chart .stroke-3{stroke:#3f9c8a}
    .chart .fill-4{fill:#4a2a6b}.chart .stroke-4{stroke:#4a2a6b}
    @media (prefers-color-scheme:dark){
    .chart text{fill:#e6eaf0}
    .chart .muted{fill:#a3adba}
    .chart .page{fill:#151a21}
    .chart .grid{stroke:#2c343f}
    .chart .axis,.chart .guide{stroke:#6f7b8a}
    .chart .hollow{fill:#151a21;stroke:#e6eaf0}
    .chart .on,.chart .half{fill:#0d1117}
    .chart .heat{fill:#8cc8ff}
    .chart .fill-1{fill:#62aef0}.chart .stroke-1{stroke:#62aef0}
    .chart .fill-2{fill:#f5a35c}.chart .stroke-2{stroke:#f5a35c}
    .chart .fill-3{fill:#7fd6c2}.chart .stroke-3{stroke:#7fd6c2}
    .chart .fill-4{fill:#d6c4f2}.chart .stroke-4{stroke:#d6c4f2}
    }
    """
}
