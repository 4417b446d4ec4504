import Foundation
import TextClassification

let url = URL(fileURLWithPath: CommandLine.arguments[1])
let classifier = try TextClassifier(contentsOf: url)
