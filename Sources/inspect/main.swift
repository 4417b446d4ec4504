import Commands

await Program.inspect.run()
