import Commands

await Program.evaluate.run()
