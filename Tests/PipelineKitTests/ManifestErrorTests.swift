import Foundation
import Support
import Testing

@testable import PipelineKit

/// Manifests with mistakes, and the complete messages.
struct ManifestErrorTests {
  @Test func `a misspelt key is shown with what was meant`() async throws {
    try await expectMessage(
      """
      m.yaml:3:21: unknown key “inptus” in the stage “a”
        3 |   a: { run: ingest, inptus: { one: x } }
          |                     ^~~~~~
        expected: one of run, inputs, with, matrix, each, tune, resources
        what to do: did you mean “inputs”?
      """,
      for: manifest(stage: "a: { run: ingest, inptus: { one: x } }"))
    try await expectMessage(
      """
      m.yaml:1:1: unknown key “nmae” in a manifest
        1 | nmae: m
          | ^~~~
        expected: one of name, settings, stages
        what to do: did you mean “name”?
      m.yaml:1:1: no “name”
        1 | nmae: m
          | ^
        what to do: a manifest has the keys name, settings, stages
      """,
      for: "nmae: m\nstages:\n  a: { run: ingest }")
  }

  @Test func `every mistake is reported at once, in the order of the file`() async throws {
    try await expectMessage(
      """
      m.yaml:1:7: “a b” cannot name the manifest
        1 | name: a b
          |       ^~~
        expected: letters, digits, - and _, at most 64, beginning with a letter or digit
      m.yaml:3:29: ingest has no option --txet
        3 |   a: { run: ingest, with: { txet: "{x}", colour: blue } }
          |                             ^~~~
        what to do: did you mean “text”?
      m.yaml:3:35: no setting “x”
        3 |   a: { run: ingest, with: { txet: "{x}", colour: blue } }
          |                                   ^~~~~
        what to do: there is no setting here
      m.yaml:3:50: --colour does not take “blue”
        3 |   a: { run: ingest, with: { txet: "{x}", colour: blue } }
          |                                                  ^~~~
        what to do: the values here are red, green
      m.yaml:4:3: the stage “b” has no “run”
        4 |   b: { inputs: { one: a } }
          |   ^
        what to do: name its executable: run: …
      m.yaml:5:26: no stage “d”
        5 |   c: { run: train, each: d, with: { output: here } }
          |                          ^
        what to do: did you mean “a”?
      m.yaml:5:37: --output is set by pipeline
        5 |   c: { run: train, each: d, with: { output: here } }
          |                                     ^~~~~~
        what to do: leave it out
      """,
      for: """
        name: a b
        stages:
          a: { run: ingest, with: { txet: "{x}", colour: blue } }
          b: { inputs: { one: a } }
          c: { run: train, each: d, with: { output: here } }
        """)
  }

  @Test func `resources have known keys and valid values`() async throws {
    try await expectMessage(
      """
      m.yaml:4:34: unknown key “tmie” in “resources”
        4 |   a: { run: ingest, resources: { tmie: 90, memory: 4 GB, cpus: 0 } }
          |                                  ^~~~
        expected: one of partition, time, memory, cpus, account
        what to do: did you mean “time”?
      m.yaml:4:52: “4 GB” for “memory”
        4 |   a: { run: ingest, resources: { tmie: 90, memory: 4 GB, cpus: 0 } }
          |                                                    ^~~~
        expected: an amount of memory such as 4G or 500M
      m.yaml:4:64: “0” for “cpus”
        4 |   a: { run: ingest, resources: { tmie: 90, memory: 4 GB, cpus: 0 } }
          |                                                                ^
        expected: a number, 1 to 1024
      m.yaml:5:40: “many” for “time”
        5 |   b: { run: ingest, resources: { time: "{hours}", account: "-x", partition: [p] } }
          |                                        ^~~~~~~~~
        expected: a time such as 90 (minutes), 2:00:00 or 1-12
      m.yaml:5:60: “-x” for “account”
        5 |   b: { run: ingest, resources: { time: "{hours}", account: "-x", partition: [p] } }
          |                                                            ^~~~
        expected: the name of an account
      m.yaml:5:77: a list for “partition”
        5 |   b: { run: ingest, resources: { time: "{hours}", account: "-x", partition: [p] } }
          |                                                                             ^
        expected: a single value
      """,
      for: """
        name: m
        settings: { hours: many }
        stages:
          a: { run: ingest, resources: { tmie: 90, memory: 4 GB, cpus: 0 } }
          b: { run: ingest, resources: { time: "{hours}", account: "-x", partition: [p] } }
          c: { run: ingest, resources: { time: 1-12, memory: 4G, cpus: 2, account: us } }
        """)
  }

  @Test func `a YAML syntax error is shown at its position`() async throws {
    try await expectMessage(
      """
      m.yaml:4:4: not YAML: did not find expected ',' or '}'
        4 |   b: c
          |    ^
        what to do: close the { in line 3
      """,
      for: manifest(stage: "a: { run: ingest\n  b: c"))
    try await expectMessage(
      """
      m.yaml:3:6: not YAML: found undefined alias
        3 |   a: *nowhere
          |      ^
        what to do: define it before, with &, or quote a value that begins with *
      """,
      for: manifest(stage: "a: *nowhere"))
    try await expectMessage(
      """
      m.yaml:3:8: duplicate key “run” in a mapping
        3 |   a: { run: ingest, run: vocab }
          |        ^
        what to do: keep one
      """,
      for: manifest(stage: "a: { run: ingest, run: vocab }"))
    let nested = await (try TestProject()).message(String(repeating: "[", count: 100_000))
    #expect(nested.hasPrefix("m.yaml:1:1: not YAML: Maximum nesting level reached"))
  }

  @Test func `a file that does not have the form of a manifest is rejected`() async throws {
    try await expectMessage(
      """
      m.yaml: an empty file
        expected: a manifest
        what to do: see pipelines/quickstart.yaml for an example
      """,
      for: "")
    try await expectMessage(
      """
      m.yaml:1:1: a list for a manifest
        1 | [1, 2]
          | ^
        expected: a mapping of keys to values
      """,
      for: "[1, 2]")
    try await expectMessage(
      """
      m.yaml:2:9: a single value for “stages”
        2 | stages: none
          |         ^~~~
        expected: a mapping of keys to values
        what to do: write NAME: { run: … } for each stage
      """,
      for: "name: m\nstages: none")
  }

  @Test func `a value that is missing or of the wrong kind is refused`() async throws {
    try await expectMessage(
      """
      m.yaml:3:29: no value for “number”
        3 |   a: { run: ingest, with: { number: , text: ~ } }
          |                             ^~~~~~
        what to do: give one, or leave the key out
      m.yaml:3:39: no value for “text”
        3 |   a: { run: ingest, with: { number: , text: ~ } }
          |                                       ^~~~
        what to do: give one, or leave the key out; the text “~” needs quotes
      """,
      for: manifest(stage: "a: { run: ingest, with: { number: , text: ~ } }"))
    try await expectMessage(
      """
      m.yaml:3:37: --polish is a flag
        3 |   a: { run: ingest, with: { polish: 1, loud: [true], number: [1], list: [] } }
          |                                     ^
        what to do: write true or false
      m.yaml:3:40: --loud takes no value, this is a list
        3 |   a: { run: ingest, with: { polish: 1, loud: [true], number: [1], list: [] } }
          |                                        ^~~~
        what to do: write true or false
      m.yaml:3:54: --number takes one value, this is a list
        3 |   a: { run: ingest, with: { polish: 1, loud: [true], number: [1], list: [] } }
          |                                                      ^~~~~~
        what to do: give one, or make it an axis: matrix: { number: […] }
      m.yaml:3:73: an empty list
        3 |   a: { run: ingest, with: { polish: 1, loud: [true], number: [1], list: [] } }
          |                                                                         ^
      """,
      for: manifest(
        stage: "a: { run: ingest, with: { polish: 1, loud: [true], number: [1], list: [] } }"))
    try await expectMessage(
      """
      m.yaml:3:36: a mapping for “one”
        3 |   a: { run: ingest, inputs: { one: { path: x } }, with: { --text: y } }
          |                                    ^
        expected: a single value
      m.yaml:3:59: “--text” is not the name of a flag
        3 |   a: { run: ingest, inputs: { one: { path: x } }, with: { --text: y } }
          |                                                           ^~~~~~
        what to do: write it without the dashes
      """,
      for: manifest(stage: "a: { run: ingest, inputs: { one: { path: x } }, with: { --text: y } }"))
  }

  @Test func `names that could leave the output folder are refused`() async throws {
    for name in ["../a", "a/b", ".a", "-a", "", "a b", "é", String(repeating: "a", count: 65)] {
      let message = await (try TestProject()).message(
        manifest(stage: "\"\(name)\": { run: ingest }"))
      #expect(message.contains("cannot name a stage"), "\(name)")
    }
    try await expectMessage(
      """
      m.yaml:3:13: “../bin/ingest” cannot name an executable
        3 |   a: { run: ../bin/ingest }
          |             ^~~~~~~~~~~~~
        expected: letters, digits, - and _, at most 64, beginning with a letter or digit
      """,
      for: manifest(stage: "a: { run: ../bin/ingest }"))
    #expect(
      await (try TestProject()).message(manifest(stage: "a: { run: train --seed 1 }"))
        .hasSuffix("\n  what to do: write its options under with:"))
    try await expectMessage(
      """
      m.yaml:3:40: “../2” cannot be part of a folder's name
        3 |   a: { run: train, matrix: { seed: [1, ../2, x.lock] } }
          |                                        ^~~~
        what to do: use letters, digits and - _ + . in the values of an axis
      m.yaml:3:46: “x.lock” cannot be part of a folder's name
        3 |   a: { run: train, matrix: { seed: [1, ../2, x.lock] } }
          |                                              ^~~~~~
        what to do: use letters, digits and - _ + . in the values of an axis
      """,
      for: manifest(stage: "a: { run: train, matrix: { seed: [1, ../2, x.lock] } }"))
  }

  @Test func `stage names that differ in case alone are rejected`() async throws {
    try await expectMessage(
      """
      m.yaml:4:3: “vocab” and “Vocab” would share a folder on some systems
        4 |   vocab: { run: vocab }
          |   ^~~~~
        what to do: choose another name
      """,
      for: "name: m\nstages:\n  Vocab: { run: vocab }\n  vocab: { run: vocab }")
  }

  @Test func `only the part of a long line around the mistake is shown`() async throws {
    let long = String(repeating: "x", count: 200)
    try await expectMessage(
      """
      m.yaml:3:245: --polish is a flag
        3 | …\(String(repeating: "x", count: 20)), polish: maybe, list: \(String(repeating: "x", count: 47))…
          |                                ^~~~~
        what to do: write true or false
      """,
      for: manifest(
        stage: "a: { run: ingest, with: { text: \(long), polish: maybe, list: \(long) } }"))
  }
}
