import Foundation
import Support
import TextClassification

// The functions of dlnc.h, which documents them.

/// A classifier to which C has a pointer, with its names as C strings.
///
/// `@unchecked Sendable`: nothing changes after the initializer.
private final class Handle: @unchecked Sendable {
  let classifier: TextClassifier
  let tasks: [UnsafeMutablePointer<CChar>?]
  let classes: [[UnsafeMutablePointer<CChar>?]]

  init(path: String) throws {
    classifier = try TextClassifier(contentsOf: URL(fileURLWithPath: path))
    tasks = classifier.tasks.map { strdup($0.name) }
    classes = classifier.tasks.map { $0.classNames.map { strdup($0) } }
  }

  deinit { for name in tasks + classes.flatMap({ $0 }) { free(name) } }

  static func at(_ pointer: OpaquePointer?) -> Handle? {
    pointer.map { Unmanaged<Handle>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  func task(_ number: Int32) -> TextClassifier.Task? {
    classifier.tasks.indices.contains(Int(number)) ? classifier.tasks[Int(number)] : nil
  }
}

/// A pointer to the message of an error.
public typealias MessagePointer = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// `dlnc_open`, as in dlnc.h.
@_cdecl("dlnc_open")
public func openClassifier(_ path: UnsafePointer<CChar>?, _ error: MessagePointer?)
  -> OpaquePointer?
{
  do {
    guard let path, let name = String(validatingCString: path) else {
      throw UserError(
        .usage, at: "dlnc_open", problem: "a path that is NULL or not UTF-8",
        expected: "the path of a model")
    }
    return OpaquePointer(Unmanaged.passRetained(try Handle(path: name)).toOpaque())
  } catch let problem {
    _ = report(problem, error)
    return nil
  }
}

/// `dlnc_close`, as in dlnc.h.
@_cdecl("dlnc_close")
public func closeClassifier(_ classifier: OpaquePointer?) {
  guard let classifier else { return }
  Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(classifier)).release()
}

/// `dlnc_free`, as in dlnc.h.
@_cdecl("dlnc_free")
public func freeMessage(_ message: UnsafeMutablePointer<CChar>?) { free(message) }

/// `dlnc_task_count`, as in dlnc.h.
@_cdecl("dlnc_task_count")
public func taskCount(_ classifier: OpaquePointer?) -> Int32 {
  Handle.at(classifier).map { Int32(clamping: $0.tasks.count) } ?? -1
}

/// `dlnc_task_name`, as in dlnc.h.
@_cdecl("dlnc_task_name")
public func taskName(_ classifier: OpaquePointer?, _ task: Int32) -> UnsafePointer<CChar>? {
  guard let handle = Handle.at(classifier), handle.task(task) != nil else { return nil }
  return UnsafePointer(handle.tasks[Int(task)])
}

/// `dlnc_default_task`, as in dlnc.h.
@_cdecl("dlnc_default_task")
public func defaultTask(_ classifier: OpaquePointer?) -> Int32 {
  guard let classifier = Handle.at(classifier)?.classifier,
    let number = classifier.tasks.firstIndex(of: classifier.defaultTask)
  else { return -1 }
  return Int32(clamping: number)
}

/// `dlnc_class_count`, as in dlnc.h.
@_cdecl("dlnc_class_count")
public func classCount(_ classifier: OpaquePointer?, _ task: Int32) -> Int32 {
  Handle.at(classifier)?.task(task).map { Int32(clamping: $0.classNames.count) } ?? -1
}

/// `dlnc_class_name`, as in dlnc.h.
@_cdecl("dlnc_class_name")
public func className(
  _ classifier: OpaquePointer?, _ task: Int32, _ number: Int32
) -> UnsafePointer<CChar>? {
  guard let handle = Handle.at(classifier), let count = handle.task(task)?.classNames.count,
    (0..<count).contains(Int(number))
  else { return nil }
  return UnsafePointer(handle.classes[Int(task)][Int(number)])
}

/// `dlnc_is_multi_label`, as in dlnc.h.
@_cdecl("dlnc_is_multi_label")
public func isMultiLabel(_ classifier: OpaquePointer?, _ task: Int32) -> Int32 {
  Handle.at(classifier)?.task(task).map { $0.isMultiLabel ? 1 : 0 } ?? -1
}

/// `dlnc_predict`, as in dlnc.h.
@_cdecl("dlnc_predict")
public func predict(
  _ classifier: OpaquePointer?, _ task: Int32,
  _ texts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ threads: Int32,
  _ probabilities: UnsafeMutablePointer<Float>?, _ labels: UnsafeMutablePointer<UInt8>?,
  _ known: UnsafeMutablePointer<Double>?, _ error: MessagePointer?
) -> Int32 {
  do {
    guard let handle = Handle.at(classifier), let task = handle.task(task) else {
      throw UserError(
        .usage, at: "dlnc_predict", problem: "the task number \(task)",
        expected: "an open classifier and a number below dlnc_task_count")
    }
    let answers = try handle.classifier.predict(
      try strings(texts, count: count), task: task.name, threads: Int(threads))
    for (row, answer) in answers.enumerated() {
      known?[row] = answer.known
      for (number, name) in task.classNames.enumerated() {
        let index = row * task.classNames.count + number
        probabilities?[index] = answer.probabilities[name] ?? 0
        labels?[index] = answer.labels.contains(name) ? 1 : 0
      }
    }
    return 0
  } catch let problem {
    return report(problem, error)
  }
}

private func strings(
  _ texts: UnsafePointer<UnsafePointer<CChar>?>?, count: Int
) throws -> [String] {
  guard let texts else {
    if count == 0 { return [] }
    throw UserError(
      .usage, at: "dlnc_predict", problem: "texts that are NULL", expected: "\(count) texts")
  }
  return try (0..<max(count, 0)).map { row in
    guard let text = texts[row] else {
      throw UserError(
        .usage, at: "dlnc_predict, text \(row)", problem: "NULL", expected: "a text")
    }
    guard let string = String(validatingCString: text) else {
      throw UserError(
        .data, at: "dlnc_predict, text \(row)", problem: "bytes that are not UTF-8",
        expected: "a text in UTF-8")
    }
    return string
  }
}

/// Passes on the message of an error.
/// - Returns: its exit status.
private func report(_ problem: any Error, _ error: MessagePointer?) -> Int32 {
  error?.pointee = strdup("\(problem)")
  return (problem as? UserError)?.exitStatus.rawValue ?? UserError.ExitStatus.software.rawValue
}
