import Commands

await Program.vocab.run()
