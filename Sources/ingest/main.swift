import Commands

await Program.ingest.run()
