import Commands

await Program.finetune.run()
