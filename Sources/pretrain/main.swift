import Commands

await Program.pretrain.run()
