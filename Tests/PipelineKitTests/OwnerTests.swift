import Foundation
import PipelineKit
import Support
import TestSupport
import Testing

/// The record of the manifest to which a folder of outputs belongs.
struct OwnerTests {
  @Test func `of manifests that claim a folder at the same moment, one gets it`() async throws {
    let folder = try TemporaryDirectory()
    for number in 0..<8 {
      try folder.write("name: m\nstages: { a: { run: s\(number) } }\n", to: "\(number).yaml")
    }
    for round in 0..<20 {
      let owners = try await withThrowingTaskGroup(of: Int?.self) { group in
        for number in 0..<8 {
          group.addTask {
            let manifest = try Manifest(path: folder("\(number).yaml"))
            do { try manifest.claim(folder("\(round)/m")) } catch is UserError { return nil }
            return number
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
      }
      #expect(owners.count == 1)
      #expect(folder.read("\(round)/m/.manifest") == owners.first.map { "../../\($0).yaml" })
    }
  }

  @Test func `an export claims the folder, too`() throws {
    let project = try TestProject.chained()
    #expect(try project.pipeline("export", "m.yaml", "--format", "make").status == 0)
    let text = try #require(project.folder.read("m.yaml"))
    try project.folder.write(text.replacing("text: l", with: "text: x"), to: "copy.yaml")
    #expect(try project.pipeline("run", "copy.yaml").status == 73)
    #expect(try project.pipeline("run", "m.yaml").status == 0)
  }
}
