import Commands

await Program.predict.run()
