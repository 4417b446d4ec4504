import Support

extension EvaluationResult {
  /// Precision, recall and F1 of each class; of many classes, of the worst.
  var classTable: Table {
    Table(
      hasManyClasses ? Array(worstClasses.prefix(Self.listedClasses)) : classes,
      [
        .text(task.isMultiLabel ? "Label" : "Class") { Table.Cell($0.className) },
        .number("Rows") { Table.Cell($0.rows / seeds.count) },
        task.isMultiLabel ? .number("Predicted") { Table.Cell($0.predicted / seeds.count) } : nil,
        .number("Precision") { Table.Cell(NumberFormat.percent($0.precision)) },
        .number("Recall") { Table.Cell(NumberFormat.percent($0.recall)) },
        .number("F1") { Table.Cell(NumberFormat.percent($0.f1), isStrong: true, bar: $0.f1) },
        task.isMultiLabel
          ? .number("Threshold") { Table.Cell(NumberFormat.percent($0.threshold)) } : nil,
      ])
  }

  /// The confusion matrix.
  var confusionTable: Table {
    let name = Table.Column<Int>.text("True \\ predicted") { Table.Cell(classNames[$0]) }
    let counts = classNames.enumerated().map { predicted, name in
      Table.Column<Int>.number(name) { actual in
        Table.Cell(
          confusion[actual: actual, predicted: predicted], isStrong: actual == predicted)
      }
    }
    return Table(classNames.indices, [name] + counts)
  }

  /// The most frequent confusions; without rows if there are none, or if the matrix of two classes
  /// says the same.
  var confusedPairs: Table {
    Table(
      classNames.count > 2
        ? Array(confusion.confusions.prefix(hasManyClasses ? Self.listedClasses : 10)) : [],
      [
        .text("True") { Table.Cell(classNames[$0.actual]) },
        .text("Predicted") { Table.Cell(classNames[$0.predicted]) },
        .number("Count") { Table.Cell($0.rows, isStrong: true) },
        .number("% of true") {
          Table.Cell(
            NumberFormat.percent(Double($0.rows) / Double(confusion.actualCount(of: $0.actual))))
        },
      ])
  }

  /// The meaning of ``classTable`` if there are many classes.
  var manyClassesNote: String {
    let scores = worstClasses.map { $0.f1 ?? 0 }
    func count(_ range: Range<Double>) -> Int { scores.count { range.contains($0) } }
    let zeros = scores.count { $0 == 0 }
    return
      "Of \(classNames.count) classes, \(worstClasses.count) have rows. Their F1 is 0 for \(zeros), "
      + "below 50 % for \(count(0..<0.5) - zeros), 50 to 80 % for \(count(0.5..<0.8)), and 80 % or "
      + "more for \(count(0.8..<2)). Listed are those with the lowest F1; report.json has all classes."
  }
}
