import Commands

await CombinedProgram.run()
