// swift-tools-version: 6.2
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
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// A stage of the pipeline or a tool each; Commands has their code.
let programs = [
  "ingest", "vocab", "pretrain", "train", "finetune", "evaluate", "export", "predict", "inspect",
  "pipeline",
]

// libFuzzer brings a `main` of its own, so its program is only there when asked for: Tests/fuzz.sh.
let fuzzed: [Target.Dependency] = [
  "DLNC", "Datasets", "Inference", "PipelineKit", "Safetensors", "Shards", "Support",
  "Tokenization", "Training", "VocabularyBuilding",
]
let fuzzing: [Target] =
  Context.environment["FUZZ"] == nil
  ? [
    .testTarget(
      name: "FuzzTests",
      dependencies: fuzzed,
      exclude: ["Driver", "corpus"])
  ]
  : [
    .executableTarget(
      name: "fuzz",
      dependencies: fuzzed,
      path: "Tests/FuzzTests", exclude: ["corpus", "ReplayTests.swift"],
      sources: ["FuzzTarget.swift", "Driver"])
  ]

let package = Package(
  name: "domain-layer-norm",
  products: [
    // For use in other packages; none of these imports ArgumentParser.
    .library(name: "TextClassification", targets: ["TextClassification"]),
    .library(name: "dlnc", type: .dynamic, targets: ["CInterface"]),
    .library(
      name: "DLNC",
      targets: ["DLNC", "Training", "Tokenization", "Shards", "Safetensors", "Support"]),
    .library(name: "Datasets", targets: ["Datasets", "VocabularyBuilding"]),
    .library(name: "Evaluation", targets: ["Evaluation"]),
  ] + programs.map { .executable(name: $0, targets: [$0]) },
  traits: [
    .trait(name: "MPI", description: "pretrain, train and finetune work on over several processes.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(
      name: "CLibarchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CLibxml2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev"])]),

    // Libraries, from the ground up.
    .target(name: "Kernels", cSettings: fastC),
    .target(name: "CRename"),
    .target(name: "Support", dependencies: ["CRename"], swiftSettings: fastSwift),
    .target(name: "Safetensors", dependencies: ["Support"], swiftSettings: fastSwift),
    .target(name: "Shards", dependencies: ["Safetensors", "Support"], swiftSettings: fastSwift),
    .target(
      name: "Datasets",
      dependencies: ["Safetensors", "Shards", "Support", "CLibarchive", "CLibxml2", heap, yams],
      swiftSettings: fastSwift),
    .target(
      name: "Tokenization", dependencies: ["Safetensors", "Shards", "Support"],
      swiftSettings: fastSwift),
    .target(
      name: "VocabularyBuilding",
      dependencies: ["Datasets", "Safetensors", "Shards", "Support", "Tokenization"],
      swiftSettings: fastSwift),
    .target(
      name: "DLNC",
      dependencies: ["Kernels", "Safetensors", "Shards", "Support", "Tokenization"],
      swiftSettings: fastSwift),
    // Everything that makes a model; programs that only use one do without.
    .target(
      name: "Training",
      dependencies: ["DLNC", "Safetensors", "Shards", "Support", "Tokenization"],
      swiftSettings: fastSwift),
    // Trained models in other programs. It needs no system library.
    .target(
      name: "TextClassification", dependencies: ["DLNC", "Shards", "Support", "Tokenization"],
      swiftSettings: fastSwift),
    // The same for C: the functions of dlnc.h.
    .target(
      name: "CInterface", dependencies: ["Support", "TextClassification"], exclude: ["dlnc.h"],
      swiftSettings: fastSwift),
    .target(
      name: "Inference",
      dependencies: [
        "DLNC", "Datasets", "Shards", "Support", "TextClassification", "Tokenization",
      ],
      swiftSettings: fastSwift),
    .target(
      name: "ONNX", dependencies: ["DLNC", "Shards", "Support", "Tokenization"],
      resources: [
        .embedInCode("Check/check.py"),
        .embedInCode("Python/text_classifier/__init__.py"),
        .embedInCode("Python/text_classifier/__main__.py"),
        .embedInCode("Python/text_classifier/penn_treebank.py"),
        .embedInCode("Python/text_classifier/tokenizer.py"),
        .embedInCode("Python/text_classifier/twitter.py"),
      ],
      swiftSettings: fastSwift),
    .target(
      name: "StageKit", dependencies: ["Safetensors", "Support", logging, parser]),
    .target(
      name: "Evaluation",
      dependencies: ["DLNC", "Datasets", "Shards", "Support", "Tokenization", "Training"],
      resources: [.embedInCode("Charts/chart.css"), .embedInCode("Report/report.css")],
      swiftSettings: fastSwift),
    .target(
      name: "TrainingKit",
      dependencies: [
        "DLNC", "Safetensors", "StageKit", "Support", "Tokenization", "Training", parser,
        .target(name: "CMPI", condition: .when(traits: ["MPI"])),
      ],
      swiftSettings: [.define("MPI", .when(traits: ["MPI"]))]),
    .target(name: "PipelineKit", dependencies: ["StageKit", "Support", subprocess, yams]),

    // README.md's reference documentation, and no code.
    .target(name: "Documentation"),

    // The command lines of all programs.
    .target(
      name: "Commands",
      dependencies: [
        "DLNC", "Datasets", "Evaluation", "Inference", "ONNX", "PipelineKit", "Safetensors",
        "Shards",
        "StageKit", "Support", "Tokenization", "Training", "TrainingKit", "VocabularyBuilding",
        parser, yams,
      ]),
    // All programs in one, for releases.
    .executableTarget(name: "multicall", dependencies: ["Commands"]),

    // It also measures stages as whole programs, so it needs them built.
    .executableTarget(
      name: "bench",
      dependencies: [
        "CLibarchive", "DLNC", "Datasets", "Kernels", "Safetensors", "Shards",
        "StageKit", "Support", "TextClassification", "Tokenization", "Training",
        "VocabularyBuilding", "ingest",
        "vocab", "train", "finetune", "export", "pipeline", parser,
      ],
      exclude: ["peers"], swiftSettings: fastSwift
    ),

    // A stage that the tests run in place of the real ones, and what several test targets share.
    .executableTarget(
      name: "fake-stage", dependencies: ["StageKit", "Support"], path: "Tests/Support/FakeStage"),
    .target(name: "TestSupport", path: "Tests/Support/TestSupport"),

    .testTarget(
      name: "SupportTests", dependencies: ["Safetensors", "Support", "TestSupport"]),
    .testTarget(
      name: "ShardsTests", dependencies: ["Safetensors", "Shards", "Support", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Safetensors", "Shards", "Support", "TestSupport"]),
    .testTarget(
      name: "TokenizationTests",
      dependencies: [
        "Datasets", "Safetensors", "Shards", "Support", "TestSupport", "Tokenization",
        "VocabularyBuilding", "vocab",
      ]),
    .testTarget(
      name: "DLNCTests",
      dependencies: [
        "DLNC", "Kernels", "Safetensors", "Shards", "Support", "TestSupport", "Tokenization",
        "Training",
      ]),
    .testTarget(
      name: "TrainingKitTests",
      dependencies: [
        "DLNC", "Safetensors", "Shards", "StageKit", "Support", "Tokenization", "Training",
        "TrainingKit", yams,
      ]),
    .testTarget(
      name: "BenchTests",
      dependencies: [
        "DLNC", "Datasets", "Safetensors", "Shards", "Support", "TestSupport", "Tokenization",
        "Training",
        "VocabularyBuilding", "bench",
      ]),
    .testTarget(
      name: "InferenceTests",
      dependencies: ["DLNC", "Datasets", "Inference", "Support", "Training"]),
    .testTarget(name: "ONNXTests", dependencies: ["ONNX"]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: ["DLNC", "Evaluation", "Shards", "Support", "TestSupport", "Training"]),
    .testTarget(
      name: "StageKitTests",
      dependencies: ["Safetensors", "StageKit", "Support", "TestSupport", "fake-stage", parser]),
    .testTarget(
      name: "PipelineKitTests",
      dependencies: [
        "PipelineKit", "Safetensors", "StageKit", "Support", "TestSupport", "fake-stage",
        "pipeline",
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "DLNC", "Datasets", "Safetensors", "Shards", "StageKit", "Support", "TestSupport",
        "TextClassification", "Tokenization", "TrainingKit", "Commands", "Training", "bench",
        "multicall",
        parser,
      ] + programs.map { .init(stringLiteral: $0) }),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "Safetensors", "Support", "TestSupport", "fake-stage", "ingest", "vocab", "pretrain",
        "train", "finetune", "evaluate", "export", "pipeline",
      ],
      exclude: ["faults.c", "unflushed.h"]),
  ] + programs.map { .executableTarget(name: $0, dependencies: ["Commands"]) } + fuzzing
)
