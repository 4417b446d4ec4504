import Commands

await Program.pipeline.run()
