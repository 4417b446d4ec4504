// The documentation catalog belongs to a target so that DocC tools find it; there is no code.
