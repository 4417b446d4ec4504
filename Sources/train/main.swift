import Commands

await Program.train.run()
