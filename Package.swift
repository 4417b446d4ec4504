// swift-tools-version: 6.1
import PackageDescription

// Numeric and parsing targets are optimised in debug builds too: such loops run 20 to 1000 times
// slower unoptimised, and `swift run train` must stay usable. Never `-march`: one binary serves
// every machine and the kernels choose their vector code at run time.
// Where the processor can, a product and the addition to it in one expression round once.
#if arch(x86_64)
  let vectors = ["-mprefer-vector-width=512"]
#else
  let vectors: [String] = []
#endif
let fastC: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=on"] + vectors)]
let fastSwift: [SwiftSetting] = [.unsafeFlags(["-O"])]

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// libFuzzer brings a `main` of its own, so its program is only there when asked for: Tests/fuzz.sh.
let fuzzing: [Target] =
  Context.environment["FUZZ"] == nil
  ? [
    .testTarget(
      name: "FuzzTests",
      dependencies: ["Corpus", "Inference", "Lexicon", "Network", "Tensors", "Workflow"],
      exclude: ["Driver", "corpus"])
  ]
  : [
    .executableTarget(
      name: "fuzz",
      dependencies: ["Corpus", "Inference", "Lexicon", "Network", "Tensors", "Workflow"],
      path: "Tests/FuzzTests", exclude: ["corpus", "ReplayTests.swift"],
      sources: ["FuzzTarget.swift", "Driver"])
  ]

let package = Package(
  name: "domain-layer-norm",
  products: [
    .executable(name: "ingest", targets: ["ingest"]),
    .executable(name: "vocab", targets: ["vocab"]),
    .executable(name: "train", targets: ["train"]),
    .executable(name: "finetune", targets: ["finetune"]),
    .executable(name: "evaluate", targets: ["evaluate"]),
    .executable(name: "predict", targets: ["predict"]),
    .executable(name: "inspect", targets: ["inspect"]),
    .executable(name: "pipeline", targets: ["pipeline"]),
  ],
  traits: [
    .trait(name: "MPI", description: "train and finetune work on over several processes.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(
      name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

    .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev"])]),

    // Libraries, from the ground up.
    .target(name: "Kernels", cSettings: fastC),
    .target(name: "CRename"),
    .target(name: "Tensors", dependencies: ["CRename"], swiftSettings: fastSwift),
    .target(
      name: "Corpus", dependencies: ["Tensors", "CArchive", "CXML"], swiftSettings: fastSwift),
    .target(name: "Lexicon", dependencies: ["Tensors", "Corpus"], swiftSettings: fastSwift),
    .target(
      name: "Network", dependencies: ["Tensors", "Kernels", crypto],
      swiftSettings: fastSwift),
    .target(
      name: "Inference", dependencies: ["Corpus", "Lexicon", "Network", "Tensors"],
      swiftSettings: fastSwift),
    .target(name: "Reports", dependencies: ["Tensors"], swiftSettings: fastSwift),
    .target(name: "Stage", dependencies: ["Tensors", crypto, logging, parser]),
    .target(
      name: "TrainingStage",
      dependencies: [
        "Network", "Stage", "Tensors", parser,
        .target(name: "CMPI", condition: .when(traits: ["MPI"])),
      ],
      swiftSettings: [.define("MPI", .when(traits: ["MPI"]))]),
    .target(name: "Workflow", dependencies: ["Stage", "Tensors", subprocess, yams]),

    // One executable a stage.
    .executableTarget(name: "ingest", dependencies: ["Corpus", "Stage"]),
    .executableTarget(name: "vocab", dependencies: ["Corpus", "Lexicon", "Stage"]),
    .executableTarget(name: "train", dependencies: ["Network", "Stage", "TrainingStage"]),
    .executableTarget(name: "finetune", dependencies: ["Network", "Stage", "TrainingStage"]),
    .executableTarget(
      name: "evaluate", dependencies: ["Lexicon", "Network", "Reports", "Stage"]),
    .executableTarget(name: "pipeline", dependencies: ["Workflow", "Stage"]),

    // Programs that put products to use.
    .executableTarget(name: "predict", dependencies: ["Inference", "Stage"]),
    .executableTarget(
      name: "inspect", dependencies: ["Corpus", "Lexicon", "Network", "Stage", "Tensors"],
      swiftSettings: fastSwift),

    // It measures stages as whole programs, too, so it needs them built.
    .executableTarget(
      name: "bench",
      dependencies: [
        "CArchive", "CBLAS", "Corpus", "Kernels", "Lexicon", "Network", "Stage", "Tensors",
        "ingest", "vocab", "train", "finetune", "pipeline", parser,
      ],
      exclude: ["peers.py", "peer_jax.py", "peer_networks.py", "ranks.py"], swiftSettings: fastSwift
    ),

    // A stage that tests run in place of the real ones, and the folder in which they run it.
    .executableTarget(
      name: "fake-stage", dependencies: ["Stage"], path: "Tests/Support/FakeStage"),
    .target(name: "Workbench", path: "Tests/Support/Workbench"),

    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "Workbench"]),
    .testTarget(name: "CorpusTests", dependencies: ["Corpus"]),
    .testTarget(name: "LexiconTests", dependencies: ["Lexicon", "Workbench", "vocab"]),
    .testTarget(name: "NetworkTests", dependencies: ["Network", "Workbench"]),
    .testTarget(
      name: "TrainingStageTests",
      dependencies: ["Network", "Stage", "Tensors", "TrainingStage", yams]),
    .testTarget(
      name: "BenchTests",
      dependencies: ["Corpus", "Lexicon", "Network", "Tensors", "Workbench", "bench"]),
    .testTarget(
      name: "InferenceTests", dependencies: ["Corpus", "Inference"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports"]),
    .testTarget(name: "StageTests", dependencies: ["Stage", "Workbench", "fake-stage"]),
    .testTarget(
      name: "WorkflowTests", dependencies: ["Workflow", "Workbench", "fake-stage", "pipeline"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Corpus", "Network", "Tensors", "Workbench", crypto, "ingest", "vocab", "train", "finetune",
        "evaluate", "predict", "inspect", "pipeline", "bench",
      ]),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "Workbench", "fake-stage", "ingest", "vocab", "train", "finetune", "evaluate", "pipeline",
      ],
      exclude: ["faults.c", "unflushed.h"]),
  ] + fuzzing
)
