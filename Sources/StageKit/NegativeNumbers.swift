/// Arguments with each negative number joined to the flag before it, `--seed -1` as `--seed=-1`:
/// ArgumentParser takes a leading dash for another flag and would say that the value is missing.
public func joiningNegativeNumbers(_ arguments: some Sequence<String>) -> [String] {
  var result: [String] = []
  for argument in arguments {
    if let flag = result.last, isLongFlag(flag), isNegativeNumber(argument), !result.contains("--")
    {
      result[result.endIndex - 1] = "\(flag)=\(argument)"
    } else {
      result.append(argument)
    }
  }
  return result
}

private func isLongFlag(_ argument: String) -> Bool {
  argument.hasPrefix("--") && argument.count > 2 && !argument.contains("=")
}

private func isNegativeNumber(_ argument: String) -> Bool {
  argument.hasPrefix("-") && Double(argument) != nil
}
