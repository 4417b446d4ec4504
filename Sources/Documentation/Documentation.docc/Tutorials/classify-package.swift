// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "tickets",
  dependencies: [.package(path: "../domain-layer-norm")],
  targets: [
    .executableTarget(
      name: "tickets",
      dependencies: [.product(name: "TextClassification", package: "domain-layer-norm")])
  ])
