import Commands

await Program.export.run()
